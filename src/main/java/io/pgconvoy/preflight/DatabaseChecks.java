package io.pgconvoy.preflight;

import java.util.List;

/** The checks that look into each database, in the order of their reports. */
final class DatabaseChecks {
    private DatabaseChecks() {}

    static List<DatabaseCheck> all() {
        return List.of(new ReadableDataCheck(), new ColumnOptionsCheck(), new LockTableCheck());
    }
}
