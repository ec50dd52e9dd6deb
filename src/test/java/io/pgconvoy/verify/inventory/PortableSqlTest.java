package io.pgconvoy.verify.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortableSqlTest {
    /** The first text is an old server's, the second a new one's of the same thing. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                " SELECT orders.id, orders.note FROM public.orders WHERE (orders.id > 5); | SELECT id, note FROM public.orders WHERE (id > 5);",
                " SELECT o.id FROM public.orders o WHERE EXISTS ( SELECT 1 FROM x WHERE x.id = o.id); | SELECT id FROM public.orders o WHERE EXISTS ( SELECT 1 FROM x WHERE x.id = o.id)",
                " SELECT g.g FROM generate_series(1, 2) g(g) | SELECT g FROM generate_series(1, 2) g(g)",
                " SELECT s.a FROM ( SELECT 1 AS a) s | SELECT a FROM ( SELECT 1 AS a) s",
                " WITH w AS (SELECT 1 AS a) SELECT w.a FROM w | WITH w AS (SELECT 1 AS a) SELECT a FROM w",
                "(x > (-1)) | (x > '-1'::integer)",
                "(x > (-1.5)) | (x > '-1.5'::numeric)",
                "CHECK (((a)::text = ANY ((ARRAY['x'::character varying, 'y'::character varying])::text[]))) | CHECK (((a)::text = ANY (ARRAY[('x'::character varying)::text, ('y'::character varying)::text])))",
                "(x > (0.10000000000000001)::double precision) | (x > (0.1)::double precision)",
                "(x > '0.100000001'::real) | (x > '0.1'::real)",
                "CREATE TRIGGER t BEFORE INSERT ON public.a FOR EACH ROW EXECUTE PROCEDURE public.f() | CREATE TRIGGER t BEFORE INSERT ON public.a FOR EACH ROW EXECUTE FUNCTION public.f()",
                "SELECT \"values\".\"json\" FROM public.\"values\" | SELECT json FROM public.values",
                "nextval('public.\"values\"'::regclass) | nextval('public.values'::regclass)",
                "('a'::character varying(20))::text | 'a'::text",
                "a::timestamp(3) without time zone | a",
                "a::interval day to second(3) | a",
            })
    void versionsAgree(String older, String newer) {
        assertThat(PortableSql.of(older)).isEqualTo(PortableSql.of(newer));
        assertThat(DefinitionText.sameSql(older, newer, false)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "(x > 1) | (x > 2)",
                "(x > (-1)) | (x > 1)",
                "(x = 'a'::text) | (x = 'A'::text)",
                "(x = '1'::text) | (x = '1.0'::text)",
                "(x = E'a\\\\'' (b') | (x = E'a\\\\'' b')",
                "SELECT a.x FROM a JOIN b ON a.y = b.y | SELECT b.x FROM a JOIN b ON a.y = b.y",
                "SELECT o.id FROM public.orders o | SELECT o.id FROM private.orders o",
                "\"A\" | a",
                "x < y | x <= y",
                "x > 12345678901234567890 | x > 12345678901234567891",
            })
    void differencesRemain(String one, String other) {
        assertThat(DefinitionText.sameSql(one, other, false)).isFalse();
        assertThat(DefinitionText.sameSql(lengthened(one), lengthened(other), false))
                .isFalse();
        assertThat(DefinitionText.sameSql(
                        DefinitionText.keepSql(lengthened(one)), DefinitionText.keepSql(lengthened(other)), false))
                .isFalse();
    }

    /** Long enough to be kept as a digest. */
    private static String lengthened(String text) {
        return text + " AND y = '" + "y".repeat(200) + "'";
    }
}
