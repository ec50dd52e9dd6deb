package io.pgconvoy.preflight;

import java.util.List;

/**
 * The checks for what later versions removed or changed, so that a restore fails or loses something. Much of the list is that
 * of {@code pg_upgrade --check}, but for what matters to data files alone.
 *
 * @see <a href="https://github.com/postgres/postgres/blob/master/src/bin/pg_upgrade/check.c">pg_upgrade's check.c</a>
 */
final class RemovedFeatureChecks {
    private RemovedFeatureChecks() {}

    static List<DatabaseCheck> all() {
        BuiltinComparison builtins = new BuiltinComparison();
        return List.of(
                new RemovedBuiltinsCheck(builtins),
                new TablesWithOidsCheck(),
                new PostfixOperatorsCheck(),
                new UnknownColumnsCheck(),
                new SequenceColumnsCheck(),
                new ConditionalSetsCheck(),
                new ExtensionMembersCheck(),
                new BuiltinCastsCheck(builtins),
                new EncodingConversionsCheck(),
                new ForeignKeyCollationsCheck(),
                new FunctionSettingsCheck(),
                new InternalFunctionsCheck(builtins),
                new SearchPathCheck(),
                new FunctionTextsCheck(builtins),
                new NewBuiltinsCheck(builtins));
    }
}
