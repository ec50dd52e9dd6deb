package io.pgconvoy.migration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VersionDifferenceTest {
    @ParameterizedTest
    @EnumSource(VersionDifference.class)
    void isExplainedToUsers(VersionDifference difference) throws IOException {
        assertThat(Files.readString(Path.of("docs", "fidelity.md"))).contains("- **" + difference.title() + "**");
    }

    @Test
    void leavesEverythingElseAsItIs() {
        List<String> lines = List.of(
                "CREATE POLICY own ON private.salary FOR SELECT TO app USING ((boss = CURRENT_USER));",
                "GRANT SELECT,MAINTAIN ON TABLE private.salary TO team_b;",
                "REVOKE SELECT,INSERT ON TABLE public.orders FROM app;",
                "GRANT team_a TO app WITH ADMIN OPTION, INHERIT FALSE GRANTED BY postgres;",
                "GRANT team_a TO \"rôle\" WITH INHERIT FALSE GRANTED BY app;",
                "CREATE VIEW v AS",
                " SELECT t.a",
                "   FROM s.t;",
                "ALTER TABLE s.t OWNER TO app;",
                "CREATE SUBSCRIPTION one CONNECTION 'slot_name = x' PUBLICATION p WITH (connect = false, slot_name = NONE);",
                "    a integer CONSTRAINT \"must have\" NOT NULL");

        assertThat(LineDifferences.between(lines, ScriptText.lines(String.join("\n", lines))))
                .containsExactly(
                        "- CREATE POLICY own ON private.salary FOR SELECT TO app USING ((boss = CURRENT_USER));",
                        "+ CREATE POLICY own ON private.salary FOR SELECT TO [app] USING ((boss = CURRENT_USER));",
                        "- GRANT team_a TO app WITH ADMIN OPTION, INHERIT FALSE GRANTED BY postgres;",
                        "+ GRANT team_a TO app WITH ADMIN OPTION, INHERIT FALSE;",
                        "-  SELECT t.a",
                        "+  SELECT a");
    }
}
