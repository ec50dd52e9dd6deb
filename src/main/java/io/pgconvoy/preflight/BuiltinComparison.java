package io.pgconvoy.preflight;

import io.pgconvoy.catalog.Builtins;

/** Both servers' built-in objects, asked for once, by the first check that needs them. For one preflight, in one thread. */
final class BuiltinComparison {
    private Builtins source;
    private Builtins target;
    private LostBuiltins lost;

    Builtins source(CheckContext context) {
        ask(context);
        return source;
    }

    Builtins target(CheckContext context) {
        ask(context);
        return target;
    }

    /** What the target lacks. */
    LostBuiltins lost(CheckContext context) {
        ask(context);
        return lost;
    }

    private void ask(CheckContext context) {
        if (lost == null) {
            source = Builtins.of(context.onSource());
            target = Builtins.of(context.onTarget());
            lost = LostBuiltins.between(source, target);
        }
    }
}
