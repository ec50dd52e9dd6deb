package io.pgconvoy.journal;

import io.pgconvoy.config.FileNames;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;

/** The journals of all migrations that are kept in one place, by the names of their servers. */
public record Journals(Path stateDir) {
    /** That of a migration between two addresses, whether or not it has begun. */
    public JournalStore between(String fromHost, int fromPort, String toHost, int toPort) {
        return new JournalFolder(stateDir.resolve(address(fromHost, fromPort) + suffix(toHost, toPort)));
    }

    /**
     * Those of which something holds, in the order of their names.
     *
     * @throws io.pgconvoy.config.PgconvoyException of kind JOURNAL where they cannot be listed
     */
    public List<JournalStore> all(Predicate<JournalStore> which) {
        return new JournalFolder(stateDir)
                .names("").stream()
                        .map(name -> (JournalStore) new JournalFolder(stateDir.resolve(name)))
                        .filter(which)
                        .toList();
    }

    /** Whether a journal's target was known by this address. */
    public static boolean isTo(JournalStore journal, String host, int port) {
        return journal.label().endsWith(suffix(host, port));
    }

    private static String suffix(String host, int port) {
        return "__" + address(host, port);
    }

    /** Underscores of a name are encoded here, since they part the journal's name. */
    private static String address(String host, int port) {
        return FileNames.encode(host).replace("_", "%5f") + "_" + port;
    }
}
