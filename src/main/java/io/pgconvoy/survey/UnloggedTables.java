package io.pgconvoy.survey;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.journal.DatabaseJournal;
import io.pgconvoy.journal.Markers.Unlogged;
import io.pgconvoy.journal.Markers.UnloggedRelation;
import io.pgconvoy.journal.Step;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Notices that a crash of the target has emptied unlogged tables, which no marker would tell: the server's recovery
 * truncates them, and starts unlogged sequences anew.
 *
 * <p>A recovery resets the server's statistics as well, and so does a promotion of a standby, while a clean restart keeps
 * both; so the time of that reset tells one life of the server from the next. The postmaster's start would not: it
 * survives the crash of a backend, after which everything is recovered, too.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-UNLOGGED">UNLOGGED</a>
 */
public record UnloggedTables(Server target) {
    /** Which life of the server this is. */
    public String life() {
        try (Session session = target.shared("asking for its statistics' reset")) {
            return life(session);
        }
    }

    /**
     * Makes sure that the server has not crashed meanwhile.
     *
     * @throws PgconvoyException where it has, for a reason that passes
     */
    public void requireSame(DatabaseName database, String life) {
        try (Session session = target.session(database, "loading it")) {
            if (!life(session).equals(life)) {
                throw session.crashed();
            }
        }
    }

    /**
     * Remembers what is filled by now.
     *
     * @param life in which the filling began
     */
    public void remember(DatabaseJournal journal, String life) {
        DatabaseName database = journal.database();
        try (Session session = target.shared(database, "looking for unlogged tables")) {
            List<UnloggedRelation> filled = filled(session);
            if (filled.isEmpty()) {
                journal.delete(Step.UNLOGGED);
            } else {
                journal.write(Step.UNLOGGED, new Unlogged(database.value(), life, filled));
            }
        }
    }

    /**
     * What was filled, and is empty since the server crashed; by name.
     *
     * @param known what the journal remembers
     */
    public List<String> lost(DatabaseName database, Optional<Unlogged> known) {
        if (known.isEmpty()) {
            return List.of();
        }
        try (Session session = target.session(database, "looking whether its unlogged tables are filled yet")) {
            if (life(session).equals(known.get().life())) {
                return List.of();
            }
            Set<UnloggedRelation> filled = new HashSet<>(filled(session));
            Set<UnloggedRelation> present = new HashSet<>(all(session));
            return known.get().filled().stream()
                    .filter(relation -> present.contains(relation) && !filled.contains(relation))
                    .map(relation -> relation.schema() + "." + relation.name())
                    .toList();
        }
    }

    private static String life(Session session) {
        return session.first(
                        "SELECT stats_reset::text FROM pg_catalog.pg_stat_bgwriter",
                        row -> String.valueOf(row.getString(1)))
                .orElse("");
    }

    private static List<UnloggedRelation> filled(Session session) {
        return all(session).stream()
                .filter(relation -> isFilled(session, relation))
                .toList();
    }

    private static boolean isFilled(Session session, UnloggedRelation relation) {
        String name = Sql.qualified(relation.schema(), relation.name());
        return session.flag(
                relation.sequence()
                        // One that was set to a value, but has not handed it out, starts anew as well.
                        ? "SELECT s.is_called OR s.last_value <> q.seqstart FROM " + name
                                + " AS s CROSS JOIN pg_catalog.pg_sequence AS q WHERE q.seqrelid = "
                                + Sql.literal(name) + "::pg_catalog.regclass"
                        : "SELECT EXISTS (SELECT FROM ONLY " + name + ")");
    }

    private static List<UnloggedRelation> all(Session session) {
        return session.list("""
                SELECT n.nspname, c.relname, c.relkind = 'S'
                  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relpersistence = 'u' AND c.relkind IN ('r', 'S') AND n.nspname NOT LIKE 'pgconvoy\\_%'
                 ORDER BY 1, 2
                """, row -> new UnloggedRelation(row.getString(1), row.getString(2), row.getBoolean(3)));
    }
}
