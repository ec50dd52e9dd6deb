package io.pgconvoy.verify.rows;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import io.pgconvoy.verify.rows.Comparison.TableDifference;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StaleViewsIT {
    private static final String COUNT = "has 10 rows on the source and 20 on the target";
    private static final String CONTENTS = "has the same number of rows, 20, but other contents";

    private final EmbeddedServer server = EmbeddedServer.shared("18");
    private TestDatabases databases;
    private String database;

    @BeforeEach
    void create() throws SQLException {
        databases = TestDatabases.on(server);
        database = databases.create();
        server.sql(
                database,
                "CREATE TABLE t AS SELECT generate_series(1, 20) AS id",
                "CREATE MATERIALIZED VIEW \"it's\" AS SELECT id, -id AS other FROM t WHERE id > 0");
    }

    @AfterEach
    void drop() throws SQLException {
        databases.close();
    }

    @Test
    void isStaleOnTheSourceWhereTheTargetsIsFresh() {
        StaleViews.Verdict verdict = judge("it's", COUNT);

        assertThat(verdict.differing()).isEmpty();
        assertThat(verdict.warnings())
                .containsExactly("materialized view public.\"it's\" is stale on the source: it " + COUNT
                        + ", where it is refreshed");
        assertThat(judge("it's", CONTENTS).warnings())
                .singleElement()
                .asString()
                .contains("other contents than on the source, where it is stale");
    }

    /** As where it was refreshed before its tables had their rows. */
    @Test
    void differsWhereTheTargetHasOtherRowsThanItsQueryGives() throws SQLException {
        server.sql(database, "INSERT INTO t VALUES (21)");

        StaleViews.Verdict verdict = judge("it's", COUNT);

        assertThat(verdict.warnings()).isEmpty();
        assertThat(verdict.differing()).singleElement().asString().contains(COUNT + ", and its query gives 21 there");
    }

    @Test
    void leavesTablesAndFailingQueriesAndUnpopulatedViewsToDiffer() throws SQLException {
        server.sql(
                database,
                "CREATE MATERIALIZED VIEW empty AS SELECT id FROM t WITH NO DATA",
                "CREATE FUNCTION f(int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN RETURN $1; END $$",
                "CREATE MATERIALIZED VIEW failing AS SELECT f(id) FROM t",
                "CREATE OR REPLACE FUNCTION f(int) RETURNS int LANGUAGE plpgsql AS"
                        + " $$ BEGIN RAISE EXCEPTION 'not any more'; END $$");

        assertThat(judge("t", COUNT).differing()).containsExactly(difference("t", COUNT));
        assertThat(judge("failing", COUNT).differing())
                .singleElement()
                .asString()
                .contains(COUNT, "its query fails there", "not any more");
        assertThat(judge("empty", "is missing on the target").differing())
                .singleElement()
                .asString()
                .contains("not populated on the target");
    }

    @Test
    void runsTheQueryAsTheViewsOwnerAndWritesNothing() throws SQLException {
        String role = database + "_owner";
        server.sql(
                database,
                "CREATE ROLE " + role,
                "CREATE TABLE log (what text)",
                "GRANT INSERT ON log TO " + role,
                "GRANT SELECT ON t TO " + role,
                "CREATE FUNCTION who(int) RETURNS name LANGUAGE plpgsql AS"
                        + " $$ BEGIN INSERT INTO public.log VALUES ('here'); RETURN current_user; END $$",
                "CREATE MATERIALIZED VIEW theirs AS SELECT who(id) FROM t WITH NO DATA",
                "ALTER MATERIALIZED VIEW theirs OWNER TO " + role,
                "GRANT CREATE ON SCHEMA public TO " + role);
        try {
            server.sql(database, "REFRESH MATERIALIZED VIEW theirs");
            assertThat(judge("theirs", COUNT).differing())
                    .singleElement()
                    .asString()
                    .contains("read-only transaction");
            assertThat(server.value(database, "SELECT count(*) FROM log")).isEqualTo("20");
            server.sql(
                    database,
                    "CREATE OR REPLACE FUNCTION who(int) RETURNS name LANGUAGE sql AS $$ SELECT current_user $$");
            assertThat(judge("theirs", CONTENTS).warnings())
                    .singleElement()
                    .asString()
                    .contains("on the target it is as its query gives them");
        } finally {
            server.sql(database, "DROP OWNED BY " + role + " CASCADE", "DROP ROLE " + role);
        }
    }

    private StaleViews.Verdict judge(String table, String what) {
        return new StaleViews(Server.connect(server.endpoint(Side.TARGET), "pgconvoy test"))
                .judge(new DatabaseName(database), List.of(difference(table, what)));
    }

    private static TableDifference difference(String table, String what) {
        return new TableDifference("public", table, what, !what.contains("missing"));
    }
}
