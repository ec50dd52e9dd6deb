package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.ServerVersion;

/** Publications: they arrive, but not their subscribers. */
final class PublicationCheck extends ObjectCheck {
    @Override
    public String name() {
        return "publications";
    }

    @Override
    boolean applies(Situation situation) {
        return situation.source().version().isAtLeast(ServerVersion.V10);
    }

    @Override
    String query(Situation situation) {
        return "SELECT format('publication %I', p.pubname) FROM pg_publication AS p WHERE "
                + UserObjects.notOfExtension("pg_publication", "p.oid") + " ORDER BY 1";
    }

    @Override
    Finding finding(Situation situation) {
        return Finding.note(
                name(),
                "publications arrive, but their subscribers go on asking the source",
                "Have the target send logical changes (wal_level = logical), and point the subscribers at it: ALTER"
                        + " SUBSCRIPTION ... CONNECTION.");
    }
}
