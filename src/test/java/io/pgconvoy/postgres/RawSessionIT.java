package io.pgconvoy.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.catalog.DeferrableTables;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.RawText;
import io.pgconvoy.config.Side;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a session in a database of any bytes reads, and asks for. */
@Timeout(60)
class RawSessionIT {
    private static final String NAME = raw("caf\u00e9 \"'?");
    private static final String TABLE = Sql.qualified("public", NAME);

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14", "18"})
    void namesAndTextsArriveAsTheirBytesAndCanBeAskedFor(String version) throws SQLException {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server)) {
            String database = databases.createOfAnyBytes();
            try (Connection connection = connect(server, database);
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE " + TABLE + " (a int, \"na\u00efve\" text)");
                statement.execute("INSERT INTO " + TABLE + " VALUES (1, 'na\u00efve'), (2, "
                        + Sql.literal(raw("\u00e9")) + "), (3, '\\')");
                assertThat(server.value(
                                database,
                                "SELECT encode(convert_to(relname::text, 'SQL_ASCII'), 'hex') FROM pg_class"
                                        + " WHERE relname LIKE 'caf%'"))
                        .isEqualTo("636166e92022273f");

                assertThat(texts(statement, "SELECT relname FROM pg_class WHERE relname LIKE 'caf%'"))
                        .isEqualTo(NAME);
                assertThat(texts(statement, "SELECT \"na\u00efve\" FROM " + TABLE + " ORDER BY a"))
                        .isEqualTo("na\u00efve|" + raw("\u00e9") + "|\\");
                assertThat(texts(statement, "WITH x AS (TABLE " + TABLE + ") SELECT count(*) AS n FROM x"))
                        .isEqualTo("3");
                try (ResultSet row =
                        statement.executeQuery("SELECT array_agg(\"na\u00efve\" ORDER BY a) FROM " + TABLE)) {
                    row.next();
                    assertThat((String[]) row.getArray(1).getArray())
                            .containsExactly("na\u00efve", raw("\u00e9"), "\\");
                }
                try (PreparedStatement query = connection.prepareStatement(
                                "SELECT '?', relname FROM pg_class WHERE relname = ? AND relkind = ?");
                        ResultSet row = bound(query).executeQuery()) {
                    assertThat(row.next()).isTrue();
                    assertThat(row.getString(2)).isEqualTo(NAME);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void worksInTransactionsAndTellsFailuresInTheirOwnWords(String version) throws SQLException {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server)) {
            String database = databases.createOfAnyBytes();
            try (Connection connection = connect(server, database)) {
                assertThat(Transaction.<String>rolledBack(connection, statement -> {
                            statement.execute("CREATE TABLE " + TABLE + " AS SELECT 7 AS a");
                            statement.execute("LOCK TABLE ONLY " + TABLE + " IN ACCESS SHARE MODE NOWAIT");
                            statement.execute("DECLARE c NO SCROLL CURSOR FOR SELECT a FROM " + TABLE);
                            return texts(statement, "FETCH 5 FROM c")
                                    + texts(statement, "TABLE " + TABLE)
                                    + texts(statement, "TABLE " + TABLE);
                        }))
                        .isEqualTo("777");
                try (Statement statement = connection.createStatement()) {
                    assertThatThrownBy(() -> statement.executeQuery("TABLE " + TABLE))
                            .isInstanceOfSatisfying(SQLException.class, failure -> {
                                assertThat(failure.getSQLState()).isEqualTo("42P01");
                                assertThat(RawText.printed(failure.getMessage()))
                                        .contains("public.caf\\xe9 \"'?");
                            });
                    assertThatThrownBy(() -> statement.executeQuery("TABLE \"na\u00efve\""))
                            .hasMessageContaining("\"na\u00efve\"");
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9.5", "18"})
    void tablesThatNoCopyCanNameAreNotDeferred(String version) throws SQLException {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases databases = TestDatabases.on(server)) {
            String database = databases.createOfAnyBytes();
            try (Session session = connected(server).session(new DatabaseName(database), "test")) {
                session.execute("CREATE TABLE " + TABLE + " (a int)");
                session.execute("CREATE TABLE public.columns (" + Sql.identifier(NAME) + " int)");
                session.execute("CREATE TABLE public.\"na\u00efve\" (a int)");
                assertThat(DeferrableTables.list(session))
                        .map(DeferrableTable::name)
                        .containsExactly("na\u00efve");
            }
        }
    }

    private static PreparedStatement bound(PreparedStatement query) throws SQLException {
        query.setString(1, NAME);
        query.setString(2, "r");
        return query;
    }

    private static String texts(Statement statement, String query) throws SQLException {
        StringBuilder texts = new StringBuilder();
        try (ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                texts.append(texts.isEmpty() ? "" : "|").append(row.getString(1));
            }
        }
        return texts.toString();
    }

    private static String raw(String latin) {
        return RawText.decode(latin.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Connection connect(EmbeddedServer server, String database) {
        return connected(server).open(new DatabaseName(database));
    }

    private static Server connected(EmbeddedServer server) {
        return Server.connect(server.endpoint(Side.SOURCE), "pgconvoy test");
    }
}
