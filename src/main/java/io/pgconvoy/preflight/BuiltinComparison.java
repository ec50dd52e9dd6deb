package io.pgconvoy.preflight;

import io.pgconvoy.catalog.Builtins;
import java.sql.SQLException;

/** Both servers' built-in objects, asked for once, by the first check that needs them. For one preflight, in one thread. */
final class BuiltinComparison {
    private Builtins source;
    private Builtins target;
    private LostBuiltins lost;

    Builtins source(Situation situation) throws SQLException {
        ask(situation);
        return source;
    }

    Builtins target(Situation situation) throws SQLException {
        ask(situation);
        return target;
    }

    /** What the target lacks. */
    LostBuiltins lost(Situation situation) throws SQLException {
        ask(situation);
        return lost;
    }

    private void ask(Situation situation) throws SQLException {
        if (lost == null) {
            source = Builtins.of(situation.source().connection());
            target = Builtins.of(situation.target().connection());
            lost = LostBuiltins.between(source, target);
        }
    }
}
