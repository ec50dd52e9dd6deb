package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.Parallelism;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.model.Finding;
import io.pgconvoy.plan.ConnectionBudget;
import io.pgconvoy.plan.ParallelismFit;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import io.pgconvoy.preflight.ServerSession;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Whether both servers have the connections that the parallelism takes, which is lowered where the user left it open. */
public final class ConnectionCheck extends ServerCheck {
    public ConnectionCheck() {
        super(
                "connections",
                "blocker, note",
                "too few connections for the parallelism asked for, with the numbers: of the server,"
                        + " and, for who is no superuser, by the CONNECTION LIMIT of the role and of the source's"
                        + " databases; parallelism that was lowered");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        ConnectionBudget source = sourceBudget(context.source(), context.databases());
        ConnectionBudget target = ConnectionBudget.of(context.target().status());
        try {
            Parallelism fitted = fit(context, source, target);
            ConnectionBudget plenty = new ConnectionBudget(Integer.MAX_VALUE, 0, 0);
            return fitted.equals(fit(context, plenty, plenty))
                    ? List.of()
                    : List.of(note(
                            "less goes on at once than this machine could do, to fit into the servers' connections: the"
                                    + " source can give " + source + ", the target " + target + "; so " + fitted,
                            "Free connections or raise max_connections, or the CONNECTION LIMIT of the role or database, if it shall go"
                                    + " faster."));
        } catch (PgconvoyException tooMany) {
            return List.of(blocker(tooMany.getMessage(), tooMany.hint()));
        }
    }

    /** How much goes on at once with these options; empty where the servers cannot bear it. */
    public static Optional<Parallelism> parallelism(CheckContext context) {
        try {
            return Optional.of(fit(
                    context,
                    sourceBudget(context.source(), context.databases()),
                    ConnectionBudget.of(context.target().status())));
        } catch (PgconvoyException tooMany) {
            return Optional.empty();
        }
    }

    private static Parallelism fit(CheckContext context, ConnectionBudget source, ConnectionBudget target) {
        return ParallelismFit.fit(
                context.config().parallelism(),
                source,
                target,
                Runtime.getRuntime().availableProcessors());
    }

    /** What the source can give, also to each of these databases; a superuser's sessions are not limited there. */
    public static ConnectionBudget sourceBudget(ServerSession source, List<DatabaseProperties> databases) {
        ConnectionBudget budget = ConnectionBudget.of(source.status());
        List<DatabaseProperties> limited = databases.stream()
                .filter(database -> database.connectionLimit() >= 0)
                .toList();
        return source.status().superuser() || limited.isEmpty()
                ? budget
                : budget.withDatabases(OptionalInt.of(leftByTheTightest(source, limited)));
    }

    private static int leftByTheTightest(ServerSession source, List<DatabaseProperties> limited) {
        return (int) Math.max(0, source.session().doing("counting its sessions").number("""
                SELECT min(d.datconnlimit - (SELECT count(*) FROM pg_stat_activity AS a
                                              WHERE a.datid = d.oid AND a.usename IS NOT NULL
                                                AND a.pid <> pg_backend_pid()))
                  FROM pg_database AS d WHERE d.oid::bigint = ANY (?)
                """, (Object)
                limited.stream().map(DatabaseProperties::oid).toArray(Long[]::new)));
    }
}
