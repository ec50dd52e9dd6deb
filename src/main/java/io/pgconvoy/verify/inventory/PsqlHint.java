package io.pgconvoy.verify.inventory;

import io.pgconvoy.postgres.Sql;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How to look at an object, on either side: a command of psql, or a query where psql has none. */
final class PsqlHint {
    private static final Set<String> RELATIONS =
            Set.of("table", "view", "materialized view", "foreign table", "sequence", "index");
    private static final Set<String> PARENTS =
            Set.of("table", "view", "materialized view", "foreign table", "type", "domain", "server");

    private PsqlHint() {}

    /** Whether objects of this kind have others that are part of them. */
    static boolean isParent(String kind) {
        return PARENTS.contains(kind);
    }

    /** That which the object is part of, where its identity says so. */
    static Optional<String> parent(String kind, String identity) {
        return switch (kind) {
            case "column", "attribute" -> last(identity, " of ");
            case "constraint", "not-null constraint", "trigger", "rule", "policy", "user mapping" ->
                last(identity, " on ");
            default -> Optional.empty();
        };
    }

    private static Optional<String> last(String identity, String separator) {
        List<String> parts = Names.split(identity, separator);
        return parts.size() > 1 ? Optional.of(parts.get(parts.size() - 1)) : Optional.empty();
    }

    /** The command. */
    static String at(String kind, String identity, String attribute) {
        String name = pattern(parent(kind, identity).orElse(identity));
        if (attribute.equals("privileges") && (RELATIONS.contains(kind) || kind.equals("column"))) {
            return "\\dp " + name;
        }
        if (RELATIONS.contains(kind) && (attribute.equals("owner") || attribute.equals("comment"))) {
            return "\\d" + letter(kind) + "+ " + name;
        }
        if (attribute.equals("comment")
                && Set.of("constraint", "trigger", "rule").contains(kind)) {
            return "\\dd " + pattern(Names.split(identity, " on ").get(0));
        }
        return switch (kind) {
            case "sequence" ->
                attribute.equals(Inventory.LAST_VALUE)
                        ? "SELECT last_value, is_called FROM " + Names.printed(identity)
                        : "\\d+ " + name;
            case "table", "view", "materialized view", "foreign table", "index" -> "\\d+ " + name;
            case "column", "trigger", "rule", "policy" -> "\\d+ " + name;
            case "constraint", "not-null constraint" ->
                "SELECT conname, contype, convalidated, pg_get_constraintdef(oid)"
                        + " FROM pg_constraint WHERE conname = "
                        + Sql.literal(unquoted(Names.split(identity, " on ").get(0)));
            case "attribute" -> "\\d " + name;
            case "function", "procedure" ->
                attribute.equals("source") || attribute.equals("body")
                        ? "\\sf " + Names.printed(identity)
                        : "\\df+ " + routine(identity);
            case "aggregate" -> "\\da+ " + routine(identity);
            case "type" -> "\\dT+ " + name;
            case "domain" -> "\\dD+ " + name;
            case "schema" -> "\\dn+ " + name;
            case "extension" -> "SELECT * FROM pg_extension WHERE extname = " + Sql.literal(unquoted(identity));
            case "event trigger" -> "\\dy+ " + name;
            case "cast" -> "\\dC+";
            case "collation" -> "\\dO+ " + name;
            case "conversion" -> "\\dc+ " + name;
            case "operator" -> "\\do+ " + routine(identity);
            case "operator class" -> "SELECT * FROM pg_opclass WHERE opcname = " + withoutSchema(identity);
            case "operator family" -> "SELECT * FROM pg_opfamily WHERE opfname = " + withoutSchema(identity);
            case "language" -> "\\dL+ " + name;
            case "text search configuration" -> "\\dF+ " + name;
            case "text search dictionary" -> "\\dFd+ " + name;
            case "text search parser" -> "\\dFp+ " + name;
            case "text search template" -> "\\dFt+ " + name;
            case "statistics" ->
                "SELECT pg_get_statisticsobjdef(oid), * FROM pg_statistic_ext WHERE stxname = "
                        + withoutSchema(identity);
            case "foreign data wrapper" -> "\\dew+ " + name;
            case "server" -> "\\des+ " + name;
            case "user mapping" -> "\\deu " + name;
            case "publication" -> "\\dRp+ " + name;
            case "subscription" -> "\\dRs+ " + name;
            case "default privileges" -> "\\ddp";
            case "security label" -> "SELECT * FROM pg_seclabels";
            case "access method" -> "\\dA+ " + name;
            case "large object" ->
                "SELECT pg_get_userbyid(lomowner), lomacl, obj_description(oid, 'pg_largeobject')"
                        + " FROM pg_largeobject_metadata WHERE oid = " + identity;
            case "transform" -> "SELECT * FROM pg_transform";
            case "object of the server or of an extension" -> "SELECT * FROM pg_init_privs";
            case "role" -> "\\du+ " + name;
            case "membership" -> "SELECT roleid::regrole, member::regrole, * FROM pg_auth_members";
            case "setting" -> "\\drds";
            case "tablespace" -> "\\db+ " + name;
            case "database" -> "\\l+ " + name;
            case "parameter" -> "SELECT * FROM pg_parameter_acl WHERE parname = " + Sql.literal(unquoted(identity));
            default -> "\\dd " + name;
        };
    }

    private static String letter(String kind) {
        return switch (kind) {
            case "view" -> "v";
            case "materialized view" -> "m";
            case "foreign table" -> "E";
            case "sequence" -> "s";
            case "index" -> "i";
            default -> "t";
        };
    }

    /** The schema and name of something with arguments. */
    private static String routine(String identity) {
        return pattern(Names.split(identity, "(").get(0));
    }

    /** A name as a pattern of psql, where a question mark is any character, such as one that cannot be typed. */
    private static String pattern(String name) {
        if (name.chars().noneMatch(Character::isISOControl)) {
            return name;
        }
        StringBuilder pattern = new StringBuilder();
        name.chars().forEach(c -> pattern.append(Character.isISOControl(c) ? "\"?\"" : String.valueOf((char) c)));
        return pattern.toString();
    }

    private static String withoutSchema(String identity) {
        List<String> parts = Names.split(Names.split(identity, " ").get(0), ".");
        return Sql.literal(unquoted(parts.get(parts.size() - 1)));
    }

    private static String unquoted(String name) {
        return name.startsWith("\"") && name.endsWith("\"") && name.length() > 1
                ? name.substring(1, name.length() - 1).replace("\"\"", "\"")
                : name;
    }
}
