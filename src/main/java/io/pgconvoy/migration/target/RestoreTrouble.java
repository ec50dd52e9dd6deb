package io.pgconvoy.migration.target;

import java.util.List;
import java.util.regex.Pattern;

/** Whether a restore failed over what the dump holds, so that the same dump would fail again. */
final class RestoreTrouble {
    /** What is not the dump's fault: a server that was lost, a disk or memory that was full, somebody else's locks. */
    private static final Pattern PASSING = Pattern.compile(
            "server closed the connection|terminating connection|terminated connection|connection to server|"
                    + "no connection to the server|could not connect|connection (?:has been|was) (?:closed|reset|lost)|"
                    + "connection not open|connection pointer is NULL|Connection (?:refused|timed out|reset)|Broken pipe|"
                    + "could not receive data from server|could not send data to server|"
                    + "the database system is (?:starting|shutting|in recovery|not)|in recovery mode|"
                    + "could not translate host name|too many (?:clients|connections)|remaining connection slots|"
                    + "No space left on device|could not extend file|could not write|[Dd]isk quota|"
                    + "out of (?:shared )?memory|Cannot allocate memory|"
                    + "canceling statement due to|deadlock detected|lock timeout|could not serialize");

    private RestoreTrouble() {}

    /** @param messages pg_restore's or the server's */
    static boolean isOverDump(List<String> messages) {
        return messages.stream().noneMatch(message -> PASSING.matcher(message).find());
    }
}
