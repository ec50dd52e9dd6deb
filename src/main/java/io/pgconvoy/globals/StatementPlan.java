package io.pgconvoy.globals;

import java.util.ArrayList;
import java.util.List;
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

        void addAll(List<SqlStatement> more) {
            statements.addAll(more);
        }

        void warn(String sentence) {
            warnings.add(sentence);
        }

        StatementPlan build() {
            return new StatementPlan(statements, warnings);
        }
    }
}
