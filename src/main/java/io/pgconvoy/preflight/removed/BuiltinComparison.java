package io.pgconvoy.preflight.removed;

import io.pgconvoy.catalog.objects.Builtins;
import io.pgconvoy.preflight.CheckContext;

/** Both servers' built-in objects, asked for once, by the first check that needs them. For one preflight, as its checks. */
public final class BuiltinComparison {
    private Builtins source;
    private Builtins target;
    private RemovedBuiltins lost;

    Builtins source(CheckContext context) {
        ask(context);
        return source;
    }

    Builtins target(CheckContext context) {
        ask(context);
        return target;
    }

    /** What the target lacks. */
    RemovedBuiltins lost(CheckContext context) {
        ask(context);
        return lost;
    }

    private void ask(CheckContext context) {
        if (lost == null) {
            source = Builtins.of(context.onSource());
            target = Builtins.of(context.onTarget());
            lost = RemovedBuiltins.between(source, target);
        }
    }
}
