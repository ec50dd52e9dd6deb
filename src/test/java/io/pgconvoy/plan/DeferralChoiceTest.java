package io.pgconvoy.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.catalog.DeferrableTable;
import io.pgconvoy.catalog.DeferrableTable.Ancestor;
import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Deferral;
import io.pgconvoy.config.TablePattern;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DeferralChoiceTest {
    private static final DatabaseName APP = new DatabaseName("app");
    private static final Ancestor EVENTS = new Ancestor("public", "events");
    private static final Ancestor EVENTS_2026 = new Ancestor("public", "events_2026");
    private static final List<DeferrableTable> TABLES = List.of(
            table("audit", "events", 50),
            table("public", "e_2025", 10, EVENTS),
            table("public", "e_2026_1", 20, EVENTS_2026, EVENTS),
            table("public", "e_2026_2", 30, EVENTS_2026, EVENTS),
            table("public", "orders", 40));

    @Test
    void takesWhatAPatternMatches() {
        assertThat(names(choice(Optional.empty(), "app.orders"))).containsExactly("public.orders");
        assertThat(names(choice(Optional.empty(), "app.e_2026*")))
                .containsExactly("public.e_2026_1", "public.e_2026_2");
        assertThat(names(choice(Optional.empty(), "app.audit.*", "app.public.o?ders")))
                .containsExactly("audit.events", "public.orders");
    }

    @Test
    void takesAllLeavesOfAPartitionedTable() {
        assertThat(names(choice(Optional.empty(), "app.public.events")))
                .containsExactly("public.e_2025", "public.e_2026_1", "public.e_2026_2");
        assertThat(names(choice(Optional.empty(), "app.events_20*")))
                .containsExactly("public.e_2026_1", "public.e_2026_2");
        assertThat(names(choice(Optional.empty(), "app.events"))).contains("audit.events", "public.e_2025");
    }

    @Test
    void takesWhatIsLarger() {
        assertThat(names(choice(Optional.of(new ByteSize(30))))).containsExactly("audit.events", "public.orders");
        assertThat(names(choice(Optional.of(new ByteSize(49)), "app.e_2025")))
                .containsExactly("audit.events", "public.e_2025");
        assertThat(names(choice(Optional.of(new ByteSize(50))))).isEmpty();
    }

    @Test
    void takesATableOnce() {
        assertThat(names(choice(Optional.of(new ByteSize(1)), "app.*", "app.orders")))
                .hasSize(TABLES.size())
                .doesNotHaveDuplicates();
    }

    @Test
    void namesPatternsThatMatchNothing() {
        DeferralChoice choice = choice(Optional.of(new ByteSize(30)), "app.Orders", "app.orders", "app.sales.orders");

        assertThat(choice.unmatched())
                .extracting(TablePattern::toString)
                .containsExactly("app.Orders", "app.sales.orders");
    }

    @Test
    void leavesOtherDatabasesPatternsAlone() {
        DeferralChoice choice = choice(Optional.empty(), "App.orders", "shop.orders");

        assertThat(choice.tables()).isEmpty();
        assertThat(choice.unmatched()).isEmpty();
    }

    private static DeferralChoice choice(Optional<ByteSize> largerThan, String... patterns) {
        List<TablePattern> parsed = Stream.of(patterns)
                .map(text -> TablePattern.parse("--delay-table-data", text))
                .toList();
        return DeferralChoice.of(new Deferral(parsed, largerThan, Deferral.DEFAULT_PART_SIZE, false), APP, TABLES);
    }

    private static List<String> names(DeferralChoice choice) {
        return choice.tables().stream()
                .map(table -> table.schema() + "." + table.name())
                .toList();
    }

    private static DeferrableTable table(String schema, String name, long bytes, Ancestor... ancestors) {
        return new DeferrableTable(schema.hashCode() + 31L * name.hashCode(), schema, name, bytes, List.of(ancestors));
    }
}
