package io.pgconvoy.preflight;

import java.util.ArrayList;
import java.util.List;

/** The checks that look into each database, in the order of their reports. */
final class DatabaseChecks {
    private DatabaseChecks() {}

    static List<DatabaseCheck> all() {
        Extensions extensions = new Extensions();
        ExtensionTrial trial = new ExtensionTrial(extensions);
        List<DatabaseCheck> checks = new ArrayList<>(List.of(
                new ReadableTableCheck(),
                new RowSecurityCheck(),
                new NameEncodingCheck(),
                new RoleEncodingCheck(),
                new ExtensionCheck(extensions),
                new ExtensionVersionCheck(extensions),
                new ExtensionPrivilegeCheck(extensions),
                new ExtensionLibraryCheck(extensions),
                new ExtensionAdditionsCheck(extensions, trial),
                new ExtensionRemovalsCheck(extensions, trial),
                new ExtensionRowsCheck(extensions, trial),
                new LanguageCheck(extensions),
                new LibraryCheck(),
                new CollationCheck(new LocaleProbe()),
                new CollationVersionCheck(),
                new MissingRoleCheck(),
                new DroppedRoleCheck(),
                new SecurityLabelCheck(),
                new MutedForeignKeyCheck(),
                new InheritedNotNullCheck(),
                new InvalidIndexCheck(),
                new SubscriptionCheck(),
                new UserMappingCheck(),
                new UnloggedTableCheck(),
                new UnvalidatedConstraintCheck(),
                new DisabledTriggerCheck(),
                new PublicationCheck(),
                new ForeignServerCheck(),
                new LargeObjectCheck(),
                new ImplicitOperatorsCheck(),
                new SystemObjectsCheck(),
                new ColumnOptionsCheck(),
                new LockTableCheck()));
        checks.addAll(RemovedFeatureChecks.all());
        return checks;
    }
}
