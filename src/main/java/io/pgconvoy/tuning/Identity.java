package io.pgconvoy.tuning;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.JournalEntry;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import java.util.Optional;

/** By what a server is known to which something is owed. */
interface Identity {
    /** As the user named it. */
    String host();

    int port();

    /** The cluster's own, from pg_control_system(); empty before 9.6. */
    Optional<String> systemIdentifier();

    /** Whether a journal's debt is one to this server, by whatever address. */
    static boolean isOwedTo(Server server, JournalStore journal, JournalEntry<? extends Identity> debt) {
        Optional<? extends Identity> owed = journal.read(debt);
        if (owed.isEmpty()) {
            return false;
        }
        try (Session session = server.session("asking for the system identifier")) {
            return owed.get().isOf(session);
        }
    }

    /** Whether this is the server; without an identifier the address decides. */
    default boolean isOf(Session session) {
        Optional<String> identifier = systemIdentifier(session);
        if (identifier.isPresent() && systemIdentifier().isPresent()) {
            return identifier.equals(systemIdentifier());
        }
        Endpoint here = session.server().endpoint();
        return host().equals(here.host()) && port() == here.port();
    }

    /**
     * Makes sure of that.
     *
     * @param what was done to the server, in words that follow it
     * @param command that settles the debt to the other one, up to its options
     * @param keptIn where the debt is written down
     */
    default void require(Session session, ErrorKind kind, String what, String command, String keptIn) {
        if (!isOf(session)) {
            throw new PgconvoyException(
                    kind,
                    session.server().label() + " is not the server " + what + ", which was " + host() + ":" + port()
                            + " with system identifier "
                            + systemIdentifier().orElse("unknown"),
                    "Run " + command + " options of that server; if it is gone, delete " + keptIn + ".");
        }
    }

    /**
     * The number that initdb gave the cluster.
     *
     * @return empty before 9.6, which cannot be asked, and where the role may not ask
     */
    static Optional<String> systemIdentifier(Session session) {
        if (!session.version().isAtLeast(ServerVersion.V9_6)) {
            return Optional.empty();
        }
        try {
            return session.text("SELECT system_identifier FROM pg_control_system()");
        } catch (SqlFailure notAllowed) {
            return Optional.empty();
        }
    }
}
