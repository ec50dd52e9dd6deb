package io.pgconvoy.verify.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.pgconvoy.journal.Json;
import io.pgconvoy.model.Announced;
import io.pgconvoy.model.Difference;
import io.pgconvoy.postgres.ServerVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InventoryComparisonTest {
    private static final String VIEW = " SELECT o.id FROM public.orders o;";
    private static final String VIEW_ON_18 = " SELECT id FROM public.orders o;";

    @Test
    void sameVersionsPrintTheSameText() {
        Inventory older = inventory(ServerVersion.V14, "view", "public.v", Map.of("definition", VIEW));
        Inventory newer = inventory(ServerVersion.V18, "view", "public.v", Map.of("definition", VIEW_ON_18));
        Inventory newest = inventory(ServerVersion.V18, "view", "public.v", Map.of("definition", VIEW));

        assertThat(InventoryComparison.compare(older, newer)).isEmpty();
        assertThat(InventoryComparison.compare(newest, newer))
                .containsExactly(new Difference(
                        "view",
                        "view public.v",
                        "definition",
                        "definition is " + VIEW + " on the source and " + VIEW_ON_18 + " on the target",
                        "\\d+ public.v"));
    }

    @Test
    void aSequenceMayBeAnywhereBetweenTwoReadingsOfTheSource() {
        Inventory before = sequence(ServerVersion.V14, "10", "no");
        Inventory source = before.withSequencesUpTo(sequence(ServerVersion.V14, "20", "yes"));

        assertThat(InventoryComparison.compare(source, sequence(ServerVersion.V18, "10", "no")))
                .isEmpty();
        assertThat(InventoryComparison.compare(source, sequence(ServerVersion.V18, "17", "yes")))
                .isEmpty();
        assertThat(InventoryComparison.compare(source, sequence(ServerVersion.V18, "21", "yes")))
                .extracting(Difference::what)
                .containsExactly("last value is 10 to 20 on the source and 21 on the target");
        assertThat(InventoryComparison.compare(before, sequence(ServerVersion.V18, "10", "yes")))
                .extracting(Difference::what)
                .containsExactly("is called is no on the source and yes on the target");
    }

    @Test
    void aMissingTableIsOneDifferenceAndSoIsAnotherOrderOfColumns() {
        Inventory source = new Inventory(
                ServerVersion.V18,
                Map.of(
                        "table",
                        Map.of("public.t", Map.of(), "public.u", Map.of()),
                        "column",
                        Map.of(
                                "a of public.t", Map.of("position", "1"),
                                "b of public.t", Map.of("position", "2"),
                                "a of public.u", Map.of("position", "1")),
                        "index",
                        Map.of("public.i", Map.of("table", "public.u"))));
        Inventory target = new Inventory(
                ServerVersion.V18,
                Map.of(
                        "table",
                        Map.of("public.t", Map.of()),
                        "column",
                        Map.of(
                                "a of public.t", Map.of("position", "2"),
                                "b of public.t", Map.of("position", "1"))));

        assertThat(InventoryComparison.compare(source, target))
                .extracting(difference -> difference.object() + " " + difference.what())
                .containsExactly(
                        "table public.u is missing on the target", "table public.t has its columns in another order");
    }

    @Test
    void privilegesAreComparedOneByOneAndMaintainOnlyWhereBothKnowIt() {
        Inventory source = inventory(
                ServerVersion.V14, "table", "public.t", Map.of("privileges", "+SELECT to app, -EXECUTE to PUBLIC"));
        Inventory target = inventory(
                ServerVersion.V18,
                "table",
                "public.t",
                Map.of("privileges", "+MAINTAIN to app, +SELECT to \"x, +DELETE to PUBLIC\""));

        assertThat(InventoryComparison.compare(source, target))
                .extracting(Difference::what)
                .containsExactly(
                        "privilege SELECT to \"x, +DELETE to PUBLIC\" is on the target only",
                        "privilege SELECT to app is missing on the target",
                        "privilege EXECUTE to PUBLIC is on the target only");
    }

    @Test
    void aNameOfSeveralLinesIsPrintedOnOne() {
        Inventory source = inventory(ServerVersion.V18, "table", "public.\"new\nline\"", Map.of());
        Inventory target = new Inventory(ServerVersion.V18, Map.of());

        assertThat(InventoryComparison.compare(source, target))
                .containsExactly(new Difference(
                        "table",
                        "table public.\"new\\nline\"",
                        "",
                        "is missing on the target",
                        "\\d+ public.\"new\"?\"line\""));
    }

    @Test
    void anInventoryComesBackFromItsFile() throws JsonProcessingException {
        Inventory inventory = new Inventory(
                ServerVersion.V9_6,
                Map.of("view", Map.of("public.v", Map.of("definition", VIEW)), "table", Map.of("public.t", Map.of())));

        assertThat(Json.mapper().readValue(Json.text(inventory), Inventory.class))
                .isEqualTo(inventory);
    }

    @Test
    void ofSecretOptionsOnlyAShortDigestIsKept() {
        String kept = Secrets.conceal("host=h\u0001password=swordfish\u0001user=u");

        assertThat(kept).matches("host=h, password \\(#[0-9a-f]{4}\\), user=u");
        assertThat(Secrets.conceal("password=other")).isNotEqualTo(Secrets.conceal("password=swordfish"));
    }

    private static Inventory sequence(ServerVersion version, String value, String called) {
        return inventory(
                version, "sequence", "public.s", Map.of(Inventory.LAST_VALUE, value, Inventory.IS_CALLED, called));
    }

    private static Inventory inventory(
            ServerVersion version, String kind, String name, Map<String, String> attributes) {
        return new Inventory(version, Map.of(kind, Map.of(name, attributes)));
    }

    @Test
    void whatWasInATablespaceThatTheTargetLacksIsAnnounced() {
        Map<String, Map<String, Map<String, String>>> placed = Map.of(
                "table",
                Map.of(
                        "public.a", Map.of("owner", "app", "tablespace", "fast"),
                        "public.b", Map.of("owner", "app", "tablespace", "\"slow; space\"")));
        Map<String, Map<String, Map<String, String>>> moved =
                Map.of("table", Map.of("public.a", Map.of("owner", "app"), "public.b", Map.of("owner", "app")));
        DefinitionJudge judge = new DefinitionJudge() {
            @Override
            public Set<Dispute> same(List<Dispute> disputes) {
                return Set.of();
            }

            @Override
            public boolean targetHasTablespace(String name) {
                return name.equals("fast");
            }
        };

        assertThat(InventoryComparison.compare(
                        new Inventory(ServerVersion.V14, placed), new Inventory(ServerVersion.V18, moved), judge))
                .extracting(Difference::announced)
                .containsExactly(Optional.empty(), Optional.of(Announced.TABLESPACES));
    }
}
