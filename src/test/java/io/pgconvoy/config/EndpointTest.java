package io.pgconvoy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointTest {
    @ParameterizedTest
    @CsvSource({
        "'',           5432,  app, --from-host is empty",
        "' ',          5432,  app, --from-host is empty",
        "/tmp,         5432,  app, --from-host: '/tmp' is a socket's folder",
        "'db1,db2',    5432,  app, '--from-host: ''db1,db2'' is not a host name'",
        "db1/x,        5432,  app, --from-host: 'db1/x' is not a host name",
        "db1?ssl=on,   5432,  app, --from-host: 'db1?ssl=on' is not a host name",
        "db 1,         5432,  app, --from-host: 'db 1' is not a host name",
        "db1,          0,     app, --from-port: 0 is not a port",
        "db1,          -1,    app, --from-port: -1 is not a port",
        "db1,          65536, app, --from-port: 65536 is not a port",
        "db1,          5432,  '',  --from-user is empty",
    })
    void namesTheOptionThatIsWrong(String host, int port, String user, String message) {
        assertThatThrownBy(() -> endpoint(host, port, user))
                .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                    assertThat(failure.kind()).isEqualTo(ErrorKind.USAGE);
                    assertThat(failure.getMessage()).startsWith(message.replace("''", "'"));
                    assertThat(failure.hint()).isNotEmpty();
                });
    }

    @ParameterizedTest
    @CsvSource({"localhost", "127.0.0.1", "::1", "fe80::1%eth0", "db-1.example", "büro.example", "a_b"})
    void takesNamesAndAddresses(String host) {
        assertThat(endpoint(host, 5432, "app").label()).isEqualTo("source " + host + ":5432");
    }

    @Test
    void neverPrintsItsPassword() {
        Endpoint endpoint = endpoint("db1", 5432, "app").withPassword(new Secret("SESAME"));

        assertThat(endpoint.toString()).doesNotContain("SESAME").contains("***");
        assertThat(endpoint.password().orElseThrow().reveal()).isEqualTo("SESAME");
    }

    private static Endpoint endpoint(String host, int port, String user) {
        return new Endpoint(Side.SOURCE, host, port, user, Optional.empty(), new DatabaseName("postgres"), Map.of());
    }
}
