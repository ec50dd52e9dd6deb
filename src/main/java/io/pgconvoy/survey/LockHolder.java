package io.pgconvoy.survey;

import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.postgres.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A session that keeps a {@link TargetLock}, and the run it belongs to as far as the target lets us know.
 *
 * @param session the server process's number on the target
 * @param shared whether others may share the target with it
 * @param applicationName what the session is called; everybody may see it
 * @param address where it comes from; empty for a local one, and where we may not see it
 * @param since when it began, as the target's clock says; empty where we may not see it
 * @param comment what the run says about itself; empty where we may not see it
 */
public record LockHolder(
        int session,
        boolean shared,
        String applicationName,
        Optional<String> address,
        Optional<String> since,
        Optional<String> comment) {
    private static final Pattern COMMENT = Pattern.compile("^/\\* (pgconvoy: process .*?) \\*/.*", Pattern.DOTALL);

    /** Who was there a moment ago, and is not to be seen any more. */
    static final LockHolder UNKNOWN =
            new LockHolder(0, false, "a process that just ends", Optional.empty(), Optional.empty(), Optional.empty());

    /** What a server keeps of an application name. */
    private static final int MOST = 63;

    /** What this process says about itself, in a comment of its session's queries. */
    static String ownComment(JournalStore journal) {
        return "pgconvoy: process " + ProcessHandle.current().pid() + where(journal);
    }

    /** The same for people. */
    public static String ownText(JournalStore journal) {
        return ownComment(journal).replaceFirst("^pgconvoy: ", "");
    }

    private static String where(JournalStore journal) {
        return " on host " + host() + ", journal "
                + journal.label().replace("*/", "* /").replaceAll("\\s", " ");
    }

    /** What this process's session is called. */
    static String ownName() {
        String name = "pgconvoy lock, process " + ProcessHandle.current().pid() + " on " + host();
        return name.length() <= MOST ? name : name.substring(0, MOST);
    }

    /** The comment in a query, if it is one of ours. */
    static Optional<String> commentOf(String query) {
        Matcher matcher = COMMENT.matcher(query == null ? "" : query);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    /** Whether it belongs to a run from this machine with this journal. */
    boolean isOf(JournalStore journal) {
        return comment.filter(text -> text.endsWith(where(journal))).isPresent();
    }

    /** Who it is: process 123 on host x, journal y, at work since z. */
    public String text() {
        return comment.map(known -> known.replaceFirst("^pgconvoy: ", ""))
                        .orElseGet(() -> applicationName.replaceFirst("^pgconvoy lock, ", ""))
                + address.map(from -> ", from " + from).orElse("")
                + since.map(time -> ", since " + time).orElse("");
    }

    /** Why another run cannot begin. */
    PgconvoyException refusal(Server target, boolean wantsToShare) {
        String hint =
                "Wait for it to end, or stop it. If it is long gone and its network with it, its session ends with"
                        + " SELECT pg_terminate_backend(" + session + ") on the target.";
        if (shared && !wantsToShare) {
            hint += " It shares the target: to move other databases beside it, give --share-target here, too.";
        } else if (!shared) {
            hint += " Runs that move different databases at the same time all need --share-target.";
        }
        return new PgconvoyException(
                ErrorKind.JOURNAL, "another pgconvoy (" + text() + ") is at work on " + target.label(), hint);
    }

    private static String host() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException otherSystem) {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException nameless) {
                return "unknown";
            }
        }
    }
}
