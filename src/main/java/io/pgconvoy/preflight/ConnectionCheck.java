package io.pgconvoy.preflight;

import io.pgconvoy.catalog.ServerStatus;
import io.pgconvoy.config.Parallelism;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.plan.ConnectionBudget;
import io.pgconvoy.plan.ParallelismFit;
import java.util.List;
import java.util.Optional;

/** Whether both servers have the connections that the parallelism takes, which is lowered where the user left it open. */
final class ConnectionCheck implements ServerCheck {
    @Override
    public String name() {
        return "connections";
    }

    @Override
    public List<Finding> run(Situation situation) {
        ConnectionBudget source = budget(situation.source().status());
        ConnectionBudget target = budget(situation.target().status());
        try {
            Parallelism fitted = fit(situation, source, target);
            ConnectionBudget plenty = new ConnectionBudget(Integer.MAX_VALUE, 0, 0);
            return fitted.equals(fit(situation, plenty, plenty))
                    ? List.of()
                    : List.of(Finding.note(
                            this,
                            "less goes on at once than this machine could do, to fit into the servers' connections: the"
                                    + " source can give " + source + ", the target " + target + "; so " + fitted,
                            "Free connections or raise max_connections, if it shall go faster."));
        } catch (PgconvoyException tooMany) {
            return List.of(Finding.blocker(this, tooMany.getMessage(), tooMany.hint()));
        }
    }

    /** How much goes on at once with these options; empty where the servers cannot bear it. */
    static Optional<Parallelism> parallelism(Situation situation) {
        try {
            return Optional.of(fit(
                    situation,
                    budget(situation.source().status()),
                    budget(situation.target().status())));
        } catch (PgconvoyException tooMany) {
            return Optional.empty();
        }
    }

    private static Parallelism fit(Situation situation, ConnectionBudget source, ConnectionBudget target) {
        return ParallelismFit.fit(
                situation.config().parallelism(),
                source,
                target,
                Runtime.getRuntime().availableProcessors());
    }

    private static ConnectionBudget budget(ServerStatus status) {
        return new ConnectionBudget(status.maxConnections(), status.reservedConnections(), status.connectionsInUse());
    }
}
