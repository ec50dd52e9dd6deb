package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;
import static io.pgconvoy.postgres.Sql.literal;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.LocaleProvider;
import io.pgconvoy.catalog.Reach;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A source's database in the target's words.
 *
 * @param properties what the source says
 * @param target what the target offers
 * @param tablespaces where the source's tablespaces go, if anywhere
 */
public record DatabaseDefinition(DatabaseProperties properties, ServerFacts target, TablespaceChoice tablespaces) {
    private static final String DEFAULT_TABLESPACE = "pg_default";

    /**
     * The one CREATE DATABASE, from template0: only what cannot be changed later, and what the restore needs.
     *
     * @param reach of the target's user
     * @param synced whether what the target writes is brought to disk at once
     * @see <a href="https://www.postgresql.org/docs/current/sql-createdatabase.html">CREATE DATABASE</a>
     */
    public StatementPlan create(DatabaseName asName, Reach reach, boolean synced) {
        List<String> warnings = new ArrayList<>();
        StringBuilder sql = new StringBuilder("CREATE DATABASE " + identifier(asName.value()));
        appendOwner(sql, reach, warnings);
        sql.append(" TEMPLATE template0 ENCODING ").append(literal(properties.encoding()));
        appendLocale(sql, asName, warnings);
        appendTablespace(sql, reach, warnings);
        if (!synced && target.version().isAtLeast(ServerVersion.V15)) {
            // Half the work of writing each page to the WAL; the checkpoints that it needs cost next to nothing then.
            sql.append(" STRATEGY FILE_COPY");
        }
        return new StatementPlan(List.of(SqlStatement.of(sql.toString(), "create " + subject(asName))), warnings);
    }

    /**
     * What is set once everything is restored, because it would hinder the restore, each on its own: comment,
     * privileges, connection limit, then the template flag and the refusal of connections.
     *
     * @param existing the target's database as it is
     */
    public StatementPlan finish(DatabaseProperties existing) {
        DatabaseName asName = existing.name();
        StatementPlan.Builder plan = new StatementPlan.Builder();
        plan.comment("database", asName.value(), properties.comment(), existing.comment());
        StatementPlan privileges = AclPlan.of(
                AclPlan.Kind.DATABASE,
                asName.value(),
                properties.owner(),
                existing.owner(),
                properties.acl(),
                existing.acl(),
                target);
        return plan.build().plus(privileges).plus(StatementPlan.of(options(existing)));
    }

    private List<SqlStatement> options(DatabaseProperties existing) {
        List<String> options = new ArrayList<>();
        if (properties.connectionLimit() != existing.connectionLimit() && !properties.isInvalid()) {
            options.add("CONNECTION LIMIT " + properties.connectionLimit());
        }
        if (properties.isTemplate() != existing.isTemplate()) {
            options.add("IS_TEMPLATE " + properties.isTemplate());
        }
        if (properties.allowsConnections() != existing.allowsConnections()) {
            options.add("ALLOW_CONNECTIONS " + properties.allowsConnections());
        }
        String name = identifier(existing.name().value());
        return options.stream()
                .map(option -> SqlStatement.of(
                        "ALTER DATABASE " + name + " WITH " + option,
                        "alter " + subject(existing.name()) + ": " + option))
                .toList();
    }

    private void appendOwner(StringBuilder sql, Reach reach, List<String> warnings) {
        String stays = subject(properties.name()) + " belongs to " + identifier(target.user()) + ": ";
        if (!target.roles().contains(properties.owner())) {
            warnings.add(stays + "the target has no role " + identifier(properties.owner()));
        } else if (!reach.superuser() && !reach.roles().contains(properties.owner())) {
            warnings.add(stays + "it may not give it to " + identifier(properties.owner()));
        } else {
            sql.append(" OWNER ").append(identifier(properties.owner()));
        }
    }

    private void appendTablespace(StringBuilder sql, Reach reach, List<String> warnings) {
        boolean there = target.tablespaces().contains(properties.tablespace());
        if (there && (reach.superuser() || reach.tablespaces().contains(properties.tablespace()))) {
            sql.append(" TABLESPACE ").append(identifier(properties.tablespace()));
            return;
        }
        if (reach.superuser()) {
            sql.append(" TABLESPACE ").append(DEFAULT_TABLESPACE);
        }
        // Not said, it is the template's, and nobody asks for a right to that.
        String place = reach.superuser() ? DEFAULT_TABLESPACE : reach.templateTablespace();
        if (!place.equals(properties.tablespace())) {
            warnings.add(subject(properties.name()) + " is in " + place + ": "
                    + (there
                            ? identifier(target.user()) + " may not create in tablespace "
                            : "the target has no tablespace ")
                    + identifier(properties.tablespace()));
        }
    }

    private void appendLocale(StringBuilder sql, DatabaseName asName, List<String> warnings) {
        Optional<ServerVersion> since = switch (properties.localeProvider()) {
            case LIBC -> Optional.empty();
            case ICU -> Optional.of(ServerVersion.V15);
            case BUILTIN -> Optional.of(ServerVersion.V17);
        };
        boolean known = since.isEmpty() || target.version().isAtLeast(since.get());
        LocaleProvider provider = known ? properties.localeProvider() : LocaleProvider.LIBC;
        if (!known) {
            warnings.add(subject(asName) + " sorts by libc's " + properties.collate() + ": the target does not know the"
                    + " source's locale provider");
        }
        sql.append(" LC_COLLATE ").append(literal(properties.collate()));
        sql.append(" LC_CTYPE ").append(literal(properties.ctype()));
        // Said also for libc: a template0 of another provider would otherwise decide.
        if (target.version().isAtLeast(ServerVersion.V15)) {
            sql.append(" LOCALE_PROVIDER ").append(keyword(provider));
        }
        if (provider == LocaleProvider.ICU) {
            properties.locale().ifPresent(locale -> sql.append(" ICU_LOCALE ").append(literal(locale)));
            if (target.version().isAtLeast(ServerVersion.V16)) {
                properties
                        .icuRules()
                        .ifPresent(rules -> sql.append(" ICU_RULES ").append(literal(rules)));
            }
        } else if (provider == LocaleProvider.BUILTIN) {
            properties
                    .locale()
                    .ifPresent(locale -> sql.append(" BUILTIN_LOCALE ").append(literal(locale)));
        }
    }

    private static String keyword(LocaleProvider provider) {
        return switch (provider) {
            case LIBC -> "libc";
            case ICU -> "icu";
            case BUILTIN -> "builtin";
        };
    }

    private static String subject(DatabaseName name) {
        return "database " + identifier(name.value());
    }
}
