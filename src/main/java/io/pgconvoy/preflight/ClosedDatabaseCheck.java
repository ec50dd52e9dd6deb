package io.pgconvoy.preflight;

import io.pgconvoy.config.Side;
import java.util.List;

/** Databases that accept no connections, so that pg_dump cannot read them; all others are moved nevertheless. */
final class ClosedDatabaseCheck implements ServerCheck {
    @Override
    public String name() {
        return "closed-databases";
    }

    @Override
    public List<Finding> run(Situation situation) {
        if (situation.refusing().isEmpty()) {
            return List.of();
        }
        Finding finding = situation.config().openClosed()
                ? Finding.note(
                        this,
                        "databases that accept no connections are opened for the time of their dump",
                        "Until then the checks could not look into them.")
                : Finding.warning(
                        this,
                        "databases that accept no connections (datallowconn is false) cannot be dumped",
                        "--open-closed-databases opens them for the time of their dump, --exclude-db leaves them behind.");
        return List.of(finding.on(Side.SOURCE).at(UserObjects.databases(situation.refusing())));
    }
}
