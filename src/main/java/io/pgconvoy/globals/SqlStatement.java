package io.pgconvoy.globals;

import java.util.Optional;

/**
 * One statement for the target, with what to say about it. It prints as its description, never as its text, which may
 * hold a password.
 *
 * @param description what it does, as a change's line reads: {@code create role "app"}
 * @param asRole who carries it out; empty for the connected user
 * @param mayFail whether a refusal is known to happen and to harm nothing else, such as that of a setting that is gone
 * @param hint what the user can do about a refusal; may be empty
 */
public record SqlStatement(
        String sql, String description, Optional<String> asRole, boolean mayFail, boolean isSecret, String hint) {
    static SqlStatement of(String sql, String description) {
        return new SqlStatement(sql, description, Optional.empty(), false, false, "");
    }

    SqlStatement asRole(Optional<String> role) {
        return new SqlStatement(sql, description, role, mayFail, isSecret, hint);
    }

    SqlStatement toleratingFailure() {
        return new SqlStatement(sql, description, asRole, true, isSecret, hint);
    }

    /** The server's own words about this one are kept to its error code. */
    SqlStatement secret() {
        return new SqlStatement(sql, description, asRole, mayFail, true, hint);
    }

    SqlStatement withHint(String text) {
        return new SqlStatement(sql, description, asRole, mayFail, isSecret, text);
    }

    @Override
    public String toString() {
        return description;
    }
}
