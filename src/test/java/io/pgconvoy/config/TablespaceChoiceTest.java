package io.pgconvoy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TablespaceChoiceTest {
    @Test
    void mapsByNameAndByFolder() {
        TablespaceChoice choice =
                TablespaceChoice.parse(List.of("fast=/ssd/fast", "/mnt/big/=/big", "a\\=b=/x\\=y"), false);

        assertThat(choice.folder("fast", "/old")).isEqualTo("/ssd/fast");
        assertThat(choice.folder("slow", "/mnt/big")).isEqualTo("/big");
        assertThat(choice.folder("a=b", "/old")).isEqualTo("/x=y");
        assertThat(choice.folder("other", "/old")).isEqualTo("/old");
    }

    @Test
    void theNamePrevailsOverTheFolder() {
        TablespaceChoice choice = TablespaceChoice.parse(List.of("/old=/b", "fast=/a"), false);

        assertThat(choice.folder("fast", "/old")).isEqualTo("/a");
        assertThat(choice.folder("slow", "/old")).isEqualTo("/b");
        assertThat(TablespaceChoice.means("/old/", "slow", "/old")).isTrue();
        assertThat(TablespaceChoice.means("/older", "slow", "/old")).isFalse();
    }

    @Test
    void refusesWhatCannotBeMeant() {
        for (String text : List.of("fast", "=/a", "fast=", "a=b=c")) {
            assertThatThrownBy(() -> TablespaceChoice.parse(List.of(text), false))
                    .hasMessageContaining("not of the form OLD=NEW");
        }
        assertThatThrownBy(() -> TablespaceChoice.parse(List.of("fast=ssd/fast"), false))
                .hasMessageContaining("--map-tablespace: 'ssd/fast' is no absolute path");
        assertThatThrownBy(() -> TablespaceChoice.parse(List.of("fast=/a", "fast=/b"), false))
                .hasMessageContaining("maps 'fast' twice");
        assertThatThrownBy(() -> TablespaceChoice.parse(List.of("fast=/a"), true))
                .hasMessageContaining("exclude each other");
    }
}
