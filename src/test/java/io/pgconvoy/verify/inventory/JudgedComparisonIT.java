package io.pgconvoy.verify.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.RawText;
import io.pgconvoy.config.Secret;
import io.pgconvoy.config.Side;
import io.pgconvoy.model.Difference;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.concurrent.Cancellation;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.RawStatement;
import io.pgconvoy.testing.TestDatabases;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** That the target finds definitions to be the same which versions print differently, and true differences all the same. */
class JudgedComparisonIT {
    private static final EmbeddedServer TARGET = EmbeddedServer.shared("18");

    /**
     * A definition that both versions print differently.
     *
     * @param made makes it, on either side
     * @param changed makes another of it, on the target
     * @param found the difference then
     */
    private record Case(String made, String changed, String found) {}

    private static final String BASE = """
            CREATE TABLE base (a int, b bit(3), x xml);
            CREATE FUNCTION base_rows() RETURNS SETOF base LANGUAGE sql AS 'SELECT * FROM base';
            CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'""";

    /** From 10 on a literal of bits prints as a text that is cast, and a column without a name with one. */
    private static final List<Case> OF_9_5 = List.of(
            new Case(
                    "CREATE VIEW unnamed AS SELECT a || 'x' FROM base",
                    "CREATE OR REPLACE VIEW unnamed AS SELECT a || 'y' FROM base",
                    "view public.unnamed definition is"),
            new Case(
                    "CREATE VIEW bits AS SELECT a FROM base WHERE b = B'101'",
                    "CREATE OR REPLACE VIEW bits AS SELECT a FROM base WHERE b = B'100'",
                    "view public.bits definition is"),
            new Case(
                    "CREATE MATERIALIZED VIEW stored AS SELECT a, B'1' || b AS b FROM base",
                    "DROP MATERIALIZED VIEW stored; CREATE MATERIALIZED VIEW stored AS SELECT a, B'0' || b AS b FROM base",
                    "materialized view public.stored definition is"),
            new Case(
                    "CREATE VIEW \"of; rows\" AS SELECT * FROM base_rows() WHERE a > 0",
                    "CREATE OR REPLACE VIEW \"of; rows\" AS SELECT * FROM base_rows() WHERE a > 1",
                    "view public.\"of; rows\" definition is"),
            new Case(
                    "CREATE TABLE defaulted (b bit(3) DEFAULT B'101')",
                    "ALTER TABLE defaulted ALTER b SET DEFAULT B'111'",
                    "column b of public.defaulted default is"),
            new Case(
                    "CREATE TABLE checked (b bit(3) CONSTRAINT even CHECK (b <> B'101'))",
                    "ALTER TABLE checked DROP CONSTRAINT even, ADD CONSTRAINT even CHECK (b <> B'100')",
                    "constraint even on public.checked definition is"),
            new Case(
                    "CREATE TABLE indexed (b bit(3)); CREATE INDEX on_both ON indexed ((b | B'001'), b) WHERE b <> B'000'",
                    "DROP INDEX on_both; CREATE INDEX on_both ON indexed ((b | B'001'), b) WHERE b <> B'100'",
                    "index public.on_both definition is"),
            new Case(
                    "CREATE TABLE ordered (b bit(3)); CREATE INDEX downwards ON ordered ((b | B'001') DESC)",
                    "DROP INDEX downwards; CREATE INDEX downwards ON ordered ((b | B'001'))",
                    "index public.downwards definition is"),
            new Case(
                    "CREATE TABLE apart (b bit(3), EXCLUDE ((b | B'001') WITH =))",
                    "ALTER TABLE apart DROP CONSTRAINT apart_expr_excl, ADD EXCLUDE ((b | B'011') WITH =)",
                    "constraint apart_expr_excl on public.apart definition is"),
            new Case(
                    "CREATE TABLE fired (b bit(3)); CREATE TRIGGER noting BEFORE UPDATE OF b ON fired FOR EACH ROW"
                            + " WHEN (old.b <> B'101' AND new.b = B'101') EXECUTE PROCEDURE noted()",
                    "DROP TRIGGER noting ON fired; CREATE TRIGGER noting BEFORE UPDATE OF b ON fired FOR EACH ROW"
                            + " WHEN (old.b <> B'101' AND new.b = B'111') EXECUTE PROCEDURE noted()",
                    "trigger noting on public.fired definition"),
            new Case(
                    "CREATE TABLE ruled (b bit(3)); CREATE RULE aside AS ON INSERT TO ruled WHERE new.b = B'101'"
                            + " DO INSTEAD INSERT INTO base (b) VALUES (new.b)",
                    "CREATE OR REPLACE RULE aside AS ON INSERT TO ruled WHERE new.b = B'111'"
                            + " DO INSTEAD INSERT INTO base (b) VALUES (new.b)",
                    "rule aside on public.ruled definition"),
            new Case(
                    "CREATE VIEW written AS SELECT b FROM base; CREATE RULE through AS ON UPDATE TO written DO INSTEAD"
                            + " UPDATE base SET b = new.b WHERE b = old.b AND b <> B'101'",
                    "CREATE OR REPLACE RULE through AS ON UPDATE TO written DO INSTEAD"
                            + " UPDATE base SET b = new.b WHERE b = old.b AND b <> B'111'",
                    "rule through on public.written definition"),
            new Case(
                    "CREATE TABLE \"Hidden\" (b bit(3)); CREATE POLICY few ON \"Hidden\" USING (b = B'101' OR"
                            + " EXISTS (SELECT 1 FROM base WHERE base.b = \"Hidden\".b)) WITH CHECK (b > B'001')",
                    "ALTER POLICY few ON \"Hidden\" WITH CHECK (b > B'011')",
                    "policy few on public.\"Hidden\" with check is"),
            new Case(
                    "CREATE DOMAIN threebits AS bit(3) DEFAULT B'101' CONSTRAINT few CHECK (value <> B'000')",
                    "ALTER DOMAIN threebits DROP CONSTRAINT few; ALTER DOMAIN threebits ADD CONSTRAINT few"
                            + " CHECK (value <> B'100')",
                    "constraint few on public.threebits definition is"),
            new Case(
                    "CREATE FUNCTION given(a int, b bit DEFAULT B'1', c int DEFAULT 3) RETURNS int LANGUAGE sql AS 'SELECT 1'",
                    "CREATE OR REPLACE FUNCTION given(a int, b bit DEFAULT B'0', c int DEFAULT 3) RETURNS int LANGUAGE sql"
                            + " AS 'SELECT 1'",
                    "arguments is"));

    /** From 16 on XMLSERIALIZE tells of the indentation. */
    private static final List<Case> OF_14 = List.of(
            new Case(
                    "CREATE VIEW sampled AS SELECT a FROM base TABLESAMPLE system (10)",
                    "CREATE OR REPLACE VIEW sampled AS SELECT a FROM base TABLESAMPLE system (20)",
                    "view public.sampled definition is"),
            new Case(
                    "CREATE VIEW serialized AS SELECT xmlserialize(CONTENT x AS text) AS t FROM base",
                    "CREATE OR REPLACE VIEW serialized AS SELECT xmlserialize(DOCUMENT x AS text) AS t FROM base",
                    "view public.serialized definition is"),
            new Case(
                    "CREATE FUNCTION \"Body\"(x xml, OUT t text) RETURN xmlserialize(CONTENT \"Body\".x AS text)",
                    "CREATE OR REPLACE FUNCTION \"Body\"(x xml, OUT t text) RETURN xmlserialize(DOCUMENT \"Body\".x AS text)",
                    "body"),
            new Case(
                    "CREATE PROCEDURE steps(x xml) BEGIN ATOMIC INSERT INTO base (a) SELECT 1 WHERE"
                            + " xmlserialize(CONTENT x AS text) <> ';'; DELETE FROM base WHERE a = 5; END",
                    "CREATE OR REPLACE PROCEDURE steps(x xml) BEGIN ATOMIC INSERT INTO base (a) SELECT 1 WHERE"
                            + " xmlserialize(CONTENT x AS text) <> ';'; DELETE FROM base WHERE a = 6; END",
                    "body"),
            new Case(
                    "CREATE TABLE generated (x xml, t text GENERATED ALWAYS AS (xmlserialize(CONTENT x AS text) || 'a') STORED)",
                    "DROP TABLE generated; CREATE TABLE generated (x xml,"
                            + " t text GENERATED ALWAYS AS (xmlserialize(CONTENT x AS text) || 'b') STORED)",
                    "column t of public.generated default is"),
            new Case(
                    "CREATE TABLE measured (x xml, y int); CREATE STATISTICS two ON"
                            + " (xmlserialize(CONTENT x AS text)), (y + 1) FROM measured",
                    "DROP STATISTICS two; CREATE STATISTICS two ON (xmlserialize(CONTENT x AS text)), (y + 2) FROM measured",
                    "statistics public.two expressions is"),
            new Case(
                    "CREATE TABLE split (x xml, a int) PARTITION BY RANGE ((xmlserialize(CONTENT x AS text)), a)",
                    "DROP TABLE split; CREATE TABLE split (x xml, a int) PARTITION BY RANGE ((xmlserialize(DOCUMENT x AS text)), a)",
                    "table public.split partition key is"));

    @Test
    void definitionsOf95AreTheSameWhateverTheyPrintLike() throws SQLException {
        judges("9.5", OF_9_5);
    }

    @Test
    void definitionsOf14AreTheSameWhateverTheyPrintLike() throws SQLException {
        judges("14", OF_14);
    }

    private static void judges(String version, List<Case> cases) throws SQLException {
        EmbeddedServer server = EmbeddedServer.shared(version);
        try (TestDatabases onSource = TestDatabases.on(server);
                TestDatabases onTarget = TestDatabases.on(TARGET)) {
            String database = onSource.create("judged");
            make(TARGET, onTarget.alsoDrop(database));
            Server from = connect(server, Side.SOURCE);
            Server to = connect(TARGET, Side.TARGET);
            for (EmbeddedServer side : List.of(server, TARGET)) {
                side.sql(database, BASE);
                for (Case one : cases) {
                    side.sql(database, one.made());
                }
            }
            Inventory source = read(from, database);
            Inventory target = read(to, database);
            List<String> texts = sentences(InventoryComparison.compare(source, target));
            SoftAssertions softly = new SoftAssertions();
            for (Case one : cases) {
                softly.assertThat(texts)
                        .as("printed alike: " + one.made())
                        // Of a view over a function's rows, the versions differ in what it refers to.
                        .anyMatch(text -> text.contains(
                                one.found().replaceFirst(" definition is$", "").replaceFirst(" is$", "")));
            }
            JudgedComparison judged = judge(source, target, from, to, database);
            softly.assertThat(sentences(judged.differences())).as("none").isEmpty();
            softly.assertThat(judged.notes()).isEmpty();

            for (Case one : cases) {
                TARGET.sql(database, one.changed());
            }
            List<String> changed = sentences(
                    judge(source, read(to, database), from, to, database).differences());
            for (Case one : cases) {
                softly.assertThat(changed)
                        .as(one.changed())
                        .anyMatch(text -> text.contains(one.found().replaceFirst(" is$", "")));
            }
            softly.assertAll();
        }
    }

    @Test
    void leavesNothingBehindAndFiresNoEventTrigger() throws SQLException {
        try (Pair pair = Pair.of("14", "CREATE VIEW v AS SELECT xmlserialize(CONTENT x AS text) AS t FROM base")) {
            TARGET.sql(
                    pair.database(),
                    "CREATE FUNCTION no_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''none''; END'",
                    "CREATE EVENT TRIGGER frozen ON ddl_command_start EXECUTE FUNCTION no_ddl()",
                    "ALTER EVENT TRIGGER frozen ENABLE ALWAYS");
            String everything = "SELECT count(*) FROM pg_class";
            String before = TARGET.value(pair.database(), everything);

            JudgedComparison judged = pair.judge();

            assertThat(sentences(judged.differences()))
                    .allMatch(text -> text.contains("frozen") || text.contains("no_ddl"));
            assertThat(judged.notes()).isEmpty();
            assertThat(TARGET.value(pair.database(), everything)).isEqualTo(before);
            assertThat(TARGET.column(
                            pair.database(), "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pgconvoy%'"))
                    .isEmpty();
        }
    }

    @Test
    void saysWhatTheTargetsUserMayNotHaveJudged() throws SQLException {
        try (Pair pair = Pair.of("14", "CREATE VIEW v AS SELECT xmlserialize(CONTENT x AS text) AS t FROM base")) {
            TARGET.sql(
                    pair.database(),
                    "DROP ROLE IF EXISTS judged_reader",
                    "CREATE ROLE judged_reader LOGIN PASSWORD 'x'",
                    "REVOKE TEMPORARY ON DATABASE \"" + pair.database() + "\" FROM PUBLIC");
            Server reader =
                    Server.connect(TARGET.endpoint(Side.TARGET, "judged_reader").withPassword(new Secret("x")), "test");
            Inventory source = read(pair.from(), pair.database());
            Inventory target = read(pair.to(), pair.database());

            JudgedComparison judged = judge(source, target, pair.from(), reader, pair.database());

            assertThat(sentences(judged.differences())).anyMatch(text -> text.startsWith("view public.v definition"));
            assertThat(judged.notes()).singleElement().asString().contains("GRANT TEMPORARY ON DATABASE");
            TARGET.sql("postgres", "DROP ROLE judged_reader");
        }
    }

    /** A view that was replaced on the source since: its present text says nothing of the one that was moved. */
    @Test
    void doesNotJudgeByATextThatCameLater() throws SQLException {
        String view = "CREATE OR REPLACE VIEW v AS SELECT xmlserialize(CONTENT x AS text) AS t FROM base";
        try (Pair pair = Pair.of("14", view)) {
            Inventory source = read(pair.from(), pair.database());
            EmbeddedServer.shared("14").sql(pair.database(), view.replace("CONTENT", "DOCUMENT"));
            TARGET.sql(pair.database(), view.replace("CONTENT", "DOCUMENT"));

            List<Difference> differences = judge(
                            source, read(pair.to(), pair.database()), pair.from(), pair.to(), pair.database())
                    .differences();

            assertThat(sentences(differences)).anyMatch(text -> text.startsWith("view public.v definition"));
        }
    }

    @Test
    void anInheritanceChildHasItsParentsColumnsFirst() throws SQLException {
        try (Pair pair = Pair.of(
                "14",
                "CREATE TABLE parent (a int); CREATE TABLE child (own int) INHERITS (parent);"
                        + " CREATE TABLE grandchild (later int) INHERITS (child);"
                        + " CREATE TABLE other (x int, y int)")) {
            EmbeddedServer.shared("14").sql(pair.database(), "ALTER TABLE parent ADD b int");
            TARGET.sql(
                    pair.database(),
                    "DROP TABLE parent CASCADE; DROP TABLE other",
                    "CREATE TABLE parent (a int, b int); CREATE TABLE child (own int) INHERITS (parent);"
                            + " CREATE TABLE grandchild (later int) INHERITS (child)",
                    "CREATE TABLE other (y int, x int)");

            assertThat(sentences(pair.judge().differences()))
                    .containsExactly("table public.other has its columns in another order");

            TARGET.sql(
                    pair.database(),
                    "DROP TABLE grandchild; CREATE TABLE grandchild (later int, a int, own int, b int);"
                            + " ALTER TABLE grandchild INHERIT child");
            assertThat(sentences(pair.judge().differences()))
                    .contains("table public.grandchild has its columns in another order");
        }
    }

    /** Up to 14 the trigger of a partition that has partitions is as internal as theirs. */
    @Test
    void aTriggerThatIsSwitchedOtherwiseOnAPartitionOfAPartitionIsOnBothSides() throws SQLException {
        try (Pair pair = Pair.of(
                "14",
                "CREATE TABLE whole (a int PRIMARY KEY) PARTITION BY LIST (a);"
                        + " CREATE TABLE half PARTITION OF whole FOR VALUES IN (1) PARTITION BY LIST (a);"
                        + " CREATE TABLE quarter PARTITION OF half FOR VALUES IN (1);"
                        + " CREATE TABLE refers (a int REFERENCES whole) PARTITION BY LIST (a);"
                        + " CREATE TABLE refers_half PARTITION OF refers FOR VALUES IN (1);"
                        + " CREATE TRIGGER noting AFTER INSERT ON whole FOR EACH ROW EXECUTE FUNCTION noted();"
                        + " ALTER TABLE ONLY half DISABLE TRIGGER noting;"
                        + " ALTER TABLE quarter ENABLE ALWAYS TRIGGER noting")) {
            assertThat(sentences(pair.judge().differences())).isEmpty();

            TARGET.sql(pair.database(), "ALTER TABLE quarter DISABLE TRIGGER noting");
            assertThat(sentences(pair.judge().differences()))
                    .containsExactly("trigger noting on public.quarter is missing on the target");
        }
    }

    @Test
    void whatNobodyMissesIsNoDifference() throws SQLException {
        try (Pair pair = Pair.of(
                "14",
                "CREATE TABLE parent (a int) PARTITION BY LIST (a); CREATE TABLE part PARTITION OF parent FOR VALUES IN (1);"
                        + " CREATE TABLE plain (a int); CREATE INDEX plain_a ON plain (a)")) {
            String database = pair.database();
            EmbeddedServer.shared("14")
                    .sql(
                            database,
                            "CREATE INDEX on_parent ON ONLY parent (a)",
                            // A shell: only the operator that names it is there.
                            "CREATE OPERATOR === (PROCEDURE = booleq, LEFTARG = bool, RIGHTARG = bool, NEGATOR = !===)",
                            "ALTER OPERATOR === (bool, bool) SET SCHEMA public",
                            "GRANT USAGE ON LANGUAGE sql TO postgres");
            TARGET.sql(
                    database,
                    "CREATE INDEX on_parent ON parent (a)",
                    "CREATE OPERATOR === (PROCEDURE = booleq, LEFTARG = bool, RIGHTARG = bool)",
                    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'plain_a'::regclass");

            assertThat(sentences(pair.judge().differences()))
                    .filteredOn(text -> !text.contains("part_a_idx") && !text.contains("negator"))
                    .containsExactly("index public.plain_a valid is yes on the source and no on the target");
        }
    }

    /** One byte beyond ASCII, as pg_dump and pg_restore carry it. */
    @Test
    void readsWhatADatabaseOfAnyBytesHolds() throws SQLException {
        EmbeddedServer server = EmbeddedServer.shared("14");
        try (TestDatabases databases = TestDatabases.on(server)) {
            String database = databases.createOfAnyBytes();
            server.sql(
                    database,
                    "CREATE SEQUENCE \"na\u00efve\"",
                    "CREATE TABLE t (a text)",
                    RawStatement.of("COMMENT ON TABLE t IS 'caf\u00e9'"),
                    RawStatement.of("ALTER TABLE t ALTER a SET DEFAULT '\u00e9'"),
                    RawStatement.of("CREATE SEQUENCE s\u00e9"),
                    RawStatement.of("CREATE TYPE mood AS ENUM ('\u00e9')"));
            Server from = connect(server, Side.SOURCE);

            Inventory inventory = read(from, database);

            String e = RawText.decode(new byte[] {(byte) 0xe9});
            assertThat(inventory.of("table").get("public.t")).containsEntry("comment", "caf" + e);
            assertThat(inventory.of("column").get("a of public.t")).containsEntry("default", "'" + e + "'::text");
            assertThat(inventory.of("sequence"))
                    .containsOnlyKeys("public.\"na\u00efve\"", "public.\"s" + e + "\"")
                    .allSatisfy((name, sequence) -> assertThat(sequence).containsEntry("last value", "1"));
            server.sql(database, "COMMENT ON TABLE t IS 'caf\u00e9'");
            assertThat(sentences(InventoryComparison.compare(inventory, read(from, database))))
                    .as("the same letter in another encoding is other bytes")
                    .map(RawText::printed)
                    .containsExactly(
                            "table public.t comment is \"caf\\xe9\" on the source and \"caf\u00e9\" on the target");
        }
    }

    @Test
    void readsRowsOfExtensionsInADatabaseOfAnyBytes() throws SQLException {
        EmbeddedServer server = EmbeddedServer.shared("14");
        try (TestDatabases databases = TestDatabases.on(server)) {
            String database = databases.createOfAnyBytes();
            server.sql(
                    database,
                    "CREATE EXTENSION cube",
                    RawStatement.of("CREATE TABLE lost\u00e9 AS SELECT '\u00e9'::text AS a"),
                    RawStatement.of("ALTER EXTENSION cube ADD TABLE lost\u00e9"));
            Server from = connect(server, Side.SOURCE);

            Inventory before = read(from, database);
            server.sql(database, RawStatement.of("INSERT INTO lost\u00e9 VALUES ('\u00ff')"));

            assertThat(sentences(InventoryComparison.compare(before, read(from, database))))
                    .singleElement()
                    .satisfies(sentence -> assertThat(RawText.printed(sentence)).contains("lost\\xe9"));
        }
    }

    /** One database of the same name and content on both servers. */
    private record Pair(TestDatabases onSource, TestDatabases onTarget, String database, Server from, Server to)
            implements AutoCloseable {
        static Pair of(String version, String... statements) throws SQLException {
            EmbeddedServer server = EmbeddedServer.shared(version);
            TestDatabases onSource = TestDatabases.on(server);
            TestDatabases onTarget = TestDatabases.on(TARGET);
            String database = onSource.create("judged");
            make(TARGET, onTarget.alsoDrop(database));
            for (EmbeddedServer side : List.of(server, TARGET)) {
                side.sql(
                        database,
                        Stream.concat(Stream.of(BASE), Stream.of(statements)).toArray(String[]::new));
            }
            return new Pair(onSource, onTarget, database, connect(server, Side.SOURCE), connect(TARGET, Side.TARGET));
        }

        JudgedComparison judge() throws SQLException {
            return JudgedComparisonIT.judge(read(from, database), read(to, database), from, to, database);
        }

        @Override
        public void close() throws SQLException {
            onSource.close();
            onTarget.close();
        }
    }

    private static void make(EmbeddedServer server, String database) throws SQLException {
        server.sql("postgres", "CREATE DATABASE \"" + database + "\" TEMPLATE template0");
        // As it was by default before 15.
        server.sql(database, "GRANT CREATE ON SCHEMA public TO PUBLIC");
    }

    private static JudgedComparison judge(Inventory source, Inventory target, Server from, Server to, String database) {
        return JudgedComparison.of(source, target, from, to, new DatabaseName(database), new Cancellation());
    }

    private static Server connect(EmbeddedServer server, Side side) {
        return Server.connect(server.endpoint(side), "test");
    }

    private static Inventory read(Server server, String database) throws SQLException {
        try (Session session = server.session(new DatabaseName(database), "test")) {
            return session.rolledBack(InventoryReader::read);
        }
    }

    private static List<String> sentences(List<Difference> differences) {
        return differences.stream().map(Difference::sentence).toList();
    }
}
