package io.pgconvoy.postgres.tools;

import io.pgconvoy.postgres.toc.ArchiveToc;
import io.pgconvoy.postgres.toc.TocEntry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads pg_restore's stderr line by line: errors with their archive entry and command, finished table data. For one
 * thread at a time; ask it after the child has ended.
 *
 * <p>An error's entry is in a line of its own before it, and lines of several workers mix: so an error that names what was
 * being loaded belongs to that, whatever entry was named last.
 *
 * <p>The form of these lines is that of {@code warn_or_exit_horribly()} in PostgreSQL's pg_backup_archiver.c.
 */
final class RestoreOutput {
    private static final Pattern FROM_ENTRY = Pattern.compile("pg_restore: from TOC entry (\\d+); (\\d+) (\\d+) (.*)");
    private static final Pattern ERROR = Pattern.compile("pg_restore: error: (.*)");
    private static final Pattern WORKER_FINISHED = Pattern.compile("pg_restore: finished item \\d+ TABLE DATA .*");
    private static final Pattern WORKER_STARTED = Pattern.compile("pg_restore: launching item \\d+ .*");
    private static final Pattern DATA_STARTED = Pattern.compile("pg_restore: processing data for table .*");
    private static final Pattern IGNORED = Pattern.compile("pg_restore: warning: errors ignored on restore: (\\d+)");
    /** What loads rows names its table or view, quoted as pg_dump was told to. */
    private static final Pattern LOADING = Pattern.compile(
            "(COPY|REFRESH MATERIALIZED VIEW) \"((?:[^\"]++|\"\")*+)\"\\.\"((?:[^\"]++|\"\")*+)\".*", Pattern.DOTALL);

    private static final Pattern COPY_FAILED = Pattern.compile("COPY failed for table \"(.*?)\": .*");
    private static final String COMMAND = "Command was: ";
    private static final int COMMAND_LENGTH = 2000;

    private final ArchiveToc toc;
    private final Runnable onTableDone;
    private final List<RestoreError> errors = new ArrayList<>();
    private int ignored = -1;
    private boolean workers;
    private boolean tableUnderWay;
    private final Set<TocEntry> failed = new HashSet<>();
    private Optional<TocEntry> tocEntry = Optional.empty();
    private String entry = "";
    private String message;
    private StringBuilder command;

    RestoreOutput(ArchiveToc toc, Runnable onTableDone) {
        this.toc = toc;
        this.onTableDone = onTableDone;
    }

    void line(String line) {
        if (line.startsWith("pg_restore: ")) {
            finishError();
            Matcher matcher = FROM_ENTRY.matcher(line);
            if (matcher.matches()) {
                tocEntry = toc.entry(Integer.parseInt(matcher.group(1)));
                entry = tocEntry.map(TocEntry::label).orElse(matcher.group(4));
                // It is named for an error alone, which may come behind another worker's entry.
                tocEntry.ifPresent(failed::add);
                return;
            }
            matcher = ERROR.matcher(line);
            if (matcher.matches()) {
                message = matcher.group(1);
                return;
            }
            matcher = IGNORED.matcher(line);
            if (matcher.matches()) {
                ignored = Integer.parseInt(matcher.group(1));
            } else {
                progress(line);
            }
        } else if (message != null) {
            continueError(line);
        }
    }

    /** With workers it says which data are finished; with one job only which begin, one after the other. */
    private void progress(String line) {
        if (WORKER_STARTED.matcher(line).matches()) {
            workers = true;
        } else if (WORKER_FINISHED.matcher(line).matches()) {
            onTableDone.run();
        } else if (!workers && DATA_STARTED.matcher(line).matches()) {
            if (tableUnderWay) {
                onTableDone.run();
            }
            tableUnderWay = true;
        }
    }

    private void continueError(String line) {
        if (command != null) {
            if (command.length() < COMMAND_LENGTH) {
                command.append('\n').append(line);
            }
        } else if (line.startsWith(COMMAND)) {
            command = new StringBuilder(line.substring(COMMAND.length()));
        } else if (!line.isBlank()) {
            message = message + " / " + line.strip();
        }
    }

    private void finishError() {
        if (message != null) {
            String sql = command == null ? "" : command.toString().strip();
            errors.add(new RestoreError(loading(sql).map(TocEntry::label).orElse(entry), message, sql));
            message = null;
            command = null;
        }
    }

    /** The entry of the rows that could not be loaded; empty where the error is about something else, or does not tell. */
    private Optional<TocEntry> loading(String sql) {
        Matcher matcher = LOADING.matcher(sql);
        if (matcher.matches()) {
            String kind = matcher.group(1).equals("COPY") ? "TABLE DATA " : "MATERIALIZED VIEW DATA ";
            String label = kind + listed(matcher.group(2)) + " " + listed(matcher.group(3)) + " ";
            return theOnly(one -> one.label().startsWith(label));
        }
        matcher = COPY_FAILED.matcher(message);
        if (matcher.matches()) {
            String name = " " + matcher.group(1).replace(" / ", " ") + " ";
            return theOnly(one -> one.isTableData() && one.label().contains(name));
        }
        return Optional.empty();
    }

    /** A quoted name as the archive's list has it. */
    private static String listed(String name) {
        return name.replace("\"\"", "\"").replaceAll("[\\r\\n]", " ");
    }

    private Optional<TocEntry> theOnly(Predicate<TocEntry> which) {
        if (tocEntry.filter(which).isPresent()) {
            return tocEntry;
        }
        List<TocEntry> found = toc.entries().stream().filter(which).toList();
        return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
    }

    /**
     * The entries that may succeed once all others are there, in the archive's order: privileges, and materialized views,
     * which their owners could not fill without theirs. Where workers were in each other's way, all that failed: the others
     * needed it. Empty where neither is so.
     */
    List<TocEntry> toTryAgain() {
        if (isDeadlocked()) {
            return toc.inOrder(failed);
        }
        if (failed.stream().noneMatch(TocEntry::isPrivilege)) {
            return List.of();
        }
        return toc.inOrder(failed).stream()
                .filter(one -> one.isPrivilege() || one.isMaterializedViewData())
                .toList();
    }

    /** Whether one worker had to give way to another, which both lock partitions and their parents. */
    boolean isDeadlocked() {
        finishError();
        return errors.stream().anyMatch(error -> error.message().contains("deadlock detected"));
    }

    /** All errors, once the child has ended. */
    List<RestoreError> errors() {
        finishError();
        return List.copyOf(errors);
    }

    /** Whether pg_restore reached its end, counting errors rather than breaking off. */
    boolean reachedTheEnd(int exitStatus) {
        return exitStatus == 0 || ignored >= 0;
    }
}
