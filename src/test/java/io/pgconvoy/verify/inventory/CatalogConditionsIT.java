package io.pgconvoy.verify.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.FleetServers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That a question to the catalogs is left out only where it has no answer. */
class CatalogConditionsIT {
    @ParameterizedTest
    @ValueSource(strings = {"9.5", "14", "18"})
    void leavesOutOnlyWhatHasNoAnswer(String version) {
        try (EmbeddedServer server = FleetServers.start(version)) {
            Server connected = Server.connect(server.endpoint(Side.SOURCE), "pgconvoy test");
            Set<String> left = new HashSet<>();
            List<String> databases = new ArrayList<>(FleetServers.databases());
            databases.add("template1");
            for (String database : databases) {
                try (Session session = connected.session(new DatabaseName(database), "test")) {
                    session.rolledBack(transaction -> {
                        InventoryReader.pinSettings(transaction);
                        List<CatalogQuery> all = new ArrayList<>(InventoryReader.queries(connected.version()));
                        all.removeAll(InventoryReader.holding(transaction, all));
                        for (CatalogQuery query : all) {
                            assertThat(transaction.list(query.sql(), row -> row.getString(2)))
                                    .as(database + ": " + query.sql())
                                    .isEmpty();
                            left.add(query.sql());
                        }
                        return all;
                    });
                }
            }
            assertThat(left).hasSizeGreaterThan(20);
        }
    }
}
