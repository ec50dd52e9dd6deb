package io.pgconvoy.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgconvoy.catalog.DatabaseCatalog;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Side;
import io.pgconvoy.journal.JournalFolder;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import io.pgconvoy.testing.TestDatabases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Opens databases of real servers that refuse connections. */
class ClosedDatabasesIT {
    private static final String CLOSED = "f 7";

    private final EmbeddedServer server = EmbeddedServer.shared("18");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void aDatabaseThatHasTheNameByNowIsLeftAlone(String version) throws Exception {
        EmbeddedServer old = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(old)) {
            String name = databases.create();
            long oid = oid(old, name);
            String moved = databases.alsoDrop(name + "_moved");
            old.sql(
                    "postgres",
                    "ALTER DATABASE " + Quote.identifier(name) + " RENAME TO " + Quote.identifier(moved),
                    "CREATE DATABASE " + Quote.identifier(name));

            try (DatabaseDoor door = DatabaseDoor.of(connect(old, "postgres"), oid)) {
                assertThatThrownBy(() -> door.alter(name, false, 3))
                        .isInstanceOf(DoorException.class)
                        .hasMessageContaining("another database");
                door.alter(moved, false, 3);
            }

            assertThat(state(old, name)).isEqualTo("t -1");
            assertThat(state(old, moved)).isEqualTo("f 3");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "9.6", "18"})
    void letsSuperusersInAndClosesAgain(String version) throws Exception {
        EmbeddedServer old = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(old)) {
            String name = closed(old, databases, "odd \"n/a'me\n%");
            long oid = oid(old, name);
            old.sql("postgres", "CREATE ROLE plain LOGIN PASSWORD 'plain'");
            try {
                try (ClosedDatabases.Opening opening =
                        closedDatabases(old, "postgres").open(new DatabaseName(name), oid)) {
                    assertThat(state(old, name)).isEqualTo("t 0");
                    assertThat(old.value(name, "SELECT current_database()")).isEqualTo(name);
                    assertThatThrownBy(() -> old.connect(name, "plain", "plain").close())
                            .isInstanceOfSatisfying(
                                    SQLException.class,
                                    refused -> assertThat(refused.getSQLState()).isEqualTo("53300"));
                    assertThat(ClosedDatabases.limitsBefore(journal())).isEqualTo(Map.of(oid, 7));
                    assertThat(ClosedDatabases.isOwedTo(connect(old, "postgres"), journal()))
                            .isTrue();
                }
                assertThat(state(old, name)).isEqualTo(CLOSED);
                assertThat(file()).doesNotExist();
            } finally {
                old.sql("postgres", "DROP ROLE plain");
            }
        }
    }

    @Test
    void isTidiedUpByAnotherProcess() throws Exception {
        try (TestDatabases databases = TestDatabases.on(server)) {
            String one = closed(server, databases, "one");
            String other = closed(server, databases, "other");
            String gone = closed(server, databases, "gone");
            for (String name : List.of(one, other, gone)) {
                closedDatabases(server, "postgres").open(new DatabaseName(name), oid(server, name));
            }
            TestDatabases.drop(server, gone);
            String renamed = databases.alsoDrop(other + " renamed");
            server.sql(
                    "postgres",
                    "ALTER DATABASE " + Quote.identifier(other) + " RENAME TO " + Quote.identifier(renamed));

            RevertOutcome outcome =
                    closedDatabases(server, "postgres").closeAll().orElseThrow();

            assertThat(outcome.restored())
                    .containsExactly(
                            "database \"" + one + "\" refuses connections again",
                            "database \"" + other + "\" refuses connections again",
                            "database \"" + gone + "\": gone meanwhile");
            assertThat(outcome.warnings()).isEmpty();
            assertThat(List.of(state(server, one), state(server, renamed))).containsOnly(CLOSED);
            assertThat(closedDatabases(server, "postgres").closeAll()).isEmpty();
        }
    }

    @Test
    void leavesALimitThatSomebodyElseHasSetAndNamesWhoGotIn() throws Exception {
        try (TestDatabases databases = TestDatabases.on(server)) {
            String name = closed(server, databases, "busy");
            ClosedDatabases closedDatabases = closedDatabases(server, "postgres");
            ClosedDatabases.Opening opening = closedDatabases.open(new DatabaseName(name), oid(server, name));
            try (Connection guest = server.connect(name)) {
                server.sql("postgres", "ALTER DATABASE " + name + " CONNECTION LIMIT 3");
                opening.close();
                opening.close();
                assertThat(guest.isValid(5)).isTrue();
            }
            assertThat(state(server, name)).isEqualTo("f 3");
            assertThat(closedDatabases.closeAll().orElseThrow().warnings())
                    .satisfiesExactly(
                            limit -> assertThat(limit).contains(name, "left at 3", "before it was 7"),
                            guests -> assertThat(guests).contains(name, "1 session of others"));
        }
    }

    @Test
    void leavesADatabaseAloneThatSomebodyHasOpened() throws Exception {
        try (TestDatabases databases = TestDatabases.on(server)) {
            String name = closed(server, databases, "opened");
            server.sql("postgres", "ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");

            try (ClosedDatabases.Opening opening =
                    closedDatabases(server, "postgres").open(new DatabaseName(name), oid(server, name))) {
                assertThat(opening).isSameAs(ClosedDatabases.Opening.NOTHING);
            }

            assertThat(state(server, name)).isEqualTo("t 7");
            assertThat(file()).doesNotExist();
        }
    }

    @Test
    void worksForTheOwnerAndRefusesOthers() throws Exception {
        server.sql("postgres", "CREATE ROLE owner_of_closed LOGIN", "CREATE ROLE stranger LOGIN");
        try (TestDatabases databases = TestDatabases.on(server)) {
            String name = closed(server, databases, "owned");
            server.sql("postgres", "ALTER DATABASE " + name + " OWNER TO owner_of_closed");
            long oid = oid(server, name);

            assertThatThrownBy(() -> closedDatabases(server, "stranger").open(new DatabaseName(name), oid))
                    .isInstanceOfSatisfying(PgconvoyException.class, refused -> {
                        assertThat(refused.kind()).isEqualTo(ErrorKind.SOURCE);
                        assertThat(refused.getMessage()).contains(name, "must be owner of database");
                        assertThat(refused.hint()).contains("the database's owner", "--exclude-db");
                    });
            assertThat(file()).doesNotExist();

            try (ClosedDatabases.Opening opening =
                    closedDatabases(server, "owner_of_closed").open(new DatabaseName(name), oid)) {
                assertThat(state(server, name)).isEqualTo("t -1");
                server.connect(name, "owner_of_closed", "").close();
            }
            assertThat(state(server, name)).isEqualTo(CLOSED);
        } finally {
            server.sql("postgres", "DROP ROLE owner_of_closed", "DROP ROLE stranger");
        }
    }

    @Test
    void staysOwedWhereItCannotBeClosed() throws Exception {
        try (TestDatabases databases = TestDatabases.on(server)) {
            String name = closed(server, databases, "stuck");
            closedDatabases(server, "postgres").open(new DatabaseName(name), oid(server, name));
            server.sql("postgres", "CREATE ROLE stranger LOGIN");
            try {
                assertThatThrownBy(() -> closedDatabases(server, "stranger").closeAll())
                        .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                            assertThat(failure.getMessage()).contains(name, "is still open", "must be owner");
                            assertThat(failure.hint())
                                    .contains(
                                            "pgconvoy close-databases",
                                            "ALTER DATABASE \"" + name
                                                    + "\" WITH ALLOW_CONNECTIONS false CONNECTION LIMIT 7");
                        });
            } finally {
                server.sql("postgres", "DROP ROLE stranger");
            }
            assertThat(file()).exists();
            closedDatabases(server, "postgres").closeAll();
            assertThat(state(server, name)).isEqualTo(CLOSED);
        }
    }

    @Test
    void neitherTouchesAnotherServerNorReadsANewerFile() throws Exception {
        try (TestDatabases databases = TestDatabases.on(server)) {
            String name = closed(server, databases, "here");
            closedDatabases(server, "postgres").open(new DatabaseName(name), oid(server, name));
            EmbeddedServer other = EmbeddedServer.shared("9.6");

            assertThat(ClosedDatabases.isOwedTo(connect(other, "postgres"), journal()))
                    .isFalse();
            assertThatThrownBy(() -> closedDatabases(other, "postgres").closeAll())
                    .hasMessageContaining("is not the server whose databases were opened");
            assertThat(file()).exists();

            String text = Files.readString(file());
            Files.writeString(file(), text.replace("\"format\" : 1", "\"format\" : 2"));
            assertThatThrownBy(() -> closedDatabases(server, "postgres").closeAll())
                    .hasMessageContaining("newer version");
            Files.writeString(file(), text);
            closedDatabases(server, "postgres").closeAll();
            assertThat(state(server, name)).isEqualTo(CLOSED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void theLastOfSeveralRunsClosesAndAllKnowWhatWasBefore(String version) throws Exception {
        EmbeddedServer old = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(old)) {
            String name = closed(old, databases, "shared");
            long oid = oid(old, name);
            ClosedDatabases first = run(old, old.user(), "first");
            ClosedDatabases second = run(old, old.user(), "second");
            try (ClosedDatabases.Opening early = first.open(new DatabaseName(name), oid)) {
                assertThat(listed(old, name)).isEqualTo("false 7");
                try (ClosedDatabases.Opening late = second.open(new DatabaseName(name), oid)) {
                    assertThat(ClosedDatabases.limitsBefore(journal("second"))).isEqualTo(Map.of(oid, 7));

                    early.close();

                    assertThat(state(old, name)).isEqualTo("t 0");
                    assertThat(Path.of(journal("first").label(OpenedState.OWED)))
                            .doesNotExist();
                    assertThat(listed(old, name)).isEqualTo("false 7");
                    assertThat(first.closeAll().orElseThrow().restored())
                            .singleElement()
                            .asString()
                            .contains(name, "stays open on the source", "its session ");
                }
            }
            assertThat(state(old, name)).isEqualTo(CLOSED);
            assertThat(Path.of(journal("second").label(OpenedState.OWED))).doesNotExist();
            assertThat(second.closeAll()).isEmpty();
            old.sql("postgres", "ALTER DATABASE " + Quote.identifier(name) + " ALLOW_CONNECTIONS true");
            assertThat(listed(old, name)).isEqualTo("true 7");
        }
    }

    @Test
    void aKilledRunsDebtIsNoReasonToCloseWhatAnotherOneStillReads() throws Exception {
        try (TestDatabases databases = TestDatabases.on(server)) {
            String name = closed(server, databases, "read");
            long oid = oid(server, name);
            run(server, server.user(), "killed").open(new DatabaseName(name), oid);
            ClosedDatabases reader = run(server, server.user(), "reader");
            try (ClosedDatabases.Opening reading = reader.open(new DatabaseName(name), oid)) {
                // Its own session counts for nothing, even where the server has not yet found out that it is dead.
                run(server, server.user(), "killed").closeAll();
                assertThat(state(server, name)).isEqualTo("t 0");
                assertThat(Path.of(journal("killed").label(OpenedState.OWED))).doesNotExist();
            }
        }
    }

    @Test
    void theMarksOfALostSessionAreMadeAgain() throws Exception {
        try (TestDatabases databases = TestDatabases.on(server)) {
            String name = closed(server, databases, "lost");
            long oid = oid(server, name);
            try (ClosedDatabases.Opening reading =
                    run(server, server.user(), "survivor").open(new DatabaseName(name), oid)) {
                String session = "SELECT pid FROM pg_stat_activity WHERE application_name = 'pgconvoy survivor doors'";
                String before = server.value("postgres", session);
                server.sql("postgres", "SELECT pg_terminate_backend(" + before + ")");
                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(server.column("postgres", session))
                                .isNotEmpty()
                                .doesNotContain(before));
                ClosedDatabases other = run(server, server.user(), "other");
                other.open(new DatabaseName(name), oid).close();
                assertThat(state(server, name)).isEqualTo("t 0");
            }
            assertThat(state(server, name)).isEqualTo(CLOSED);
        }
    }

    @Test
    void anOwnerLiftsASuperusersLimitForItsOwnTimeOnly() throws Exception {
        server.sql("postgres", "CREATE ROLE second_owner LOGIN");
        try (TestDatabases databases = TestDatabases.on(server)) {
            String name = closed(server, databases, "lifted");
            server.sql("postgres", "ALTER DATABASE " + name + " OWNER TO second_owner");
            long oid = oid(server, name);
            try (ClosedDatabases.Opening superuser =
                    run(server, server.user(), "superuser").open(new DatabaseName(name), oid)) {
                try (ClosedDatabases.Opening owner =
                        run(server, "second_owner", "owner").open(new DatabaseName(name), oid)) {
                    assertThat(state(server, name)).isEqualTo("t -1");
                }
                assertThat(state(server, name)).isEqualTo("t 0");
            }
            assertThat(state(server, name)).isEqualTo(CLOSED);
        } finally {
            server.sql("postgres", "DROP ROLE second_owner");
        }
    }

    @Test
    void aSourceThatCannotBeReachedIsNotADatabaseThatCannotBeOpened() throws Exception {
        try (TestDatabases databases = TestDatabases.on(server)) {
            String name = closed(server, databases, "beyond");
            String usual = databases.create("usual");
            ClosedDatabases closed =
                    new ClosedDatabases(Server.connect(server.endpoint(usual), "pgconvoy test"), journal());
            TestDatabases.drop(server, usual);

            assertThatThrownBy(() -> closed.open(new DatabaseName(name), oid(server, name)))
                    .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                        assertThat(failure).hasMessageStartingWith("cannot connect to ");
                        assertThat(failure.hint()).isEqualTo("Check --from-db.");
                    });
            assertThat(state(server, name)).isEqualTo(CLOSED);
        }
    }

    /** As on a machine of its own. */
    private ClosedDatabases run(EmbeddedServer on, String user, String name) {
        return new ClosedDatabases(connect(on, user).withApplicationName("pgconvoy " + name), journal(name));
    }

    private JournalStore journal(String run) {
        return new JournalFolder(folder.resolve(run));
    }

    private static String listed(EmbeddedServer on, String name) throws SQLException {
        Server source = connect(on, on.user());
        try (Session session = source.session("test")) {
            return DatabaseCatalog.list(session).stream()
                    .filter(database -> database.name().value().equals(name))
                    .map(database -> database.allowsConnections() + " " + database.connectionLimit())
                    .findFirst()
                    .orElseThrow();
        }
    }

    private ClosedDatabases closedDatabases(EmbeddedServer on, String user) {
        return new ClosedDatabases(connect(on, user), journal());
    }

    private JournalStore journal() {
        return new JournalFolder(folder);
    }

    private Path file() {
        return folder.resolve("opened-databases.json");
    }

    private static Server connect(EmbeddedServer on, String user) {
        return Server.connect(on.endpoint(Side.SOURCE, user), "pgconvoy test");
    }

    private static String closed(EmbeddedServer on, TestDatabases databases, String prefix) throws SQLException {
        String name = databases.create(prefix);
        on.sql("postgres", "ALTER DATABASE " + Quote.identifier(name) + " ALLOW_CONNECTIONS false CONNECTION LIMIT 7");
        return name;
    }

    private static long oid(EmbeddedServer on, String name) throws SQLException {
        return Long.parseLong(
                on.value("postgres", "SELECT oid FROM pg_database WHERE datname = " + Quote.literal(name)));
    }

    private static String state(EmbeddedServer on, String name) throws SQLException {
        return on.value(
                "postgres",
                "SELECT substr(datallowconn::text, 1, 1) || ' ' || datconnlimit FROM pg_database WHERE datname = "
                        + Quote.literal(name));
    }
}
