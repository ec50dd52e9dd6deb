package io.pgconvoy.globals;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.catalog.Membership;
import io.pgconvoy.catalog.RoleFlag;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.postgres.ServerVersion;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MembershipPlanTest {
    private static final Membership BY_GHOST = new Membership("team", "app", Optional.of("ghost"), false, true, true);
    private static final Membership BY_APP = new Membership("team", "other", Optional.of("app"), true, false, true);
    private static final Membership APP_MAY = new Membership("team", "app", Optional.empty(), true, true, true);

    @Test
    void grantorsOfOldServersAreLeftOutOnNewOnes() {
        assertThat(plan(ServerVersion.V9_5, ServerVersion.V18, BY_APP))
                .containsExactly("GRANT \"team\" TO \"other\" WITH ADMIN TRUE, INHERIT FALSE, SET TRUE");
    }

    @Test
    void grantorsAreKeptBetweenOldServersIfTheyAreThere() {
        assertThat(plan(ServerVersion.V9_5, ServerVersion.V14, BY_GHOST, BY_APP))
                .containsExactly(
                        "GRANT \"team\" TO \"app\"",
                        "GRANT \"team\" TO \"other\" WITH ADMIN OPTION GRANTED BY \"app\"");
    }

    @Test
    void grantorsGetTheAdminOptionFirst() {
        assertThat(plan(ServerVersion.V16, ServerVersion.V18, BY_APP, APP_MAY))
                .containsExactly(
                        "GRANT \"team\" TO \"app\" WITH ADMIN TRUE, INHERIT TRUE, SET TRUE",
                        "GRANT \"team\" TO \"other\" WITH ADMIN TRUE, INHERIT FALSE, SET TRUE GRANTED BY \"app\"");
    }

    @Test
    void aGrantorWithoutTheAdminOptionIsLeftOut() {
        assertThat(plan(ServerVersion.V16, ServerVersion.V18, BY_APP))
                .containsExactly("GRANT \"team\" TO \"other\" WITH ADMIN TRUE, INHERIT FALSE, SET TRUE");
    }

    private static List<String> plan(ServerVersion from, ServerVersion to, Membership... memberships) {
        ServerFacts target = new ServerFacts(
                to,
                "postgres",
                Set.of(RoleFlag.SUPERUSER),
                "postgres",
                Set.of("postgres", "team", "app", "other"),
                Set.of());
        return MembershipPlan.of(from, List.of(memberships), List.of(), target).statements().stream()
                .map(SqlStatement::sql)
                .toList();
    }
}
