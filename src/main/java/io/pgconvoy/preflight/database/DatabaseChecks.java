package io.pgconvoy.preflight.database;

import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.rehearsal.LocaleProbe;
import io.pgconvoy.preflight.removed.RemovedFeatures;
import java.util.ArrayList;
import java.util.List;

/** The checks that look into each database, in the order of their reports. */
public final class DatabaseChecks {
    private DatabaseChecks() {}

    public static List<DatabaseCheck> all() {
        Extensions extensions = new Extensions();
        ExtensionTrial trial = new ExtensionTrial(extensions);
        List<DatabaseCheck> checks = new ArrayList<>(ObjectChecks.unreadable());
        checks.addAll(List.of(
                new NameEncodingCheck(),
                new RoleEncodingCheck(),
                ExtensionChecks.creatable(extensions),
                ExtensionChecks.versions(extensions),
                ExtensionChecks.privileges(extensions),
                ExtensionChecks.libraries(extensions),
                new ExtensionAdditionsCheck(extensions, trial),
                new ExtensionRemovalsCheck(extensions, trial),
                new ExtensionRowsCheck(extensions, trial),
                new LanguageCheck(extensions),
                new LibraryCheck(),
                new CollationCheck(new LocaleProbe()),
                new CollationVersionCheck(),
                new MissingRoleCheck(),
                new DroppedRoleCheck(),
                new SecurityLabelCheck()));
        checks.addAll(ObjectChecks.all());
        checks.addAll(List.of(
                new LargeObjectCheck(),
                new ImplicitOperatorsCheck(),
                new SystemObjectsCheck(),
                new ColumnOptionsCheck(),
                new LockTableCheck()));
        checks.addAll(RemovedFeatures.all());
        return checks;
    }
}
