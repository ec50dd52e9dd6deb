package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.Transport;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.ServerOptions;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Privileges that were granted by somebody who needs other privileges for that. */
class PrivilegesIT {
    private static final String PRIVILEGES = """
            SELECT attrelid::regclass || ' ' || attacl::text FROM pg_attribute
             WHERE attacl IS NOT NULL AND attrelid >= 16384 ORDER BY 1
            """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(Transport.class)
    void grantsByOthersArriveHoweverManyWorkersRestoreThem(Transport transport) throws SQLException {
        try (EmbeddedServer source = EmbeddedServer.start(ServerOptions.of("14").withoutSync());
                EmbeddedServer target = EmbeddedServer.start("18")) {
            source.sql("postgres", "CREATE ROLE giver", "CREATE ROLE taker", "CREATE DATABASE granted");
            // So many privileges on the schema that another worker comes to its table before they are all granted.
            source.sql("granted", """
                    CREATE SCHEMA s;
                    CREATE TABLE s.t (c integer);
                    DO $$ BEGIN
                        FOR i IN 1..500 LOOP
                            EXECUTE format('CREATE ROLE r%s', i);
                            EXECUTE format('GRANT USAGE ON SCHEMA s TO r%s', i);
                        END LOOP;
                    END $$;
                    GRANT USAGE ON SCHEMA s TO giver;
                    GRANT SELECT (c) ON s.t TO giver WITH GRANT OPTION;
                    SET ROLE giver;
                    GRANT SELECT (c) ON s.t TO taker;
                    """);

            Move.Moved moved = new Move(source, target, folder).by(transport).run("--restore-jobs=2");

            assertThat(moved.exitCode()).as(moved.output()).isZero();
            assertThat(moved.database("granted").get("outcome").asText()).isEqualTo("complete");
            assertThat(target.column("granted", PRIVILEGES))
                    .contains("s.t {giver=r*/postgres,taker=r/giver}")
                    .isEqualTo(source.column("granted", PRIVILEGES));
        }
    }
}
