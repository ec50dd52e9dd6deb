package io.pgconvoy.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.catalog.DeferrableTable.Ancestor;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.TablePattern;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NearMissesTest {
    private static final List<DeferrableTable> TABLES = List.of(
            table("public", "orders"),
            table("public", "order_items"),
            table("public", "users"),
            table("sales", "orders_2025"),
            table("sales", "leads"),
            table("public", "we.ird"),
            new DeferrableTable(
                    1, "public", "e_1", 0, List.of(new Ancestor("public", "events"), new Ancestor("public", "log"))),
            new DeferrableTable(
                    2, "public", "e_2", 0, List.of(new Ancestor("public", "events"), new Ancestor("public", "log"))));

    @Test
    void beginWithTheNearest() {
        assertThat(tables("app.ordrs")).startsWith("app.public.orders").doesNotContain("app.public.users");
        assertThat(tables("app.order_itms")).startsWith("app.public.order_items");
    }

    @Test
    void findNamesThatDifferInCase() {
        assertThat(tables("app.Orders")).startsWith("app.public.orders");
        assertThat(tables("app.Ord*s")).startsWith("app.public.order_items", "app.public.orders");
    }

    @Test
    void findTablesOfOtherSchemas() {
        assertThat(tables("app.sales.users")).containsExactly("app.public.users");
        assertThat(tables("app.publik.orders")).startsWith("app.public.orders");
        assertThat(tables("app.Sales.*")).containsExactly("app.sales.leads", "app.sales.orders_2025");
    }

    @Test
    void findPartitionedTablesOnce() {
        assertThat(tables("app.event")).containsExactly("app.public.events");
    }

    @Test
    void areWrittenSoThatTheyCanBeTypedIn() {
        assertThat(tables("app.\"we.irt\"")).containsExactly("app.public.\"we.ird\"");
    }

    @Test
    void areNoneWhereNothingIsNear() {
        assertThat(tables("app.invoices")).isEmpty();
        assertThat(tables("app.nowhere.*")).isEmpty();
        assertThat(NearMisses.ofTables(TablePattern.parse("x", "app.orders"), List.of()))
                .isEmpty();
    }

    @Test
    void areAHandful() {
        List<DeferrableTable> many = Stream.iterate(1, i -> i + 1)
                .limit(100)
                .map(i -> table("public", "order_" + i))
                .toList();

        assertThat(NearMisses.ofTables(TablePattern.parse("x", "app.order_100x"), many))
                .hasSize(5)
                .startsWith("app.public.order_100");
    }

    @Test
    void areDatabases() {
        List<DatabaseName> databases = Stream.of("shop", "shop_old", "crm", "my.app", "postgres")
                .map(DatabaseName::new)
                .toList();

        assertThat(NearMisses.ofDatabases(new DatabaseName("Shop"), databases))
                .startsWith(new DatabaseName("shop"))
                .doesNotContain(new DatabaseName("crm"));
        assertThat(NearMisses.ofDatabases(new DatabaseName("my"), databases))
                .containsExactly(new DatabaseName("my.app"));
        assertThat(NearMisses.ofDatabases(new DatabaseName("warehouse"), databases))
                .isEmpty();
    }

    private static List<String> tables(String pattern) {
        return NearMisses.ofTables(TablePattern.parse("--delay-table-data", pattern), TABLES);
    }

    private static DeferrableTable table(String schema, String name) {
        return new DeferrableTable(0, schema, name, 0, List.of());
    }
}
