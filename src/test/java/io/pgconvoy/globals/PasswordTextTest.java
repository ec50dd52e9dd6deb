package io.pgconvoy.globals;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgconvoy.config.Secret;
import org.junit.jupiter.api.Test;

class PasswordTextTest {
    /** RFC 7677, section 3: user "user", password "pencil"; the keys follow from the exchange shown there. */
    private static final Secret PENCIL = new Secret("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ=="
            + "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");

    @Test
    void tellsHashesFromPlainText() {
        assertThat(PasswordText.isPlain(PENCIL)).isFalse();
        assertThat(PasswordText.isPlain(new Secret(RoleFleet.MD5))).isFalse();
        assertThat(PasswordText.isMd5(new Secret(RoleFleet.MD5))).isTrue();
        assertThat(PasswordText.isPlain(new Secret("md5 is what I use"))).isTrue();
    }

    @Test
    void aPlainPasswordEqualsItsHashes() {
        assertThat(PasswordText.same("user", new Secret("pencil"), PENCIL)).isTrue();
        assertThat(PasswordText.same("user", new Secret("pencils"), PENCIL)).isFalse();
        // printf pencilapp | md5sum
        Secret md5 = new Secret("md506d701b4dd9f7cbb00816251a451b978");
        assertThat(PasswordText.same("app", new Secret("pencil"), md5)).isTrue();
        assertThat(PasswordText.same("other", new Secret("pencil"), md5)).isFalse();
    }

    @Test
    void aHashEqualsOnlyItself() {
        assertThat(PasswordText.same("app", PENCIL, PENCIL)).isTrue();
        assertThat(PasswordText.same("app", PENCIL, new Secret(RoleFleet.MD5))).isFalse();
    }
}
