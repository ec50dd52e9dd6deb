package io.pgconvoy.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.preflight.database.DatabaseChecks;
import org.junit.jupiter.api.Test;

class DatabaseChecksTest {
    @Test
    void beginWithWhatKeepsADatabaseFromBeingDumped() {
        assertThat(DatabaseChecks.all().stream().map(Check::name))
                .startsWith("readable-tables", "row-security")
                .containsSubsequence("muted-foreign-keys", "inherited-not-null", "invalid-indexes");
    }
}
