package io.pgconvoy.migration.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.postgres.tools.RestoreError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestoreErrorKindTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE public.orders OWNER TO postgres;",
                "ALTER TABLE \"it's\"\"; OWNER TO x;\".\"new\nline\" OWNER TO \"o'brien\";",
                "ALTER FUNCTION tools.add(a integer, b \"x y\".\"t\") OWNER TO \"app\";",
                "ALTER OPERATOR tools.||| (text, text) OWNER TO postgres;",
                "ALTER LARGE OBJECT 700001 OWNER TO \"boss\";",
                "GRANT SELECT ON TABLE public.t TO app;",
                "REVOKE ALL ON SCHEMA public FROM PUBLIC;\nGRANT ALL ON SCHEMA public TO app;",
                "SET SESSION AUTHORIZATION \"o'brien\";\nGRANT SELECT ON TABLE t TO app;"
            })
    void ownersAndPrivilegesAreRights(String command) {
        assertThat(RestoreErrorKind.of(error(command))).isEqualTo(RestoreErrorKind.RIGHTS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE public.t (c integer);",
                "ALTER TABLE ONLY public.t ADD CONSTRAINT c CHECK (t <> ' OWNER TO x;');",
                "ALTER TABLE ONLY public.t ALTER COLUMN c SET DEFAULT 'x OWNER TO y;';",
                "CREATE EXTENSION IF NOT EXISTS bloom WITH SCHEMA public;",
                "COPY public.t (c) FROM stdin;",
                "ALTER TABLE public.t ENABLE ROW LEVEL SECURITY;",
                ""
            })
    void definitionsAndRowsAreLosses(String command) {
        assertThat(RestoreErrorKind.of(error(command))).isEqualTo(RestoreErrorKind.LOSS);
    }

    @Test
    void whatIsBesideThemIsNamedWithoutSecrets() {
        RestoreError comment = error("COMMENT ON EXTENSION \"citext\" IS 'x\ny';");
        RestoreError subscription = error("CREATE SUBSCRIPTION \"s\" CONNECTION 'password=secret' PUBLICATION \"p\";");

        assertThat(RestoreErrorKind.of(comment)).isEqualTo(RestoreErrorKind.EXTRA);
        assertThat(RestoreErrorKind.describe(comment))
                .isEqualTo("left out: COMMENT ON EXTENSION \"citext\" IS 'x -- must be owner of extension citext");
        assertThat(RestoreErrorKind.of(subscription)).isEqualTo(RestoreErrorKind.EXTRA);
        assertThat(RestoreErrorKind.describe(subscription))
                .contains("SUBSCRIPTION \"s\"")
                .doesNotContain("secret");
    }

    private static RestoreError error(String command) {
        return new RestoreError(
                "ANY - entry", "could not execute query: ERROR:  must be owner of extension citext", command);
    }
}
