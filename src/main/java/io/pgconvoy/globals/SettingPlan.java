package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;

import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.catalog.Setting;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.TablespaceChoice;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The statements that attach the source's settings to the target's roles and databases, one for each, so that a setting
 * the target does not know or whose value it refuses is lost alone. None is reset.
 */
final class SettingPlan {
    private SettingPlan() {}

    /**
     * Compares both sides.
     *
     * @param wanted the source's settings, of whichever form; databases by their name on the target
     * @param existing the target's settings
     * @param tablespaces whether settings may name tablespaces
     */
    static StatementPlan of(
            List<Setting> wanted, List<Setting> existing, ServerFacts target, TablespaceChoice tablespaces) {
        StatementPlan.Builder plan = new StatementPlan.Builder();
        for (Setting setting : wanted) {
            if (tablespaces.leaveOut() && namesTablespaces(setting)) {
                plan.warn(description(setting) + " is left out, as --no-tablespaces makes none");
                continue;
            }
            if (existing.stream().anyMatch(present -> same(setting, present, target))) {
                continue;
            }
            Optional<String> obstacle = setting.role().flatMap(role -> obstacle(role, target));
            if (obstacle.isPresent()) {
                plan.warn(description(setting) + " is left out: " + obstacle.get());
                continue;
            }
            plan.add(SqlStatement.of(
                            "ALTER " + subject(setting) + " SET "
                                    + identifier(Setting.nameOn(target.version(), setting.name())) + " TO "
                                    + SettingValue.literals(setting.name(), setting.value()),
                            "set " + description(setting))
                    .toleratingFailure());
        }
        return plan.build();
    }

    private static boolean namesTablespaces(Setting setting) {
        List<String> names = switch (setting.name().toLowerCase(Locale.ROOT)) {
            case "default_tablespace" -> List.of(setting.value());
            case "temp_tablespaces" -> SettingValue.split(setting.value()).orElse(List.of(setting.value()));
            default -> List.of();
        };
        return names.stream().anyMatch(name -> !name.isEmpty() && !name.equals("pg_default"));
    }

    private static Optional<String> obstacle(String role, ServerFacts target) {
        if (ReservedRoles.isProtected(role, target)) {
            return Optional.of("role " + identifier(role) + " of the target is left as it is");
        }
        return target.roles().contains(role)
                ? Optional.empty()
                : Optional.of("the target has no role " + identifier(role));
    }

    private static boolean same(Setting wanted, Setting present, ServerFacts target) {
        String name = Setting.nameOn(target.version(), wanted.name());
        return wanted.role().equals(present.role())
                && wanted.database().equals(present.database())
                && name.equalsIgnoreCase(present.name())
                && SettingValue.literals(name, wanted.value()).equals(SettingValue.literals(name, present.value()));
    }

    private static String subject(Setting setting) {
        if (setting.role().isEmpty() && setting.database().isPresent()) {
            return "DATABASE " + identifier(setting.database().get().value());
        }
        return "ROLE " + setting.role().map(role -> identifier(role)).orElse("ALL")
                + setting.database()
                        .map(DatabaseName::value)
                        .map(database -> " IN DATABASE " + identifier(database))
                        .orElse("");
    }

    /** Without the value, which may be a secret of the application's. */
    private static String description(Setting setting) {
        String role = setting.role()
                .map(name -> "role " + identifier(name))
                .orElse(setting.database().isPresent() ? "" : "all roles");
        String database = setting.database()
                .map(name -> "database " + identifier(name.value()))
                .orElse("");
        String subject = role.isEmpty() || database.isEmpty() ? role + database : role + " in " + database;
        return "setting " + setting.name() + " of " + subject;
    }
}
