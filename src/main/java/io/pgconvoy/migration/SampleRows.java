package io.pgconvoy.migration;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.migration.SampleTables.Table;
import io.pgconvoy.migration.SampleTables.View;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.Transaction;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.preflight.rehearsal.SampleFindings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;
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
                SELECT %1$s::pg_catalog.regclass::pg_catalog.oid AS relation
                UNION
                SELECT i.inhparent FROM above a JOIN pg_catalog.pg_inherits i ON i.inhrelid = a.relation
            ), below AS (
                SELECT %1$s::pg_catalog.regclass::pg_catalog.oid AS relation
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
    private final Cancellation cancellation;
    private final SampleFindings says;

    /**
     * One for one database.
     *
     * @param database on the source
     * @param scratch on the target, where its schema has been restored
     * @param encoding of both
     */
    SampleRows(
            Server source,
            Server target,
            DatabaseName database,
            DatabaseName scratch,
            String encoding,
            Cancellation cancellation) {
        this.source = source;
        this.target = target;
        this.database = database;
        this.scratch = scratch;
        this.encoding = encoding;
        this.cancellation = cancellation;
        this.says = new SampleFindings(database);
    }

    /**
     * Loads and looks.
     *
     * @throws PgconvoyException where a server goes away
     */
    List<Finding> run() {
        List<Finding> findings = new ArrayList<>();
        try (Connection from = source.open(database);
                var reading = cancellation.onCancel(() -> Cancellation.breakOff(from))) {
            from.setReadOnly(true);
            execute(from, TIMEOUT, "SET lock_timeout = '1s'");
            List<Table> tables = SampleTables.tables(from, source.version());
            List<View> views = SampleTables.views(from);
            if (!tables.isEmpty() || !views.isEmpty()) {
                execute(from, EVERYTHING_BY_PATH);
                load(from, tables, views, findings);
            }
            findings.addAll(says.broken(BrokenForeignKeys.find(from, source.version())));
        } catch (SQLException failure) {
            cancellation.check();
            throw source.failure(database, "rehearsing rows", failure);
        }
        return findings;
    }

    private void load(Connection from, List<Table> tables, List<View> views, List<Finding> findings) {
        try (Connection to = target.open(scratch);
                var writing = cancellation.onCancel(() -> Cancellation.breakOff(to))) {
            execute(to, TIMEOUT, "SET search_path = ''", "SET synchronous_commit = off");
            boolean quiet = silenceTriggers(to);
            for (String sql : texts(to, NOT_THERE_YET)) {
                try {
                    execute(to, sql);
                } catch (SQLException gone) {
                    // A partition's trigger goes with its parent's.
                    log.debug("database {}: {}: {}", scratch, sql, gone.getMessage());
                }
            }
            to.setAutoCommit(false);
            for (Table table : tables) {
                cancellation.check();
                if (isThere(to, table.sqlName()) && (quiet || !hasTriggers(to, table))) {
                    sample(from, table).ifPresent(rows -> findings.addAll(load(to, table, rows)));
                }
            }
            fill(to, views, findings);
        } catch (SQLException failure) {
            cancellation.check();
            throw target.failure(scratch, "rehearsing rows", failure);
        }
    }

    /** No trigger fires while a restore loads rows, and no foreign key is there yet. */
    private static boolean silenceTriggers(Connection to) {
        try {
            execute(to, "SET session_replication_role = replica");
            return true;
        } catch (SQLException refused) {
            return false;
        }
    }

    private static boolean hasTriggers(Connection to, Table table) throws SQLException {
        return !texts(
                        to,
                        "SELECT 't' FROM pg_catalog.pg_trigger WHERE tgrelid = " + Sql.literal(table.sqlName())
                                + "::pg_catalog.regclass LIMIT 1")
                .isEmpty();
    }

    /** What could not be made the rehearsal of the schema has told. */
    private static boolean isThere(Connection to, String name) throws SQLException {
        return texts(to, "SELECT pg_catalog.to_regclass(" + Sql.literal(name) + ")::pg_catalog.text").stream()
                .anyMatch(found -> found != null);
    }

    /** A table's first rows; empty where there are none, or where they cannot be read just now. */
    private Optional<byte[]> sample(Connection from, Table table) {
        if (table.columns().isEmpty()) {
            return Optional.empty();
        }
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        try {
            from.unwrap(PGConnection.class).getCopyAPI().copyOut(table.copyOut(encoding), rows);
            return rows.size() == 0 ? Optional.empty() : Optional.of(rows.toByteArray());
        } catch (SQLException | IOException failure) {
            // That rows cannot be read other checks tell.
            log.debug("database {}: no sample of {}: {}", database, table.label(), failure.getMessage());
            return Optional.empty();
        }
    }

    private List<Finding> load(Connection to, Table table, byte[] rows) {
        try {
            try {
                copyIn(to, table, rows);
                List<String> others = texts(to, READ.formatted(Sql.literal(table.sqlName())));
                to.commit();
                List<Finding> findings = new ArrayList<>(analyze(to, table));
                if (!others.isEmpty()) {
                    findings.add(says.readsOthers(table.label(), others));
                }
                return findings;
            } catch (SQLException failure) {
                Transaction.rollBack(to, failure);
                return judge(to, table, rows, failure);
            }
        } catch (SQLException | IOException failure) {
            cancellation.check();
            throw target.failure(scratch, "rehearsing " + table.label(), asSql(failure));
        }
    }

    /** Statistics on expressions are gathered when all rows are there. */
    private List<Finding> analyze(Connection to, Table table) throws SQLException {
        if (!table.statistics()) {
            return List.of();
        }
        try {
            execute(to, "ANALYZE " + table.sqlName());
            to.commit();
            return List.of();
        } catch (SQLException failure) {
            Transaction.rollBack(to, failure);
            return SampleFindings.isName(failure) ? List.of(says.statistics(table.label(), failure)) : List.of();
        }
    }

    private static SQLException asSql(Exception failure) {
        return failure instanceof SQLException problem ? problem : new SQLException(failure);
    }

    private List<Finding> judge(Connection to, Table table, byte[] rows, SQLException failure)
            throws SQLException, IOException {
        String state = String.valueOf(failure.getSQLState());
        if (state.startsWith("57") || state.startsWith("08") || state.startsWith("53") || state.startsWith("25")) {
            log.debug("database {}: sample of {}: {}", database, table.label(), failure.getMessage());
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
    private static Optional<String> constraint(SQLException failure) {
        return isOfDomain(failure) ? Optional.empty() : said(failure).map(ServerErrorMessage::getConstraint);
    }

    private static boolean isOfDomain(SQLException failure) {
        return said(failure).map(ServerErrorMessage::getDatatype).isPresent();
    }

    private static Optional<ServerErrorMessage> said(SQLException failure) {
        return failure instanceof PSQLException problem
                ? Optional.ofNullable(problem.getServerErrorMessage())
                : Optional.empty();
    }

    /** The other tables that a constraint reads, found by evaluating it over the rows without enforcing it. */
    private List<String> readBy(Connection to, Table table, byte[] rows, String constraint)
            throws SQLException, IOException {
        try (Transaction.Undo rollback = to::rollback) {
            List<String> expression = texts(
                    to,
                    "SELECT pg_catalog.pg_get_expr(conbin, conrelid) FROM pg_catalog.pg_constraint WHERE conrelid = "
                            + Sql.literal(table.sqlName()) + "::pg_catalog.regclass AND conname = "
                            + Sql.literal(constraint));
            execute(to, "ALTER TABLE " + table.sqlName() + " DROP CONSTRAINT " + Sql.identifier(constraint));
            copyIn(to, table, rows);
            for (String check : expression) {
                texts(to, "SELECT pg_catalog.count(" + check + ") FROM ONLY " + table.sqlName());
            }
            return texts(to, READ.formatted(Sql.literal(table.sqlName())));
        } catch (SQLException unknown) {
            log.debug("database {}: constraint {}: {}", database, constraint, unknown.getMessage());
            return List.of();
        }
    }

    private void copyIn(Connection to, Table table, byte[] rows) throws SQLException, IOException {
        to.unwrap(PGConnection.class).getCopyAPI().copyIn(table.copyIn(encoding), new ByteArrayInputStream(rows));
    }

    /** Fills what can be filled; a view that shows another one that has no rows yet is tried again after it. */
    private void fill(Connection to, List<View> views, List<Finding> findings) throws SQLException {
        List<View> open = views;
        while (!open.isEmpty()) {
            List<View> again = new ArrayList<>();
            for (View view : open) {
                cancellation.check();
                if (isThere(to, view.sqlName()) && !fill(to, view, findings)) {
                    again.add(view);
                }
            }
            open = again.size() < open.size() ? again : List.of();
        }
    }

    /** @return whether there is no need to try again */
    private boolean fill(Connection to, View view, List<Finding> findings) throws SQLException {
        try {
            execute(to, "REFRESH MATERIALIZED VIEW " + view.sqlName());
            to.commit();
        } catch (SQLException failure) {
            Transaction.rollBack(to, failure);
            if (NOT_FILLED_YET.equals(failure.getSQLState())) {
                return false;
            }
            // Anything else may come of there being a few rows only.
            if (SampleFindings.isName(failure)) {
                findings.add(says.name(view.label(), failure));
            }
        }
        return true;
    }

    private static void execute(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static List<String> texts(Connection connection, String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        }
        return texts;
    }
}
