package io.pgconvoy.globals;

import java.util.Objects;
import java.util.Optional;

/**
 * One statement for the target, with what to say about it. It prints as its description, never as its text, which may
 * hold a password.
 *
 * @param description what it does, as a change's line reads: {@code create role "app"}
 * @param asRole who carries it out; empty for the connected user
 * @param onFailure how a refusal counts
 * @param hint what the user can do about a refusal; may be empty
 */
public record SqlStatement(
        String sql, String description, Optional<String> asRole, OnFailure onFailure, boolean isSecret, String hint) {
    /** How the server's refusal of a statement counts. */
    public enum OnFailure {
        /** Something of the source is missing on the target. */
        FAILURE,
        /** As above, but it is known to happen and to harm nothing else, such as a setting that is gone. */
        WARNING
    }

    public SqlStatement {
        Objects.requireNonNull(sql);
        Objects.requireNonNull(description);
        Objects.requireNonNull(asRole);
        Objects.requireNonNull(onFailure);
        Objects.requireNonNull(hint);
    }

    static SqlStatement of(String sql, String description) {
        return new SqlStatement(sql, description, Optional.empty(), OnFailure.FAILURE, false, "");
    }

    SqlStatement asRole(Optional<String> role) {
        return new SqlStatement(sql, description, role, onFailure, isSecret, hint);
    }

    SqlStatement toleratingFailure() {
        return new SqlStatement(sql, description, asRole, OnFailure.WARNING, isSecret, hint);
    }

    /** The server's own words about this one are kept to its error code. */
    SqlStatement secret() {
        return new SqlStatement(sql, description, asRole, onFailure, true, hint);
    }

    SqlStatement withHint(String text) {
        return new SqlStatement(sql, description, asRole, onFailure, isSecret, text);
    }

    @Override
    public String toString() {
        return description;
    }
}
