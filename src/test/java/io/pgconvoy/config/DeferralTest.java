package io.pgconvoy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeferralTest {
    private static final DatabaseName APP = new DatabaseName("app");
    private static final DatabaseName SHOP = new DatabaseName("shop");

    @Test
    void isAskedOfTheDatabasesThatPatternsName() {
        Deferral deferral = new Deferral(
                List.of(TablePattern.parse("x", "app.t")), Optional.empty(), Deferral.DEFAULT_PART_SIZE, false);

        assertThat(deferral.isAsked()).isTrue();
        assertThat(deferral.isAskedOf(APP)).isTrue();
        assertThat(deferral.isAskedOf(SHOP)).isFalse();
    }

    @Test
    void isAskedOfAllDatabasesBySize() {
        Deferral deferral = new Deferral(List.of(), Optional.of(new ByteSize(0)), Deferral.DEFAULT_PART_SIZE, false);

        assertThat(deferral.isAsked()).isTrue();
        assertThat(deferral.isAskedOf(SHOP)).isTrue();
    }

    @Test
    void isNotAskedWithoutEither() {
        assertThat(Deferral.NONE.isAsked()).isFalse();
        assertThat(Deferral.NONE.isAskedOf(APP)).isFalse();
    }

    @Test
    void refusesTinyParts() {
        assertThatThrownBy(() -> new Deferral(List.of(), Optional.empty(), new ByteSize(1024 * 1024 - 1), false))
                .isInstanceOf(PgconvoyException.class)
                .hasMessageStartingWith("--part-size: ");
        assertThat(new Deferral(List.of(), Optional.empty(), ByteSize.ofMegabytes(1), false).partSize())
                .isEqualTo(ByteSize.ofMegabytes(1));
    }
}
