package io.pgconvoy.verify.checksum;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.verify.checksum.ValueType.Array;
import io.pgconvoy.verify.checksum.ValueType.Base;
import io.pgconvoy.verify.checksum.ValueType.Composite;
import io.pgconvoy.verify.checksum.ValueType.Domain;
import io.pgconvoy.verify.checksum.ValueType.Enumeration;
import io.pgconvoy.verify.checksum.ValueType.Field;
import io.pgconvoy.verify.checksum.ValueType.Multirange;
import io.pgconvoy.verify.checksum.ValueType.Range;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RowDigestTest {
    private static final ValueType INT = Base.builtIn("int4");
    private static final ValueType FLOAT = Base.builtIn("float8");
    private static final String FLOAT_V =
            "CASE WHEN %1$s = 'NaN'::pg_catalog.float8 THEN '' ELSE pg_catalog.float8send(%1$s) END";

    @Test
    void takesColumnsByNameWhateverTheirOrder() {
        Field a = new Field("a", INT);
        Field b = new Field("B \"quoted\"", new Enumeration());

        assertThat(RowDigest.of(List.of(a, b)))
                .isEqualTo(RowDigest.of(List.of(b, a)))
                .isEqualTo("pg_catalog.md5(ROW(\"B \"\"quoted\"\"\", \"a\")::pg_catalog.text)");
    }

    @Test
    void digestsATableWithoutColumns() {
        assertThat(RowDigest.of(List.of())).isEqualTo("pg_catalog.md5(ROW()::pg_catalog.text)");
    }

    @Test
    void digestsWhatMayBeLong() {
        assertThat(value(Base.builtIn("text")))
                .isEqualTo("CASE WHEN pg_catalog.octet_length(\"v\") <= 100 THEN \"v\"::pg_catalog.text"
                        + " ELSE pg_catalog.md5(\"v\") || pg_catalog.rpad('', 100) END");
        assertThat(value(Base.builtIn("bytea"))).isEqualTo("pg_catalog.md5(\"v\")");
        assertThat(value(Base.builtIn("jsonb"))).isEqualTo("pg_catalog.md5(\"v\"::pg_catalog.text)");
        assertThat(value(new Array(INT))).isEqualTo("pg_catalog.md5(\"v\"::pg_catalog.text)");
        assertThat(value(Base.builtIn("varbit"))).isEqualTo("pg_catalog.md5(\"v\"::pg_catalog.text)");
    }

    @Test
    void goesIntoWhatHoldsFloatingPointNumbers() {
        String inDomain = String.format(FLOAT_V, "(\"v\"::\"pg_catalog\".\"float8\")");

        assertThat(value(FLOAT)).isEqualTo(String.format(FLOAT_V, "\"v\""));
        assertThat(value(new Domain("pg_catalog", "float8", FLOAT))).isEqualTo(inDomain);
        assertThat(value(new Composite(List.of(new Field("z", FLOAT), new Field("a b", INT)))))
                .isEqualTo("CASE WHEN \"v\" IS DISTINCT FROM NULL THEN pg_catalog.md5(ROW("
                        + String.format(FLOAT_V, "(\"v\").\"z\"") + ", (\"v\").\"a b\")::pg_catalog.text) END");
        assertThat(value(new Range(FLOAT)))
                .contains(String.format(FLOAT_V, "pg_catalog.lower(\"v\")"), "pg_catalog.lower_inf(\"v\")");
        assertThat(value(new Multirange(new Range(FLOAT)))).contains("pg_catalog.unnest(\"v\")");
        assertThat(value(new Array(
                        new Array(new Composite(List.of(new Field("f", new Array(Base.builtIn("point")))))))))
                .contains("pgconvoy_0.v", "(pgconvoy_1.v).\"f\"", "pg_catalog.point_send(pgconvoy_2.v)");
    }

    @Test
    void leavesWholeWhatHoldsNone() {
        ValueType composite = new Composite(List.of(new Field("a", INT), new Field("b", new Array(new Enumeration()))));

        for (ValueType type : List.of(
                composite,
                new Array(composite),
                new Range(Base.builtIn("numeric")),
                new Multirange(new Range(INT)),
                new Base("public", "hstore", Optional.of("hstore")))) {
            assertThat(value(type)).isEqualTo("pg_catalog.md5(\"v\"::pg_catalog.text)");
        }
    }

    @Test
    void knowsTypesOfAUserThatAreCalledLikeBuiltInOnes() {
        assertThat(value(new Base("mine", "float8", Optional.empty())))
                .isEqualTo("pg_catalog.md5(\"v\"::pg_catalog.text)");
    }

    @Test
    void findsAnExtensionsFunctionsInItsSchema() {
        assertThat(value(new Base("ext \"schema", "cube", Optional.of("cube"))))
                .contains("\"ext \"\"schema\".\"cube_dim\"(\"v\")");
    }

    /** The expression in the row constructor of a table with one column, {@code v}. */
    private static String value(ValueType type) {
        String row = RowDigest.of(List.of(new Field("v", type)));
        return row.substring("pg_catalog.md5(ROW(".length(), row.length() - ")::pg_catalog.text)".length());
    }
}
