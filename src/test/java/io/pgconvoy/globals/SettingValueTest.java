package io.pgconvoy.globals;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SettingValueTest {
    @Test
    void namesOfAListBecomeOneLiteralEach() {
        assertThat(SettingValue.literals("search_path", "\"$user\", public, \"a, b\",\"q\"\"uote\""))
                .isEqualTo("'$user', 'public', 'a, b', 'q\"uote'");
        assertThat(SettingValue.literals("Temp_Tablespaces", " fast ,  \"it's\" "))
                .isEqualTo("'fast', 'it''s'");
    }

    @Test
    void anEmptyListAndAnEmptyNameAreTheSame() {
        assertThat(SettingValue.literals("search_path", "")).isEqualTo("''");
        assertThat(SettingValue.literals("search_path", "\"\"")).isEqualTo("''");
    }

    @Test
    void otherSettingsAreOneLiteralWhateverTheyHold() {
        assertThat(SettingValue.literals("DateStyle", "SQL, DMY")).isEqualTo("'SQL, DMY'");
        assertThat(SettingValue.literals("my.motto", "it's \\")).isEqualTo(" E'it''s \\\\'");
    }

    @Test
    void whatIsNoListStaysWhole() {
        for (String text : List.of("\"open", "a b", "a,", "a,,b", "\"a\"b")) {
            assertThat(SettingValue.split(text)).as(text).isEmpty();
        }
        assertThat(SettingValue.literals("search_path", "a,")).isEqualTo("'a,'");
    }
}
