package io.pgconvoy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseSelectionTest {
    @ParameterizedTest
    @CsvSource({
        "'',          '',         shop,    true,  false",
        "'',          tmp*,       tmp1,    false, false",
        "'',          tmp*,       shop,    true,  false",
        "shop*,       '',         shop_eu, true,  true",
        "shop*,       '',         other,   false, false",
        "shop* other, *_old,      shop_old, false, false",
        "shop* other, *_old,      other,   true,  true",
        "*,           shop other, other,   false, false",
    })
    void takesWhatIsIncludedAndNotExcluded(
            String include, String exclude, String name, boolean selected, boolean askedFor) {
        DatabaseSelection selection = new DatabaseSelection(globs(include), globs(exclude), DatabaseOrder.SIZE_ASC);

        assertThat(selection.selects(new DatabaseName(name))).isEqualTo(selected);
        assertThat(selection.asksFor(new DatabaseName(name))).isEqualTo(askedFor);
    }

    private static List<Glob> globs(String patterns) {
        return Arrays.stream(patterns.split(" ", -1))
                .filter(pattern -> !pattern.isEmpty())
                .map(pattern -> Glob.parse("--include-db", pattern))
                .toList();
    }
}
