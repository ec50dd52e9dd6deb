package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.model.Severity;
import io.pgconvoy.preflight.server.TablespaceCheck;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import io.pgconvoy.testing.ServerOptions;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whether tablespaces can be made where they are to be. */
class TablespaceCheckIT {
    @Test
    void looksAtEachFolderOnTheTarget() throws SQLException {
        try (EmbeddedServer source = EmbeddedServer.start(ServerOptions.of("14").withoutSync());
                EmbeddedServer target = EmbeddedServer.start("18")) {
            String old = source.folder() + "/quite fast";
            String whole = source.folder() + "/whole";
            String fresh = target.folder() + "/fresh";
            makeFolder(source, old);
            makeFolder(source, whole);
            makeFolder(target, fresh);
            source.sql(
                    "postgres",
                    "CREATE TABLESPACE \"fast; disk\" LOCATION " + Quote.literal(old),
                    "CREATE TABLESPACE whole LOCATION " + Quote.literal(whole),
                    "CREATE DATABASE shop TABLESPACE whole",
                    "CREATE DATABASE crm");
            source.sql("crm", "CREATE TABLE t (i integer) TABLESPACE \"fast; disk\"");

            // On one machine both versions may share a folder.
            assertThat(texts(source, target, TablespaceChoice.SAME)).isEmpty();
            assertThat(texts(source, target, parse("fast; disk=" + fresh + "/")))
                    .isEmpty();

            String nowhere = target.folder() + "/nowhere";
            assertThat(texts(source, target, parse("fast; disk=" + nowhere, whole + "/=" + nowhere + "/2")))
                    .containsExactly(
                            "BLOCKER a tablespace cannot be made on the target, as there is no folder " + nowhere
                                    + "; what is in it could not be restored: tablespace \"fast; disk\"",
                            "WARNING a tablespace cannot be made on the target, as there is no folder " + nowhere
                                    + "/2; databases in it go to pg_default: tablespace \"whole\"");
            assertThat(texts(source, target, parse("fast; disk=" + fresh, "whole=" + fresh)))
                    .containsExactly(
                            "BLOCKER two tablespaces are to lie in " + fresh
                                    + " of the target, which the server refuses: tablespace \"fast; disk\", tablespace \"whole\"");
            assertThat(texts(source, target, parse("slow=" + fresh, old + "/x=" + fresh)))
                    .containsExactly("BLOCKER --map-tablespace names what is no tablespace of the source: 'slow', '"
                            + old + "/x'");
            assertThat(texts(source, target, new TablespaceChoice(java.util.Map.of(), true)))
                    .isEmpty();
            assertThat(CheckRun.between(source, target)
                            .withoutGlobals()
                            .withAllowedRestoreErrors()
                            .run(new TablespaceCheck(), "shop", "crm"))
                    .hasSize(2)
                    .allMatch(finding -> finding.severity() == Severity.WARNING);

            target.sql("postgres", "CREATE TABLESPACE whole LOCATION " + Quote.literal(fresh));
            assertThat(texts(source, target, TablespaceChoice.SAME))
                    .containsExactly("NOTE the target has this tablespace already, and it is used where it is, at "
                            + fresh + ", not at " + whole + ": tablespace \"whole\"");
            assertThat(texts(source, target, parse("whole=" + fresh))).isEmpty();
            assertThat(texts(source, target, parse("whole=" + fresh, "fast; disk=" + fresh)))
                    .anyMatch(text -> text.contains("the target's tablespace \"whole\", tablespace \"fast; disk\""))
                    .anyMatch(text -> text.contains(fresh + " holds a tablespace already"));
        }
    }

    private static void makeFolder(EmbeddedServer server, String folder) throws SQLException {
        server.sql("postgres", "COPY (SELECT 1 WHERE false) TO PROGRAM " + Quote.literal("mkdir \"" + folder + "\""));
    }

    private static TablespaceChoice parse(String... texts) {
        return TablespaceChoice.parse(List.of(texts), false);
    }

    private static List<String> texts(EmbeddedServer source, EmbeddedServer target, TablespaceChoice choice)
            throws SQLException {
        return CheckRun.between(source, target)
                .withTablespaces(choice)
                .run(new TablespaceCheck(), "shop", "crm")
                .stream()
                .map(finding -> finding.severity() + " " + finding.sentence())
                .toList();
    }
}
