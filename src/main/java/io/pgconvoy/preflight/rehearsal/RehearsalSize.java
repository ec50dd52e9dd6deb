package io.pgconvoy.preflight.rehearsal;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import java.util.List;

/**
 * How much a rehearsal has to make.
 *
 * @param databases that are to be made and dropped again
 * @param objects relations and functions in them, those of extensions included
 */
public record RehearsalSize(int databases, long objects) {
    private static final int FEW_DATABASES = 60;
    private static final int FEW_OBJECTS = 6000;
    private static final long WORTH_A_REHEARSAL = 4L << 30;
    private static final long WORTH_AN_OBJECT = 5L << 20;

    /** Asks each database. */
    public static RehearsalSize of(Server source, List<DatabaseProperties> databases) {
        long objects = 0;
        for (DatabaseProperties database : databases) {
            if (databases.size() > FEW_DATABASES || objects > FEW_OBJECTS) {
                break;
            }
            try (Session session = source.session(database.name(), "counting its objects")) {
                objects += session.number("""
                        SELECT (SELECT count(*) FROM pg_class WHERE oid >= 16384 AND relkind <> 't'
                                                                AND relname NOT LIKE 'pg\\_toast%')
                               + (SELECT count(*) FROM pg_proc WHERE oid >= 16384)
                        """);
            }
        }
        return new RehearsalSize(databases.size(), objects);
    }

    /**
     * Whether moving a database takes so much longer than its rehearsal that this is not noticed: 4 GB, and 5 MB for
     * each object, take at least twenty times as long.
     */
    public static boolean paysFor(DatabaseProperties database, Server source) {
        long bytes = database.size().bytes();
        return bytes >= WORTH_A_REHEARSAL
                && bytes >= WORTH_A_REHEARSAL + of(source, List.of(database)).objects() * WORTH_AN_OBJECT;
    }

    /** Whether it takes a short time even on a small machine. */
    public boolean isSmall() {
        return databases <= FEW_DATABASES && objects <= FEW_OBJECTS;
    }

    /** For people. */
    @Override
    public String toString() {
        return databases
                + (databases == 1 ? " database" : " databases")
                + (objects > FEW_OBJECTS ? ", more than " + FEW_OBJECTS + " objects" : "");
    }
}
