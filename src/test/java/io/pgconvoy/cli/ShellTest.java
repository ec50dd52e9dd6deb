package io.pgconvoy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgconvoy.config.Endpoint;
import io.pgconvoy.config.EndpointUri;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.Home;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.config.Secret;
import io.pgconvoy.config.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShellTest {
    private static final Endpoint PLAIN = EndpointUri.parse(Side.SOURCE, "postgresql://db1");

    @TempDir
    Path home;

    @Test
    void givesBothServersWhatLibpqsVariablesSay() {
        Shell shell = shell(Map.of("PGSSLMODE", "require", "PGCONNECT_TIMEOUT", "7", "PGCHANNELBINDING", "require"));

        assertThat(shell.complete(PLAIN).parameters())
                .isEqualTo(Map.of("sslmode", "require", "connect_timeout", "7", "channel_binding", "require"));
        assertThat(shell.complete(EndpointUri.parse(Side.TARGET, "postgresql://db2?sslmode=disable"))
                        .parameters())
                .containsEntry("sslmode", "disable");
    }

    @ParameterizedTest
    @CsvSource({
        "PGSSLMODE, requir, an sslmode that there is not",
        "PGCONNECT_TIMEOUT, soon, a connect_timeout that is no number of seconds",
        "PGSSLNEGOTIATION, x, an sslnegotiation that there is not"
    })
    void refusesAVariableThatMakesNoSense(String name, String value, String what) {
        assertThatThrownBy(() -> shell(Map.of(name, value)).complete(PLAIN))
                .isInstanceOfSatisfying(
                        PgconvoyException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(ErrorKind.USAGE))
                .hasMessage(name + " in the environment has " + what);
    }

    /** What libpq makes of a variable, driver and tools do, or the run is refused, or neither of them sees it. */
    @ParameterizedTest
    @CsvSource({
        "PGSSLMODE, require, sslmode=require",
        "PGREQUIRESSL, 1, sslmode=require",
        "PGREQUIRESSL, 0, nothing",
        "PGSSLNEGOTIATION, direct, sslnegotiation=direct",
        "PGCHANNELBINDING, require, channel_binding=require",
        "PGGSSENCMODE, require, gssencmode=require",
        "PGCONNECT_TIMEOUT, 7, connect_timeout=7",
        "PGSSLMINPROTOCOLVERSION, TLSv1.3, refused",
        "PGSSLMINPROTOCOLVERSION, TLSv1.4, refused",
        "PGSSLMINPROTOCOLVERSION, tlsv1.2, nothing",
        "PGSSLMAXPROTOCOLVERSION, TLSv1.2, warning",
        "PGSSLCRL, /etc/ssl/revoked.crl, refused",
        "PGSSLCRLDIR, /etc/ssl/crls, refused",
        "PGSSLCERTMODE, allow, nothing",
        "PGSSLCERTMODE, disable, refused",
        "PGSSLCERTMODE, require, refused",
        "PGSSLCOMPRESSION, 1, warning",
        "PGSSLSNI, 0, warning",
        "PGREQUIREAUTH, scram-sha-256, refused",
        "PGREQUIREPEER, postgres, refused",
        "PGSERVICE, production, refused",
        "PGSERVICEFILE, /etc/services, warning",
        "PGHOST, db, warning",
        "PGHOSTADDR, 10.0.0.1, warning",
        "PGPORT, 5433, warning",
        "PGUSER, app, warning",
        "PGDATABASE, app, warning",
        "PGPASSWORD, secret, warning",
        "PGTARGETSESSIONATTRS, read-write, warning",
        "PGLOADBALANCEHOSTS, random, warning",
        "PGOPTIONS, -c role=app, warning",
        "PGAPPNAME, app, warning",
        "PGCLIENTENCODING, LATIN1, warning",
        "PGTZ, UTC, warning",
        "PGDATESTYLE, German, warning",
        "PGGEQO, off, warning",
        "PGKRBSRVNAME, pg, warning",
        "PGGSSLIB, gssapi, warning",
        "PGGSSDELEGATION, 1, warning",
        "PGMINPROTOCOLVERSION, latest, warning",
        "PGMAXPROTOCOLVERSION, 3.0, warning",
        "PGDATA, /var/lib/postgresql, nothing"
    })
    void doesWithEachVariableWhatIsSafe(String variable, String value, String outcome) {
        Shell shell = shell(Map.of(variable, value));
        if (outcome.equals("refused")) {
            assertThatThrownBy(() -> shell.complete(PLAIN))
                    .isInstanceOfSatisfying(PgconvoyException.class, failure -> {
                        assertThat(failure.kind()).isEqualTo(ErrorKind.USAGE);
                        assertThat(failure.hint()).contains("env -u " + variable + " ");
                    })
                    .hasMessageContaining(variable)
                    .hasMessageNotContaining(value);
            return;
        }

        Map<String, String> parameters = shell.complete(PLAIN).parameters();

        assertThat(shell.unheard(Set.of())).hasSize(outcome.equals("warning") ? 1 : 0);
        assertThat(parameters)
                .isEqualTo(
                        outcome.contains("=")
                                ? Map.of(
                                        outcome.substring(0, outcome.indexOf('=')),
                                        outcome.substring(outcome.indexOf('=') + 1))
                                : Map.of());
    }

    @Test
    void asksNothingOfTlsWhereItIsOff() {
        Endpoint clear = EndpointUri.parse(Side.SOURCE, "postgresql://db1?sslmode=disable");

        assertThat(shell(Map.of("PGSSLCRL", "x", "PGREQUIRESSL", "1"))
                        .complete(clear)
                        .parameters())
                .isEqualTo(Map.of("sslmode", "disable"));
        assertThatThrownBy(() -> shell(Map.of("PGREQUIREAUTH", "scram-sha-256")).complete(clear))
                .hasMessageContaining("PGREQUIREAUTH");
    }

    @Test
    void refusesAListOfRevokedCertificatesThatTheToolsAloneWouldReadInTheHome() throws IOException {
        file(".postgresql/root.crt", "rw-r--r--");
        Path revoked = file(".postgresql/root.crl", "rw-r--r--");

        assertThatThrownBy(() -> shell(Map.of("PGSSLMODE", "verify-ca")).complete(PLAIN))
                .hasMessageContaining(revoked.toString());
        assertThat(shell(Map.of()).complete(PLAIN).parameters()).isEmpty();
    }

    @Test
    void findsCertificatesInTheHome() throws IOException {
        Path root = file(".postgresql/root.crt", "rw-r--r--");
        Path certificate = file(".postgresql/postgresql.crt", "rw-r--r--");
        Path key = file(".postgresql/postgresql.key", "rw-------");

        assertThat(shell(Map.of("PGSSLMODE", "verify-full")).complete(PLAIN).parameters())
                .isEqualTo(Map.of(
                        "sslmode", "verify-full",
                        "sslrootcert", root.toString(),
                        "sslcert", certificate.toString(),
                        "sslkey", key.toString()));
        assertThat(shell(Map.of("PGSSLMODE", "disable")).complete(PLAIN).parameters())
                .isEqualTo(Map.of("sslmode", "disable"));
    }

    @Test
    void expandsTheTildeOfCertificates() throws IOException {
        Path root = file("ca.crt", "rw-r--r--");

        assertThat(shell(Map.of())
                        .complete(EndpointUri.parse(
                                Side.SOURCE, "postgresql://db1?sslmode=verify-ca&sslrootcert=~/ca.crt"))
                        .parameters())
                .containsEntry("sslrootcert", root.toString());
    }

    @Test
    void refusesFilesThatToolsOrDriverWouldFailOf() throws IOException {
        file(".postgresql/postgresql.crt", "rw-r--r--");
        Path key = file(".postgresql/postgresql.key", "rw-r--r--");

        assertThatThrownBy(() -> shell(Map.of("PGSSLMODE", "require")).complete(PLAIN))
                .hasMessageContaining("sslkey: others than its owner have rights on " + key);
        assertThatThrownBy(() ->
                        shell(Map.of("PGSSLROOTCERT", "/nonexistent/ca.crt")).complete(PLAIN))
                .hasMessageContaining("sslrootcert: cannot read /nonexistent/ca.crt");
        Files.delete(key.resolveSibling("postgresql.crt"));
        assertThatThrownBy(() -> shell(Map.of("PGSSLMODE", "verify-ca")).complete(PLAIN))
                .hasMessageContaining("~/.postgresql/root.crt");
    }

    @Test
    void takesTheMachinesAuthoritiesForFullVerificationOnly() {
        assertThat(shell(Map.of("PGSSLROOTCERT", "system")).complete(PLAIN).parameters())
                .isEqualTo(Map.of("sslmode", "verify-full", "sslrootcert", "system"));
        assertThat(shell(Map.of("PGSSLROOTCERT", "system"))
                        .complete(EndpointUri.parse(Side.SOURCE, "postgresql://db1?sslmode=disable"))
                        .parameters())
                .containsEntry("sslmode", "disable");
        assertThatThrownBy(() -> shell(Map.of("PGSSLROOTCERT", "system", "PGSSLMODE", "require"))
                        .complete(PLAIN))
                .hasMessageContaining("verify-full");
    }

    @Test
    void readsThePasswordFileOfTheHome() throws IOException {
        Files.writeString(file(".pgpass", "rw-------"), "db1:*:*:*:of home\n");
        Files.writeString(file("named", "rw-------"), "db1:*:*:*:of variable\n");

        assertThat(password(Map.of())).contains("of home");
        assertThat(password(Map.of("PGPASSFILE", home.resolve("named").toString())))
                .contains("of variable");
        assertThat(shell(Map.of())
                        .complete(PLAIN.withPassword(new Secret("given")))
                        .password()
                        .map(Secret::reveal))
                .contains("given");
    }

    @Test
    void saysOnceWhyThePasswordFileIsNotUsed() throws IOException {
        Path file = file(".pgpass", "rw-r--r--");
        Shell shell = shell(Map.of());

        assertThat(shell.complete(PLAIN).password()).isEmpty();
        assertThat(shell.news()).hasSize(1).first().asString().contains(file.toString(), "chmod 600");
        shell.complete(EndpointUri.parse(Side.TARGET, "postgresql://db2"));
        assertThat(shell.news()).isEmpty();
    }

    @Test
    void namesWhatItDoesNotObey() {
        Map<String, String> environment = Map.of(
                "PGHOST", "db", "PGTZ", "x", "PGOPTIONS", "", "PGDATA", "/d", "PGSSLMODE", "prefer", "PATH", "/bin");

        assertThat(shell(environment).unheard(Set.of("from-host")))
                .hasSize(1)
                .first()
                .asString()
                .contains("PGHOST, PGTZ,");
    }

    @Test
    void namesVariablesOfItsOwnThatAreNoOptions() {
        Map<String, String> environment =
                Map.of("PGCONVOY_FROM_PROT", "1", "PGCONVOY_FROM_HOST", "h", "PGCONVOY_JAVA_OPTS", "-Xmx1g");

        assertThat(shell(environment).unheard(Set.of("from-host", "from-port")))
                .containsExactly(
                        "the environment has PGCONVOY_FROM_PROT, which is no option; did you mean PGCONVOY_FROM_PORT"
                                + " or PGCONVOY_FROM_HOST?");
        assertThat(shell(Map.of("PGCONVOY_XYZ", "1")).unheard(Set.of("from-host")))
                .containsExactly("the environment has PGCONVOY_XYZ, which is no option");
    }

    private Optional<String> password(Map<String, String> environment) {
        return shell(environment).complete(PLAIN).password().map(Secret::reveal);
    }

    private Shell shell(Map<String, String> environment) {
        return new Shell(environment, new Home(Optional.of(home)));
    }

    private Path file(String name, String rights) throws IOException {
        Path file = home.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "x");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
    }
}
