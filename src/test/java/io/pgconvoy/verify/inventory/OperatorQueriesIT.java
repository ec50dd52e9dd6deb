package io.pgconvoy.verify.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.model.Difference;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.TestDatabases;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That the same text over another operator is a difference. */
class OperatorQueriesIT {
    /** As it was before 15. */
    private static final String ALIKE =
            "GRANT CREATE ON SCHEMA public TO PUBLIC; ALTER SCHEMA public OWNER TO postgres;";

    private static final String TABLE = """
            CREATE EXTENSION citext;
            CREATE TABLE public.a (x public.citext, n integer);
            CREATE FUNCTION public.changed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
            """;

    private static final String EXPRESSIONS = """
            CREATE VIEW public.v AS SELECT n FROM public.a WHERE x IS DISTINCT FROM 'a'::public.citext;
            CREATE POLICY p ON public.a USING (x IS NOT DISTINCT FROM 'a'::public.citext);
            CREATE INDEX i ON public.a (n) WHERE x IS DISTINCT FROM 'a'::public.citext;
            CREATE RULE r AS ON INSERT TO public.v WHERE 'a'::public.citext IS NOT DISTINCT FROM 'A'::public.citext
                DO INSTEAD NOTHING;
            CREATE TRIGGER t BEFORE UPDATE ON public.a FOR EACH ROW
                WHEN (old.x IS DISTINCT FROM new.x) EXECUTE PROCEDURE public.changed();
            ALTER TABLE public.a ADD CONSTRAINT c CHECK (x IS DISTINCT FROM 'a'::public.citext),
                ADD COLUMN d boolean DEFAULT 'a'::public.citext IS DISTINCT FROM 'A'::public.citext,
                ADD COLUMN g boolean GENERATED ALWAYS AS (x IS DISTINCT FROM 'a'::public.citext) STORED;
            CREATE DOMAIN public.dom AS public.citext CHECK (value IS DISTINCT FROM 'a'::public.citext);
            CREATE FUNCTION public.body(c public.citext) RETURNS boolean
                RETURN c IS DISTINCT FROM 'a'::public.citext;
            CREATE VIEW public.same AS SELECT x, count(*) FROM public.a
                WHERE x OPERATOR(public.=) 'a'::public.citext GROUP BY x;
            """;

    @Test
    void tellsOperatorsApartThatReadTheSame() throws SQLException {
        EmbeddedServer source = EmbeddedServer.shared("14");
        EmbeddedServer target = EmbeddedServer.shared("18");
        try (TestDatabases here = TestDatabases.on(source);
                TestDatabases there = TestDatabases.on(target)) {
            String old = here.create("operators");
            String restored = there.create("restored");
            String same = there.create("same");
            source.sql(old, TABLE + EXPRESSIONS);
            target.sql(same, ALIKE + TABLE + EXPRESSIONS);
            target.sql(restored, ALIKE + TABLE + "SET search_path = pg_catalog;" + EXPRESSIONS);
            Inventory inventory = read(source, old);

            List<Difference> differences = InventoryComparison.compare(inventory, read(target, restored));

            assertThat(InventoryComparison.compare(inventory, read(target, same)))
                    .isEmpty();
            assertThat(differences)
                    .extracting(Difference::object)
                    .containsExactlyInAnyOrder(
                            "view public.v",
                            "policy p on public.a",
                            "index public.i",
                            "rule r on public.v",
                            "trigger t on public.a",
                            "constraint c on public.a",
                            "column d of public.a",
                            "column g of public.a",
                            "constraint dom_check on public.dom",
                            "function public.body(public.citext)");
            assertThat(differences)
                    .extracting(Difference::what)
                    .containsOnly(
                            "uses operator public.=(public.citext, public.citext) on the source only, where a built-in"
                                    + " one stands on the other side");
        }
    }

    private static Inventory read(EmbeddedServer server, String database) {
        try (Session session = server.session(database)) {
            return session.rolledBack(InventoryReader::read);
        }
    }
}
