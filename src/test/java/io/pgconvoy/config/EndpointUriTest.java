package io.pgconvoy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointUriTest {
    @ParameterizedTest
    @CsvSource({
        "postgresql://,                                localhost,    5432, postgres, postgres",
        "postgresql://db1,                             db1,          5432, postgres, postgres",
        "postgres://db1:6000,                          db1,          6000, postgres, postgres",
        "postgresql://app@db1/shop,                    db1,          5432, app,      shop",
        "postgresql://app@db1/,                        db1,          5432, app,      postgres",
        "postgresql://app@db1:6000/shop?sslmode=prefer, db1,         6000, app,      shop",
        "postgresql:///shop,                           localhost,    5432, postgres, shop",
        "postgresql://:6000/shop,                      localhost,    6000, postgres, shop",
        "postgresql://[::1],                           ::1,          5432, postgres, postgres",
        "postgresql://app@[2001:db8::1]:6000/shop,     2001:db8::1,  6000, app,      shop",
        "postgresql://[fe80::1%25eth0]:6000,           fe80::1%eth0, 6000, postgres, postgres",
        "postgresql://a%40b%3Ac@db1/a%2Fb%20c%3Dd%3F,  db1,          5432, a@b:c,    a/b c=d?",
        "postgresql://a+b@db1/c+d,                     db1,          5432, a+b,      c+d",
        "postgresql://%C3%BC@db1/%E6%97%A5,            db1,          5432, ü,        日",
    })
    void readsAUriAsLibpqDoes(String uri, String host, int port, String user, String database) {
        Endpoint endpoint = EndpointUri.parse(Side.SOURCE, uri);

        assertThat(endpoint.host()).isEqualTo(host);
        assertThat(endpoint.port()).isEqualTo(port);
        assertThat(endpoint.user()).isEqualTo(user);
        assertThat(endpoint.database().value()).isEqualTo(database);
        assertThat(endpoint.password()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "postgresql://app:s3cret@db1, s3cret",
        "postgresql://app:s%3Ac%2F%40%3F%25@db1, s:c/@?%",
        "postgresql://app:a:b@db1, a:b",
        "postgresql://app:a@b@db1, a@b",
        "postgresql://app:a+b@db1, a+b",
        "postgresql://:s3cret@db1, s3cret",
    })
    void takesThePasswordOutOfTheUri(String uri, String password) {
        Endpoint endpoint = EndpointUri.parse(Side.TARGET, uri);

        assertThat(endpoint.password()).isEqualTo(Optional.of(new Secret(password)));
        assertThat(endpoint.host()).isEqualTo("db1");
        assertThat(endpoint.toString()).doesNotContain(password);
        assertThat(endpoint.label()).isEqualTo("target db1:5432");
    }

    @Test
    void keepsTheParametersByTheirLibpqNames() {
        Endpoint endpoint = EndpointUri.parse(
                Side.SOURCE, "postgresql://db1/?sslmode=verify-full&sslrootcert=%2Fetc%2Fca%20x.pem&connect_timeout=5");

        assertThat(endpoint.parameters())
                .isEqualTo(Map.of("sslmode", "verify-full", "sslrootcert", "/etc/ca x.pem", "connect_timeout", "5"));
    }

    /** Every row has the password SESAME, or a part of it, where it does harm. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SESAME",
                "http://app:SESAME@db1/shop",
                "app:SESAME@db1",
                "host=db1 password=SESAME",
                "postgresql:/app:SESAME@db1",
                "postgresql://app:SESAME@db1:port/shop",
                "postgresql://app:SESAME@db1:123456/shop",
                "postgresql://app:SESAME@db1:99999/shop",
                "postgresql://app:SESAME@db1:0/shop",
                "postgresql://app:SESAME@db1:/shop",
                "postgresql://app:SESAME@db1,db2/shop",
                "postgresql://app:SESAME@[::1/shop",
                "postgresql://app:SESAME@::1/shop",
                "postgresql://app:SESAME@[::1]x/shop",
                "postgresql://app:SESAME@a b/shop",
                "postgresql://app:SESAME%@db1/shop",
                "postgresql://app:SESAME%zz@db1/shop",
                "postgresql://app:SESAME@db1/%zz",
                "postgresql://app:SESAME/x@db1/shop",
                "postgresql://app:1/SESAME@db1/shop",
                "postgresql://app:x@1/SESAME@db1/shop",
                "postgresql://app:SESAME?x@db1/shop",
                "postgresql://app:1?SESAME=x@db1/shop",
                "postgresql://app:1?sslmode=SESAME@db1/shop",
                "postgresql://app:SESAME@db1/sh%00op",
                "postgresql://db1/shop?password=SESAME",
                "postgresql://db1/shop?sslmode",
                "postgresql://db1/shop?=SESAME",
                "postgresql://db1/shop?",
                "postgresql://db1/shop?sslmode=require&",
                "postgresql://db1/shop?connect_timeout=soon",
                "postgresql://db1/shop?sslmode=perhaps",
            })
    void refusesAMalformedUriWithoutRepeatingItsPassword(String uri) {
        assertThatThrownBy(() -> EndpointUri.parse(Side.SOURCE, uri))
                .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(ErrorKind.USAGE);
                    assertThat(failure.getMessage()).startsWith("--from: the URI");
                    assertThat(failure.getMessage() + failure.hint())
                            .doesNotContain("SESAME")
                            .doesNotContain("\n");
                    assertThat(failure.hint()).isNotEmpty();
                    assertThat(failure).hasNoCause();
                });
    }

    @Test
    void namesAParameterThatIsNotSupported() {
        assertThatThrownBy(() -> EndpointUri.parse(Side.TARGET, "postgresql://db1/?options=-c%20x%3Dy"))
                .isInstanceOf(PgconvoyException.class)
                .hasMessage("--to: the URI's parameter 'options' is not supported");
    }
}
