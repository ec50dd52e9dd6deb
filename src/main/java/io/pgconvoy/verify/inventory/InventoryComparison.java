package io.pgconvoy.verify.inventory;

import io.pgconvoy.model.Announced;
import io.pgconvoy.model.Difference;
import io.pgconvoy.postgres.ServerVersion;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Finds what differs between two inventories. What only one of the servers' versions knows is not compared, nor is what
 * a migration changes on purpose.
 */
public final class InventoryComparison {
    /** Attributes that stand in an inventory where they are off. */
    private static final Set<String> ON_BY_DEFAULT = Set.of("valid", "validated", "enabled", "populated");

    private static final String OF_SERVER = "object of the server or of an extension";
    private static final String TABLESPACE = "tablespace";
    private static final String SUBSCRIPTION = "subscription";
    private static final String POSITION = "position";
    private static final String NOT_NULL = "not null";
    private static final String PRIVILEGES = InventoryReader.PRIVILEGES;
    private static final String PUBLIC = "public";

    /** Why an index is missing that is invalid on the source. */
    private static final String INVALID = ": it is invalid on the source, and pg_dump leaves such indexes out";

    /** Longer values are not printed. */
    private static final int PRINTED = 80;

    private final Inventory source;
    private final Inventory target;
    private final Predicate<Dispute> sameMeaning;
    private final DefinitionJudge judge;
    private final boolean sameMajor;
    private final List<Difference> differences = new ArrayList<>();
    private final Set<String> reordered = new TreeSet<>();
    private final ColumnOrders orders;

    private InventoryComparison(
            Inventory source, Inventory target, DefinitionJudge judge, Predicate<Dispute> sameMeaning) {
        this.source = source;
        this.target = target;
        this.judge = judge;
        this.sameMeaning = sameMeaning;
        this.orders = new ColumnOrders(source, target);
        this.sameMajor = source.version().major() == target.version().major();
    }

    /** What differs, by kind and name, as far as the texts tell. */
    public static List<Difference> compare(Inventory source, Inventory target) {
        return compare(source, target, DefinitionJudge.NONE);
    }

    /** What differs, by kind and name; definitions whose texts differ are judged. */
    static List<Difference> compare(Inventory source, Inventory target, DefinitionJudge judge) {
        List<Dispute> disputes = new ArrayList<>();
        List<Difference> differences = new InventoryComparison(source, target, judge, dispute -> {
                    disputes.add(dispute);
                    return false;
                })
                .compare();
        Set<Dispute> same = disputes.isEmpty() ? Set.of() : judge.same(disputes);
        return same.isEmpty() ? differences : new InventoryComparison(source, target, judge, same::contains).compare();
    }

    private List<Difference> compare() {
        Set<String> kinds = new TreeSet<>(source.objects().keySet());
        kinds.addAll(target.objects().keySet());
        for (String kind : kinds) {
            if (kind.equals(ExtensionMemberDifferences.KIND)) {
                differences.addAll(ExtensionMemberDifferences.compare(source, target));
            } else if (!SystemObjectDifferences.KINDS.contains(kind) && isKnownToBoth(kind)) {
                compare(kind);
            }
        }
        differences.addAll(SystemObjectDifferences.compare(source, target));
        reordered.forEach(table -> differences.add(new Difference(
                "table",
                printed("table " + table),
                POSITION,
                "has its columns in another order",
                PsqlHint.at("table", table, POSITION))));
        return List.copyOf(differences);
    }

    private boolean bothAtLeast(ServerVersion version) {
        return source.version().isAtLeast(version) && target.version().isAtLeast(version);
    }

    private boolean isKnownToBoth(String kind) {
        return switch (kind) {
            case OF_SERVER, "access method" -> bothAtLeast(ServerVersion.V9_6);
            // Before, a column knows whether it is not null, and the constraint has no name.
            case "not-null constraint" -> bothAtLeast(ServerVersion.V18);
            default -> true;
        };
    }

    private void compare(String kind) {
        Map<String, Map<String, String>> ours = source.of(kind);
        Map<String, Map<String, String>> theirs = target.of(kind);
        Set<String> names = new TreeSet<>(ours.keySet());
        names.addAll(theirs.keySet());
        for (String name : names) {
            Map<String, String> here = ours.get(name);
            Map<String, String> there = theirs.get(name);
            if (kind.equals(OF_SERVER)) {
                // It is listed for its privileges; where these are what it was made with, that is as good as absent.
                compare(
                        kind,
                        name,
                        Objects.requireNonNullElse(here, Map.of()),
                        Objects.requireNonNullElse(there, Map.of()));
            } else if (here == null) {
                if (hasParent(source, kind, name, there)) {
                    report(kind, name, "", Difference.TARGET_ONLY);
                }
            } else if (there == null) {
                if (hasParent(target, kind, name, here)) {
                    report(kind, name, "", Difference.MISSING + reason(kind, here), lack(kind, here));
                }
            } else {
                compare(kind, name, here, there);
            }
        }
    }

    private static String reason(String kind, Map<String, String> attributes) {
        return kind.equals("index") && attributes.containsKey("valid") ? INVALID : "";
    }

    /** What announces that an object does not arrive. */
    private static Optional<Announced> lack(String kind, Map<String, String> attributes) {
        return switch (kind) {
            case "index" ->
                reason(kind, attributes).isEmpty() ? Optional.empty() : Optional.of(Announced.INVALID_INDEXES);
            case TABLESPACE -> Optional.of(Announced.TABLESPACES);
            case SUBSCRIPTION ->
                attributes.containsKey(DatabaseQueries.NOT_DUMPED)
                        ? Optional.of(Announced.SUBSCRIPTIONS)
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    /** What announces that an attribute does not arrive. */
    private Optional<Announced> loss(String kind, String name, String attribute, String here, String there) {
        boolean gone = here != null && there == null;
        return switch (kind + ": " + attribute) {
            case "table: has oids", "foreign table: has oids" ->
                gone && target.version().isAtLeast(ServerVersion.V12)
                        ? Optional.of(Announced.TABLES_WITH_OIDS)
                        : Optional.empty();
            case "constraint: triggers" -> gone ? Optional.of(Announced.MUTED_FOREIGN_KEYS) : Optional.empty();
            case "column: " + NOT_NULL ->
                here == null && ancestorIsNotNull(name) ? Optional.of(Announced.INHERITED_NOT_NULL) : Optional.empty();
            case "extension: version" -> Optional.of(Announced.EXTENSION_VERSIONS);
            default ->
                attribute.equals(TABLESPACE) && here != null && !judge.targetHasTablespace(here)
                        ? Optional.of(Announced.TABLESPACES)
                        : Optional.empty();
        };
    }

    /** Whether the column is NOT NULL on the source in a table that this one inherits from, at whatever distance. */
    private boolean ancestorIsNotNull(String column) {
        Optional<String> table = PsqlHint.parent("column", column);
        if (table.isEmpty()) {
            return false;
        }
        String prefix = column.substring(0, column.length() - table.get().length());
        Set<String> seen = new TreeSet<>();
        Deque<String> open = new ArrayDeque<>(parents(table.get()));
        while (!open.isEmpty()) {
            String ancestor = open.pop();
            if (seen.add(ancestor)) {
                if (source.of("column")
                        .getOrDefault(prefix + ancestor, Map.of())
                        .containsKey(NOT_NULL)) {
                    return true;
                }
                open.addAll(parents(ancestor));
            }
        }
        return false;
    }

    private List<String> parents(String table) {
        return Stream.of("table", "foreign table")
                .map(kind -> source.of(kind).getOrDefault(table, Map.of()).get(InventoryReader.INHERITS))
                .filter(Objects::nonNull)
                .flatMap(names -> Names.split(names, ", ").stream())
                .toList();
    }

    /** Whether that which this object is part of is there; if not, that alone is the difference. */
    private static boolean hasParent(Inventory inventory, String kind, String name, Map<String, String> attributes) {
        Optional<String> parent =
                kind.equals("index") ? Optional.of(attributes.get("table")) : PsqlHint.parent(kind, name);
        return parent.isEmpty()
                || inventory.objects().entrySet().stream()
                        .anyMatch(objects -> PsqlHint.isParent(objects.getKey())
                                && objects.getValue().containsKey(parent.get()));
    }

    private void compare(String kind, String name, Map<String, String> here, Map<String, String> there) {
        Set<String> attributes = new TreeSet<>(here.keySet());
        attributes.addAll(there.keySet());
        if (kind.equals(Inventory.SEQUENCE)) {
            compareValues(name, here, there);
            attributes.removeAll(Set.of(
                    Inventory.LAST_VALUE, Inventory.IS_CALLED, Inventory.LATER_LAST_VALUE, Inventory.LATER_IS_CALLED));
        }
        for (String attribute : attributes) {
            if (isCompared(kind, name, attribute, here, there) && !isSettled(kind, name, attribute, here, there)) {
                compare(kind, name, attribute, here.get(attribute), there.get(attribute));
            }
        }
    }

    private boolean isCompared(
            String kind, String name, String attribute, Map<String, String> here, Map<String, String> there) {
        return switch (kind) {
            // CREATE EXTENSION takes the version that the target has.
            case "extension" ->
                switch (attribute) {
                    case "version" -> sameMajor;
                    case "configuration tables" -> Objects.equals(here.get("version"), there.get("version"));
                    default -> true;
                };
            case SUBSCRIPTION -> !attribute.equals(DatabaseQueries.NOT_DUMPED);
            case "type" -> !attribute.equals("multirange") || bothAtLeast(ServerVersion.V14);
            // Up to 14 the bootstrap superuser owns it, from 15 on whoever owns the database.
            case "schema" ->
                !(name.equals(PUBLIC)
                        && !source.version().isAtLeast(ServerVersion.V15)
                        && attribute.equals("owner")
                        && "pg_database_owner".equals(there.get(attribute)));
            case "aggregate", "function", "procedure" -> !attribute.equals("support") || bothAtLeast(ServerVersion.V12);
            // A restore makes each index anew: what was invalid is valid then, which is no loss.
            case "index" -> !attribute.equals("valid") || there.containsKey("valid");
            default -> true;
        };
    }

    /** Whether the texts differ, and the judge says that they mean the same. */
    private boolean isSettled(
            String kind, String name, String attribute, Map<String, String> here, Map<String, String> there) {
        boolean references = attribute.equals(RelationQueries.REFERS_TO);
        String text = references ? "definition" : attribute;
        String ours = here.get(text);
        String theirs = there.get(text);
        return ours != null
                && theirs != null
                && !Objects.equals(here.get(attribute), there.get(attribute))
                && (references || (InventoryReader.SQL.contains(attribute) && !isSame(kind, attribute, ours, theirs)))
                && sameMeaning.test(new Dispute(kind, name, attribute, ours, theirs));
    }

    private void compare(String kind, String name, String attribute, String here, String there) {
        if (Objects.equals(here, there)) {
            return;
        }
        if (attribute.equals(PRIVILEGES)) {
            comparePrivileges(kind, name, here, there);
        } else if (attribute.equals(POSITION)) {
            noteOrder(kind, name);
        } else if (here != null && there != null && isSame(kind, attribute, here, there)) {
            return;
        } else if (attribute.equals("kinds")
                && !bothAtLeast(ServerVersion.V12)
                && Objects.equals(here + ", mcv", there)) {
            // Statistics of all kinds get the new kind as well.
            return;
        } else if (attribute.equals(OperatorQueries.OPERATORS)) {
            report(kind, name, attribute, OperatorQueries.clause(here, there));
        } else {
            report(kind, name, attribute, clause(attribute, here, there), loss(kind, name, attribute, here, there));
        }
    }

    private boolean isSame(String kind, String attribute, String here, String there) {
        if (!InventoryReader.SQL.contains(attribute)) {
            return false;
        }
        // Before 10 a literal in a view's list stayed without a type.
        return DefinitionText.sameSql(here, there, sameMajor)
                || (kind.equals("column")
                        && attribute.equals("type")
                        && here.equals("unknown")
                        && there.equals("text"));
    }

    private static String clause(String attribute, String here, String there) {
        if (isPrintable(here) && isPrintable(there) && !attribute.equals("source")) {
            return attribute + " is " + value(attribute, here, there) + " on the source and "
                    + value(attribute, there, here) + " on the target";
        }
        if (here == null) {
            return "has " + article(attribute) + attribute + " on the target only";
        }
        if (there == null) {
            return "has " + article(attribute) + attribute + " on the source only";
        }
        return attribute + " differs";
    }

    private static String article(String attribute) {
        return attribute.endsWith("s") ? "" : "aeio".indexOf(attribute.charAt(0)) >= 0 ? "an " : "a ";
    }

    private static boolean isPrintable(String value) {
        return value == null || (value.length() <= PRINTED && !DefinitionText.isDigest(value));
    }

    private static String value(String attribute, String value, String other) {
        if (value == null) {
            return ON_BY_DEFAULT.contains(attribute) ? "yes" : "yes".equals(other) ? "no" : "none";
        }
        return printed(attribute.equals("comment") ? "\"" + value + "\"" : value);
    }

    /** A column that is missing moves all later ones: that is one difference, not many. */
    private void noteOrder(String kind, String name) {
        String table = PsqlHint.parent(kind, name).orElse(name);
        if (!reordered.contains(table) && !orders.isAsRestored(kind, table)) {
            reordered.add(table);
        }
    }

    private void comparePrivileges(String kind, String name, String here, String there) {
        Set<String> ours = entries(here);
        Set<String> theirs = entries(there);
        Set<String> all = new TreeSet<>(ours);
        all.addAll(theirs);
        for (String entry : all) {
            if (ours.contains(entry) != theirs.contains(entry)) {
                // A + is a privilege that somebody was given, a - one that was taken away from those by default.
                boolean onSource = ours.contains(entry) == entry.startsWith("+");
                report(
                        kind,
                        name,
                        PRIVILEGES,
                        "privilege " + entry.substring(1)
                                + (onSource ? " is missing on the target" : " is on the target only"));
            }
        }
    }

    /** MAINTAIN is new in 17, where an owner has it by default. */
    private Set<String> entries(String privileges) {
        Set<String> entries = new TreeSet<>();
        if (privileges != null) {
            Names.split(privileges, ", ").stream()
                    .filter(entry -> bothAtLeast(ServerVersion.V17)
                            || !entry.substring(1).startsWith("MAINTAIN "))
                    .forEach(entries::add);
        }
        return entries;
    }

    private void compareValues(String name, Map<String, String> here, Map<String, String> there) {
        String value = there.get(Inventory.LAST_VALUE);
        String first = here.get(Inventory.LAST_VALUE);
        if (value == null || first == null) {
            // Whoever may not read a sequence compares the rest of it.
            return;
        }
        String last = here.getOrDefault(Inventory.LATER_LAST_VALUE, first);
        if (!isBetween(value, first, last)) {
            report(
                    Inventory.SEQUENCE,
                    name,
                    Inventory.LAST_VALUE,
                    "last value is " + (first.equals(last) ? first : first + " to " + last) + " on the source and "
                            + value + " on the target");
        }
        String called = here.get(Inventory.IS_CALLED);
        String laterCalled = here.getOrDefault(Inventory.LATER_IS_CALLED, called);
        if (!Arrays.asList(called, laterCalled).contains(there.get(Inventory.IS_CALLED))) {
            report(
                    Inventory.SEQUENCE,
                    name,
                    Inventory.LAST_VALUE,
                    "is called is " + called + " on the source and " + there.get(Inventory.IS_CALLED)
                            + " on the target");
        }
    }

    private static boolean isBetween(String value, String one, String other) {
        BigInteger number = new BigInteger(value);
        BigInteger low = new BigInteger(one).min(new BigInteger(other));
        BigInteger high = new BigInteger(one).max(new BigInteger(other));
        return number.compareTo(low) >= 0 && number.compareTo(high) <= 0;
    }

    private void report(String kind, String name, String attribute, String what) {
        report(kind, name, attribute, what, Optional.empty());
    }

    private void report(String kind, String name, String attribute, String what, Optional<Announced> announced) {
        differences.add(new Difference(
                kind,
                printed(kind + " " + name),
                attribute,
                printed(what),
                PsqlHint.at(kind, name, attribute),
                announced));
    }

    /** On one line, whatever is in a name. */
    static String printed(String text) {
        return Names.printed(text);
    }
}
