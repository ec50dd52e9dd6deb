package io.pgconvoy.verify.inventory;

import io.pgconvoy.catalog.AclEntry;
import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.Membership;
import io.pgconvoy.catalog.ParameterPrivileges;
import io.pgconvoy.catalog.Role;
import io.pgconvoy.catalog.RoleFlag;
import io.pgconvoy.catalog.SecurityLabel;
import io.pgconvoy.catalog.Setting;
import io.pgconvoy.catalog.Tablespace;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.Secret;
import io.pgconvoy.model.Announced;
import io.pgconvoy.model.Difference;
import io.pgconvoy.postgres.ServerVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Finds what differs between what two servers hold beside their databases' content.
 *
 * <p>The roles that each server has of its own are not compared: those that initdb made, and the one that we are.
 */
public final class ServerComparison {
    /** What is said of a setting that newer versions have no more. */
    static final String UNKNOWN = "is not known to the target";

    private static final String REFUSED = "has a value that the target refuses";

    private static final String UNENCRYPTED = "unencrypted";
    private static final String HASHED = "(md5[0-9a-f]{32}|SCRAM-SHA-256\\$.*)";

    private static final String PRIVILEGES = InventoryReader.PRIVILEGES;

    private final ServerInventory source;
    private final ServerInventory target;
    private final Predicate<DatabaseName> databases;
    private final Predicate<String> reserved;
    private final BiPredicate<String, String> refused;

    private ServerComparison(
            ServerInventory source,
            ServerInventory target,
            Predicate<DatabaseName> databases,
            Predicate<String> reserved,
            BiPredicate<String, String> refused) {
        this.source = source;
        this.target = target;
        this.databases = databases;
        this.reserved = reserved;
        this.refused = refused;
    }

    /**
     * What differs, by kind and name. No password, and no setting's value, which may be a secret, is in it.
     *
     * @param databases those that were moved; the others' properties and settings do not matter
     * @param reserved roles that a managed service keeps for itself
     * @param refused whether the target refuses a setting's value, given the setting's name and the value
     */
    public static List<Difference> compare(
            ServerInventory source,
            ServerInventory target,
            Predicate<DatabaseName> databases,
            Predicate<String> reserved,
            BiPredicate<String, String> refused) {
        ServerComparison comparison = new ServerComparison(source, target, databases, reserved, refused);
        List<Difference> differences = new ArrayList<>();
        for (Difference found : InventoryComparison.compare(
                comparison.inventory(source), comparison.inventory(target), comparison.judge())) {
            differences.add(comparison.isOfRoleLeftOut(found) ? found.as(Optional.of(Announced.ROLE_NAMES)) : found);
        }
        differences.addAll(comparison.passwords());
        differences.addAll(comparison.settings());
        differences.sort(Comparator.comparing(Difference::kind)
                .thenComparing(Difference::object)
                .thenComparing(Difference::what));
        return List.copyOf(differences);
    }

    /** There are no definitions here, but databases in tablespaces. */
    private DefinitionJudge judge() {
        Set<String> tablespaces =
                target.tablespaces().stream().map(one -> quoted(one.name())).collect(Collectors.toSet());
        return new DefinitionJudge() {
            @Override
            public Set<Dispute> same(List<Dispute> disputes) {
                return Set.of();
            }

            @Override
            public boolean targetHasTablespace(String name) {
                return name.startsWith("pg_") || tablespaces.contains(name);
            }
        };
    }

    private boolean isCompared(String role) {
        boolean own =
                role.equals(target.facts().user()) || role.equals(target.facts().bootstrapSuperuser());
        boolean userMade = source.roles()
                .find(role)
                .or(() -> target.roles().find(role))
                .map(Role::isUserMade)
                .orElse(false);
        return !own && userMade && !role.startsWith("pg_") && !reserved.test(role);
    }

    /** Whether only the target has this role: what it belongs to, and what is set for it, is the target's own business. */
    private boolean isOfTarget(String role) {
        return source.roles().find(role).isEmpty() && target.roles().find(role).isPresent();
    }

    private boolean bothAtLeast(ServerVersion version) {
        return source.facts().version().isAtLeast(version)
                && target.facts().version().isAtLeast(version);
    }

    private Inventory inventory(ServerInventory server) {
        Map<String, Map<String, Map<String, String>>> objects = new HashMap<>();
        for (Role role : server.roles().roles()) {
            if (isCompared(role.name())) {
                put(objects, "role", quoted(role.name()), role(role));
            }
        }
        server.memberships().forEach(membership -> addMembership(objects, membership));
        for (Tablespace tablespace : server.tablespaces()) {
            put(objects, "tablespace", quoted(tablespace.name()), tablespace(server, tablespace));
        }
        for (DatabaseProperties database : server.databases()) {
            if (databases.test(database.name()) && !database.isInvalid()) {
                put(objects, "database", quoted(database.name().value()), database(server, database));
            }
        }
        if (bothAtLeast(ServerVersion.V15)) {
            for (ParameterPrivileges parameter : server.parameters()) {
                String bootstrap = server.facts().bootstrapSuperuser();
                put(
                        objects,
                        "parameter",
                        quoted(parameter.parameter()),
                        Map.of(PRIVILEGES, privileges(parameter.acl(), bootstrap)));
            }
        }
        for (SecurityLabel label : server.labels()) {
            if (!label.kind().equals("database") || databases.test(new DatabaseName(label.object()))) {
                put(
                        objects,
                        "security label",
                        label.provider() + " on " + label.kind() + " " + quoted(label.object()),
                        Map.of("label", label.label()));
            }
        }
        return new Inventory(server.facts().version(), objects);
    }

    private static void put(
            Map<String, Map<String, Map<String, String>>> objects,
            String kind,
            String name,
            Map<String, String> attributes) {
        objects.computeIfAbsent(kind, key -> new HashMap<>()).put(name, attributes);
    }

    private static Map<String, String> role(Role role) {
        Map<String, String> attributes = new HashMap<>();
        for (RoleFlag flag : RoleFlag.values()) {
            if (role.has(flag)) {
                attributes.put(flag.name(), "yes");
            }
        }
        if (role.connectionLimit() != -1) {
            attributes.put("connection limit", String.valueOf(role.connectionLimit()));
        }
        // No time and infinity mean the same.
        role.validUntil()
                .filter(time -> !time.equals("infinity"))
                .ifPresent(time -> attributes.put("valid until", time));
        role.comment().ifPresent(comment -> attributes.put("comment", comment));
        return attributes;
    }

    /** From 16 on somebody may belong to a role several times, by several grantors: all of that counts together. */
    private void addMembership(Map<String, Map<String, Map<String, String>>> objects, Membership membership) {
        if (!isCompared(membership.member()) || isOfTarget(membership.member()) || isOfTarget(membership.role())) {
            return;
        }
        Map<String, String> attributes = new HashMap<>(
                objects.getOrDefault("membership", Map.of()).getOrDefault(membershipName(membership), Map.of()));
        if (membership.admin()) {
            attributes.put("admin option", "yes");
        }
        if (membership.inherit()) {
            attributes.put("inherit option", "yes");
        }
        if (membership.set()) {
            attributes.put("set option", "yes");
        }
        if (bothAtLeast(ServerVersion.V16)) {
            // Before, a grantor is not kept up to date.
            membership
                    .grantor()
                    .filter(this::isCompared)
                    .ifPresent(grantor ->
                            attributes.merge("granted by", quoted(grantor), (some, more) -> some + ", " + more));
        }
        put(objects, "membership", membershipName(membership), attributes);
    }

    /** Whether a membership in a role is missing, or a privilege of one, that is not carried over for its name. */
    private boolean isOfRoleLeftOut(Difference found) {
        if (!found.what().endsWith(Difference.MISSING)) {
            return false;
        }
        return source.roles().roles().stream()
                .map(Role::name)
                .filter(role -> reserved.test(role) || role.startsWith("pg_"))
                .filter(role -> target.roles().find(role).isEmpty())
                .map(role -> Names.printed(quoted(role)))
                .anyMatch(role -> found.kind().equals("membership")
                        ? found.object().endsWith(" in " + role)
                        : found.attribute().equals(PRIVILEGES) && found.what().contains(" to " + role + " "));
    }

    private static String membershipName(Membership membership) {
        return "of " + quoted(membership.member()) + " in " + quoted(membership.role());
    }

    private Map<String, String> tablespace(ServerInventory server, Tablespace tablespace) {
        Map<String, String> attributes = new HashMap<>();
        attributes.put("owner", owner(server, tablespace.owner()));
        if (!tablespace.options().isEmpty()) {
            attributes.put(
                    "options",
                    tablespace.options().entrySet().stream()
                            .map(option -> option.getKey() + "=" + option.getValue())
                            .sorted()
                            .collect(Collectors.joining(", ")));
        }
        attributes.put(PRIVILEGES, privileges(tablespace.acl(), tablespace.owner()));
        tablespace.comment().ifPresent(comment -> attributes.put("comment", comment));
        return attributes;
    }

    private Map<String, String> database(ServerInventory server, DatabaseProperties database) {
        Map<String, String> attributes = new HashMap<>();
        attributes.put("owner", owner(server, database.owner()));
        attributes.put("encoding", database.encoding());
        attributes.put("lc_collate", database.collate());
        attributes.put("lc_ctype", database.ctype());
        attributes.put("locale provider", database.localeProvider().name().toLowerCase(Locale.ROOT));
        database.locale().ifPresent(locale -> attributes.put("locale", locale));
        database.icuRules().ifPresent(rules -> attributes.put("icu rules", rules));
        attributes.put("tablespace", quoted(database.tablespace()));
        attributes.put("connection limit", String.valueOf(database.connectionLimit()));
        attributes.put("template", database.isTemplate() ? "yes" : "no");
        attributes.put("connections allowed", database.allowsConnections() ? "yes" : "no");
        attributes.put(PRIVILEGES, privileges(database.acl(), database.owner()));
        database.comment().ifPresent(comment -> attributes.put("comment", comment));
        return attributes;
    }

    /** The source's bootstrap superuser becomes the target's, where the target has no role of that name. */
    private String owner(ServerInventory server, String role) {
        boolean absent = server.equals(source)
                && role.equals(source.facts().bootstrapSuperuser())
                && target.roles().find(role).isEmpty();
        return quoted(absent ? target.facts().bootstrapSuperuser() : role);
    }

    private static String privileges(List<AclEntry> acl, String owner) {
        return acl.stream()
                .map(entry -> "+" + entry.privilege() + " to "
                        + grantee(entry.grantee(), owner)
                        + (entry.grantable() ? " with grant option" : "")
                        + (entry.grantor().equals(owner) ? "" : " by " + quoted(entry.grantor())))
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String grantee(Optional<String> grantee, String owner) {
        return grantee.map(role -> role.equals(owner) ? "the owner" : quoted(role))
                .orElse("PUBLIC");
    }

    private List<Difference> passwords() {
        List<Difference> differences = new ArrayList<>();
        if (!source.roles().passwordsReadable() || !target.roles().passwordsReadable()) {
            return differences;
        }
        for (Role role : source.roles().roles()) {
            Optional<Role> counterpart = target.roles().find(role.name());
            if (isCompared(role.name()) && counterpart.isPresent()) {
                String here = form(role.password());
                String there = form(counterpart.get().password());
                // What a server before 10 keeps as it is, a newer one hashes when it gets it.
                if (!here.equals(UNENCRYPTED)
                        && !role.password().equals(counterpart.get().password())) {
                    String what = here.isEmpty() || there.isEmpty()
                            ? "has a password on the " + (here.isEmpty() ? "target" : "source") + " only"
                            : "password differs";
                    differences.add(difference("role", quoted(role.name()), "password", what)
                            .as(here.isEmpty() ? Optional.of(Announced.EXISTING_ROLES) : Optional.empty()));
                }
            }
        }
        return differences;
    }

    private static String form(Optional<Secret> password) {
        return password.map(secret -> secret.reveal().matches(HASHED) ? "hashed" : UNENCRYPTED)
                .orElse("");
    }

    private record Place(String name, Optional<String> role, Optional<DatabaseName> database) {
        String printed() {
            String roles = role.map(name -> "of role " + quoted(name)).orElse("of all roles");
            String where =
                    database.map(name -> " in database " + quoted(name.value())).orElse("");
            return name + " " + (role.isEmpty() && database.isPresent() ? "of" + where.substring(3) : roles + where);
        }
    }

    private List<Difference> settings() {
        Map<Place, String> here = settings(source);
        Map<Place, String> there = settings(target);
        List<Difference> differences = new ArrayList<>();
        here.forEach((place, value) -> {
            String other = there.get(place);
            if (value.equals(other)) {
                return;
            }
            boolean missing = other == null;
            if (missing && !isKnown(place.name())) {
                differences.add(unknown(place, "", UNKNOWN));
            } else if (!place.name().contains(".") && refused.test(place.name(), value)) {
                differences.add(unknown(place, missing ? "" : "value", REFUSED));
            } else {
                differences.add(difference(
                        "setting",
                        place.printed(),
                        missing ? "" : "value",
                        missing ? Difference.MISSING : "has another value on the target"));
            }
        });
        for (Place place : there.keySet()) {
            if (!here.containsKey(place)) {
                differences.add(difference("setting", place.printed(), "", Difference.TARGET_ONLY));
            }
        }
        return differences;
    }

    private static Difference unknown(Place place, String attribute, String what) {
        return difference("setting", place.printed(), attribute, what).as(Optional.of(Announced.UNKNOWN_SETTINGS));
    }

    /** Whether the target has such a setting; every server takes one with a dot. */
    private boolean isKnown(String setting) {
        return setting.contains(".") || target.knownSettings().contains(setting);
    }

    private Map<Place, String> settings(ServerInventory server) {
        Map<Place, String> settings = new HashMap<>();
        for (Setting setting : server.settings()) {
            if (setting.role().stream().allMatch(role -> isCompared(role) && !isOfTarget(role))
                    && setting.database().stream().allMatch(databases)) {
                String nameOnTarget =
                        Setting.nameOn(target.facts().version(), setting.name().toLowerCase(Locale.ROOT));
                settings.put(new Place(nameOnTarget, setting.role(), setting.database()), canonical(setting.value()));
            }
        }
        return settings;
    }

    /** Lists of names are kept with or without the quotes that they do not need. */
    private static String canonical(String value) {
        Set<String> quoteless = Set.of("", "\"\"");
        return quoteless.contains(value) ? "" : SqlTokens.withoutNeedlessQuotes(value);
    }

    private static Difference difference(String kind, String name, String attribute, String what) {
        return new Difference(
                kind, Names.printed(kind + " " + name), attribute, Names.printed(what), PsqlHint.at(kind, name, ""));
    }

    private static String quoted(String name) {
        return Names.quoted(name);
    }
}
