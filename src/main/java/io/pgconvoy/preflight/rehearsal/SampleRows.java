package io.pgconvoy.preflight.rehearsal;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.preflight.rehearsal.SampleTables.Table;
import io.pgconvoy.preflight.rehearsal.SampleTables.View;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.postgresql.util.ServerErrorMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the first rows of tables into a scratch database that holds their schema, with an empty search path as pg_restore
 * does, and fills materialized views from them. So the target itself evaluates what a restore will: CHECK constraints,
 * indexed expressions, generated columns, domains, bounds of partitions. It is done there and not on the source, since code
 * of the databases' users runs: a migration runs it on the target, too, while a dump never runs it on the source.
 */
final class SampleRows {
    private static final Logger log = LoggerFactory.getLogger(SampleRows.class);

    /** For one table or view; who takes longer is let go. */
    private static final String TIMEOUT = "SET statement_timeout = '5s'";

    /** Planning a query expands functions that indexes use, which have to find what they name. */
    private static final String EVERYTHING_BY_PATH = """
            SELECT set_config('search_path', string_agg(quote_ident(nspname), ', ' ORDER BY nspname <> 'public', nspname), false)
              FROM pg_namespace WHERE nspname !~ '^pg_'
            """;

    /** Removes what a restore makes when the rows are there, and what fires also in a session of replication. */
    private static final String NOT_THERE_YET = """
            SELECT pg_catalog.format('DROP EVENT TRIGGER %I', evtname) FROM pg_catalog.pg_event_trigger
             WHERE evtenabled IN ('A', 'R')
            UNION ALL
            SELECT pg_catalog.format('DROP TRIGGER %I ON %s', tgname, tgrelid::pg_catalog.regclass)
              FROM pg_catalog.pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('A', 'R')
            UNION ALL
            SELECT pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::pg_catalog.regclass, conname)
              FROM pg_catalog.pg_constraint
             WHERE contype = 'c' AND NOT convalidated AND conrelid <> 0 AND coninhcount = 0
            UNION ALL
            SELECT pg_catalog.format('ALTER DOMAIN %s DROP CONSTRAINT %I', contypid::pg_catalog.regtype, conname)
              FROM pg_catalog.pg_constraint WHERE contype = 'c' AND NOT convalidated AND contypid <> 0
            """;

    private static final String CHECK_VIOLATION = "23514";
    private static final String NOT_FILLED_YET = "55000";

    /** Tables that a transaction has read, apart from one, its parents and its children; extensions fill theirs at once. */
    private static final String READ = """
            WITH RECURSIVE above AS (
                SELECT %1$s::pg_catalog.oid AS relation
                UNION
                SELECT i.inhparent FROM above a JOIN pg_catalog.pg_inherits i ON i.inhrelid = a.relation
            ), below AS (
                SELECT %1$s::pg_catalog.oid AS relation
                UNION
                SELECT i.inhrelid FROM below b JOIN pg_catalog.pg_inherits i ON i.inhparent = b.relation
            )
            SELECT DISTINCT pg_catalog.format('%%I.%%I', n.nspname, c.relname)
              FROM pg_catalog.pg_locks l
              JOIN pg_catalog.pg_class c ON c.oid = l.relation
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND c.oid >= 16384
               AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
               AND c.relkind IN ('r', 'p', 'm', 'f')
               AND c.oid NOT IN (SELECT relation FROM above) AND c.oid NOT IN (SELECT relation FROM below)
               AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                                WHERE e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid
                                  AND e.deptype = 'e')
             ORDER BY 1
            """;

    private final Server source;
    private final Server target;
    private final DatabaseName database;
    private final DatabaseName scratch;
    private final String encoding;
    private final SampleFindings says;

    /**
     * One for one database.
     *
     * @param database on the source
     * @param scratch on the target, where its schema has been restored
     * @param encoding of both
     */
    SampleRows(Server source, Server target, DatabaseName database, DatabaseName scratch, String encoding) {
        this.source = source;
        this.target = target;
        this.database = database;
        this.scratch = scratch;
        this.encoding = encoding;
        this.says = new SampleFindings(database);
    }

    /**
     * Loads and looks.
     *
     * @throws PgconvoyException where a server goes away
     */
    List<Finding> run() {
        List<Finding> findings = new ArrayList<>();
        try (Session from = source.session(database, "rehearsing rows")) {
            from.execute("SET default_transaction_read_only = on; SET lock_timeout = '1s'; " + TIMEOUT);
            List<Table> tables = SampleTables.tables(from);
            List<View> views = SampleTables.views(from);
            if (!tables.isEmpty() || !views.isEmpty()) {
                from.execute(EVERYTHING_BY_PATH);
                load(from, tables, views, findings);
            }
            findings.addAll(says.broken(BrokenForeignKeys.find(from)));
        }
        return findings;
    }

    private void load(Session from, List<Table> tables, List<View> views, List<Finding> findings) {
        try (Session to = target.session(scratch, "rehearsing rows")) {
            to.execute(TIMEOUT + "; SET search_path = ''; SET synchronous_commit = off");
            boolean quiet = silenceTriggers(to);
            for (String sql : to.texts(NOT_THERE_YET)) {
                try {
                    to.execute(sql);
                } catch (SqlFailure gone) {
                    // A partition's trigger goes with its parent's.
                    log.debug("database {}: {}: {}", scratch, sql, gone.reason());
                }
            }
            for (Table table : tables) {
                if (isThere(to, table.sqlName()) && (quiet || !hasTriggers(to, table))) {
                    sample(from, table)
                            .ifPresent(rows ->
                                    findings.addAll(load(to.doing("rehearsing " + table.label()), table, rows)));
                }
            }
            fill(to, views, findings);
        }
    }

    /** No trigger fires while a restore loads rows, and no foreign key is there yet. */
    private static boolean silenceTriggers(Session to) {
        try {
            to.set("session_replication_role", "replica");
            return true;
        } catch (SqlFailure refused) {
            return false;
        }
    }

    private static boolean hasTriggers(Session to, Table table) {
        return to.flag("SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = " + table.sqlOid() + ")");
    }

    /** What could not be made the rehearsal of the schema has told. */
    private static boolean isThere(Session to, String name) {
        return to.flag("SELECT pg_catalog.to_regclass(" + Sql.literal(name) + ") IS NOT NULL");
    }

    /** A table's first rows; empty where there are none, or where they cannot be read just now. */
    private Optional<byte[]> sample(Session from, Table table) {
        if (table.columns().isEmpty()) {
            return Optional.empty();
        }
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        try {
            from.copyOut(table.copyOut(encoding), rows::writeBytes);
            return rows.size() == 0 ? Optional.empty() : Optional.of(rows.toByteArray());
        } catch (SqlFailure failure) {
            // That rows cannot be read other checks tell.
            log.debug("database {}: no sample of {}: {}", database, table.label(), failure.reason());
            return Optional.empty();
        }
    }

    private List<Finding> load(Session to, Table table, byte[] rows) {
        List<String> others;
        try {
            others = to.committed(here -> {
                copyIn(here, table, rows);
                return here.texts(READ.formatted(table.sqlOid()));
            });
        } catch (SqlFailure failure) {
            return judge(to, table, rows, failure);
        }
        List<Finding> findings = new ArrayList<>(analyze(to, table));
        if (!others.isEmpty()) {
            findings.add(says.readsOthers(table.label(), others));
        }
        return findings;
    }

    /** Statistics on expressions are gathered when all rows are there. */
    private List<Finding> analyze(Session to, Table table) {
        if (!table.statistics()) {
            return List.of();
        }
        try {
            to.execute("ANALYZE " + table.sqlName());
            return List.of();
        } catch (SqlFailure failure) {
            return SampleFindings.isName(failure) ? List.of(says.statistics(table.label(), failure)) : List.of();
        }
    }

    private List<Finding> judge(Session to, Table table, byte[] rows, SqlFailure failure) {
        String state = failure.state();
        if (state.startsWith("57") || state.startsWith("08") || state.startsWith("53") || state.startsWith("25")) {
            log.debug("database {}: sample of {}: {}", database, table.label(), failure.reason());
            return List.of();
        }
        if (SampleFindings.isName(failure)) {
            return List.of(says.name(table.label(), failure));
        }
        Optional<String> constraint = constraint(failure);
        if (state.equals(CHECK_VIOLATION) && constraint.isPresent()) {
            List<String> others = readBy(to, table, rows, constraint.get());
            return List.of(
                    others.isEmpty()
                            ? says.refused(table.label(), failure)
                            : says.readsOthers(table.label() + ", constraint " + constraint.get(), others));
        }
        // Integrity of the rows among themselves does not hang on other tables; what functions and domains say may.
        boolean certain = state.startsWith("22")
                || (state.startsWith("23") && !(state.equals(CHECK_VIOLATION) && isOfDomain(failure)));
        return List.of(certain ? says.refused(table.label(), failure) : says.doubtful(table.label(), failure));
    }

    /** A table's CHECK constraint that a row breaks. */
    private static Optional<String> constraint(SqlFailure failure) {
        return isOfDomain(failure) ? Optional.empty() : failure.said().map(ServerErrorMessage::getConstraint);
    }

    private static boolean isOfDomain(SqlFailure failure) {
        return failure.said().map(ServerErrorMessage::getDatatype).isPresent();
    }

    /** The other tables that a constraint reads, found by evaluating it over the rows without enforcing it. */
    private List<String> readBy(Session to, Table table, byte[] rows, String constraint) {
        try {
            return to.rolledBack(here -> {
                Optional<String> expression = here.text(
                        "SELECT pg_catalog.pg_get_expr(conbin, conrelid) FROM pg_catalog.pg_constraint WHERE conrelid = "
                                + table.sqlOid() + " AND conname = " + Sql.literal(constraint));
                here.execute("ALTER TABLE " + table.sqlName() + " DROP CONSTRAINT " + Sql.identifier(constraint));
                copyIn(here, table, rows);
                expression.ifPresent(
                        check -> here.execute("SELECT pg_catalog.count(" + check + ") FROM ONLY " + table.sqlName()));
                return here.texts(READ.formatted(table.sqlOid()));
            });
        } catch (SqlFailure unknown) {
            log.debug("database {}: constraint {}: {}", database, constraint, unknown.reason());
            return List.of();
        }
    }

    private void copyIn(Session to, Table table, byte[] rows) {
        to.copyIn(table.copyIn(encoding), new ByteArrayInputStream(rows));
    }

    /** Fills what can be filled; a view that shows another one that has no rows yet is tried again after it. */
    private void fill(Session to, List<View> views, List<Finding> findings) {
        List<View> open = views;
        while (!open.isEmpty()) {
            List<View> again = new ArrayList<>();
            for (View view : open) {
                if (isThere(to, view.sqlName()) && !fill(to, view, findings)) {
                    again.add(view);
                }
            }
            open = again.size() < open.size() ? again : List.of();
        }
    }

    /** @return whether there is no need to try again */
    private boolean fill(Session to, View view, List<Finding> findings) {
        try {
            to.execute("REFRESH MATERIALIZED VIEW " + view.sqlName());
        } catch (SqlFailure failure) {
            if (NOT_FILLED_YET.equals(failure.state())) {
                return false;
            }
            // Anything else may come of there being a few rows only.
            if (SampleFindings.isName(failure)) {
                findings.add(says.name(view.label(), failure));
            }
        }
        return true;
    }
}
