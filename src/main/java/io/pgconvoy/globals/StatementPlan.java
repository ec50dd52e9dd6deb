package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;
import static io.pgconvoy.postgres.Sql.literal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Statements in the order to run them, and what is already known to be left out.
 *
 * @param warnings sentences without secrets
 */
public record StatementPlan(List<SqlStatement> statements, List<String> warnings) {
    public StatementPlan {
        statements = List.copyOf(statements);
        warnings = List.copyOf(warnings);
    }

    static StatementPlan of(List<SqlStatement> statements) {
        return new StatementPlan(statements, List.of());
    }

    StatementPlan plus(StatementPlan next) {
        return new StatementPlan(
                Stream.concat(statements.stream(), next.statements.stream()).toList(),
                Stream.concat(warnings.stream(), next.warnings.stream()).toList());
    }

    /** Collects a plan. Not thread-safe. */
    static final class Builder {
        private final List<SqlStatement> statements = new ArrayList<>();
        private final List<String> warnings = new ArrayList<>();

        void add(SqlStatement statement) {
            statements.add(statement);
        }

        /** Gives an object the source's comment, if that has one. */
        void comment(String kind, String name, Optional<String> wanted, Optional<String> existing) {
            if (wanted.isPresent() && !wanted.equals(existing)) {
                add(SqlStatement.of(
                        "COMMENT ON " + kind.toUpperCase(Locale.ROOT) + " " + identifier(name) + " IS "
                                + literal(wanted.get()),
                        "comment on " + kind + " " + identifier(name)));
            }
        }

        void warn(String sentence) {
            warnings.add(sentence);
        }

        StatementPlan build() {
            return new StatementPlan(statements, warnings);
        }
    }
}
