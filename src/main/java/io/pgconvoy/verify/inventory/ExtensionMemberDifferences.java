package io.pgconvoy.verify.inventory;

import static io.pgconvoy.verify.inventory.CatalogSql.name;
import static io.pgconvoy.verify.inventory.CatalogSql.yes;

import io.pgconvoy.catalog.objects.ExtensionMember;
import io.pgconvoy.catalog.objects.ExtensionMembers;
import io.pgconvoy.catalog.objects.ExtensionMembers.LeftOut;
import io.pgconvoy.catalog.objects.MemberComparison;
import io.pgconvoy.model.Difference;
import io.pgconvoy.postgres.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What extensions consist of, on both sides. pg_dump leaves it to CREATE EXTENSION, so that what a user added to an extension,
 * or wrote into a table that the extension keeps to itself, does not arrive.
 */
public final class ExtensionMemberDifferences {
    /** The kind of these objects in an inventory. */
    public static final String KIND = "extension member";

    /** The attribute of a difference in rows, or a sequence's value. */
    public static final String ROWS = "rows left out";

    /** The attribute of a difference where the target has rows again that were deleted. */
    public static final String ROWS_BACK = "rows that are back";

    /** The attribute of a difference in what stands in the extension's own rows. */
    public static final String ROWS_CHANGED = "rows that were changed";

    /** The attribute of a member that is not what the extension made it. */
    public static final String DEFINITION = "definition";

    private static final String TRANSACTION = "transaction";
    private static final String EXTENSION_TRANSACTION = "extension transaction";
    private static final String BEFORE = "before";
    private static final String COMPILED = "compiled";
    private static final String PARENT = "parent";

    private ExtensionMemberDifferences() {}

    static CatalogQuery query() {
        return CatalogQuery.all("""
                SELECT '%s', %s || ': ' || q.identity, q.transaction::text AS "%s", q.extension_transaction::text AS "%s",
                       q.before::text AS %s, %s AS %s, q.definition AS %s, q.parent AS %s
                  FROM (%s) AS q
                """.formatted(
                        KIND,
                        name("q.extension"),
                        TRANSACTION,
                        EXTENSION_TRANSACTION,
                        BEFORE,
                        yes("q.compiled"),
                        COMPILED,
                        DEFINITION,
                        PARENT,
                        ExtensionMembers.QUERY));
    }

    /** Asks, like a {@link CatalogQuery}, for the rows of one table that pg_dump leaves out; names may hold braces. */
    static String rows(LeftOut table) {
        return "SELECT '" + KIND + "'::text, " + name(Sql.literal(table.extension()) + "::text") + " || ': ' || "
                + Sql.literal(table.identity()) + ", " + table.expression() + "::text AS \"" + ROWS + "\", "
                + table.contents() + " AS \""
                + ROWS_CHANGED + "\"";
    }

    /** What differs of the extensions that both sides have. */
    static List<Difference> compare(Inventory source, Inventory target) {
        List<Difference> differences = new ArrayList<>();
        for (Map.Entry<String, Map<String, String>> extension :
                source.of("extension").entrySet()) {
            String name = extension.getKey();
            Map<String, String> there = target.of("extension").get(name);
            if (there != null) {
                compare(
                        name,
                        of(name, source),
                        of(name, target),
                        Objects.equals(extension.getValue().get("version"), there.get("version")),
                        differences);
            }
        }
        return differences;
    }

    private static Map<String, Map<String, String>> of(String extension, Inventory inventory) {
        String prefix = extension + ": ";
        Map<String, Map<String, String>> members = new TreeMap<>();
        inventory.of(KIND).forEach((name, attributes) -> {
            if (name.startsWith(prefix)) {
                members.put(name.substring(prefix.length()), attributes);
            }
        });
        return members;
    }

    private static void compare(
            String extension,
            Map<String, Map<String, String>> here,
            Map<String, Map<String, String>> there,
            boolean exact,
            List<Difference> differences) {
        List<ExtensionMember> members = members(extension, here);
        MemberComparison comparison = new MemberComparison(members, members(extension, there), exact);
        comparison.added().forEach(member -> differences.add(difference(member, "", Difference.MISSING)));
        comparison
                .changed(members)
                .forEach(member -> differences.add(
                        difference(member, DEFINITION, "is another on the target, where the extension made it")));
        for (ExtensionMember member : members) {
            Map<String, String> other = there.get(member.identity());
            if (other != null) {
                Map<String, String> own = here.get(member.identity());
                rows(member, own.get(ROWS), other.get(ROWS), exact).ifPresent(differences::add);
                if (exact
                        && Objects.equals(own.get(ROWS), other.get(ROWS))
                        && !Objects.equals(own.get(ROWS_CHANGED), other.get(ROWS_CHANGED))) {
                    differences.add(difference(
                            member,
                            ROWS_CHANGED,
                            "has rows that were changed on the source, of those that the extension makes"));
                }
            }
        }
    }

    private static Optional<Difference> rows(ExtensionMember member, String here, String there, boolean exact) {
        if (here == null || there == null || here.equals(there)) {
            return Optional.empty();
        }
        boolean more = Long.parseLong(here) > Long.parseLong(there);
        if (member.identity().startsWith("sequence ")) {
            return more
                    ? Optional.of(difference(
                            member, ROWS, "last value is " + here + " on the source and " + there + " on the target"))
                    : Optional.empty();
        }
        String what = "has " + here + " rows on the source and " + there
                + " on the target, of those that the extension keeps to itself";
        return more || exact ? Optional.of(difference(member, more ? ROWS : ROWS_BACK, what)) : Optional.empty();
    }

    private static Difference difference(ExtensionMember member, String attribute, String what) {
        return new Difference(
                KIND,
                Names.printed(member.identity()) + " of extension " + Names.printed(member.extension()),
                attribute,
                what,
                "\\dx+ " + Names.printed(member.extension()));
    }

    private static List<ExtensionMember> members(String extension, Map<String, Map<String, String>> named) {
        List<ExtensionMember> members = new ArrayList<>();
        named.forEach((identity, attributes) -> members.add(new ExtensionMember(
                extension,
                identity,
                Optional.ofNullable(attributes.get(PARENT)),
                Long.parseLong(attributes.getOrDefault(TRANSACTION, "0")),
                Long.parseLong(attributes.getOrDefault(EXTENSION_TRANSACTION, "0")),
                Optional.ofNullable(attributes.get(BEFORE)).map(Boolean::valueOf),
                attributes.containsKey(COMPILED),
                Optional.ofNullable(attributes.get(DEFINITION)))));
        return members;
    }
}
