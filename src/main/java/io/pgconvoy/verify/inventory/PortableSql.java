package io.pgconvoy.verify.inventory;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The form of an expression or a query in which servers of different versions agree, if they mean the same.
 *
 * <p>Left out is what versions print differently: parentheses, casts, quotes around keywords, digits of floating-point
 * numbers beyond those that are sure, the table's name before columns where a view reads one table only (from 16 on a
 * server leaves it out). What a view reads is compared beside it, from pg_depend.
 */
final class PortableSql {
    private static final Set<String> INTEGERS = Set.of("smallint", "integer", "bigint", "numeric");
    private static final Set<String> AFTER_FROM = Set.of(
            "where",
            "group",
            "having",
            "window",
            "order",
            "limit",
            "offset",
            "fetch",
            "for",
            "union",
            "intersect",
            "except",
            ";");
    private static final Set<String> SET_OPERATIONS = Set.of("union", "intersect", "except");
    private static final Set<String> INTERVAL_FIELDS = Set.of("year", "month", "day", "hour", "minute", "second", "to");

    private final List<String> tokens;
    private final List<String> portable = new ArrayList<>();

    private PortableSql(List<String> tokens) {
        this.tokens = tokens;
    }

    static String of(String text) {
        PortableSql sql = new PortableSql(SqlTokens.of(text));
        sql.build();
        return String.join(" ", sql.portable);
    }

    private void build() {
        Optional<String> only = onlyRelation();
        int i = 0;
        while (i < tokens.size()) {
            String token = tokens.get(i);
            String next = at(i + 1);
            if (token.equals("(") || token.equals(")") || token.equals(";")) {
                i++;
            } else if (token.equals("::")) {
                i = afterType(i + 1);
            } else if (next.equals("::") && (token.startsWith("'") || SqlTokens.isNumber(token))) {
                portable.add(constant(token, i + 2));
                i++;
            } else if (token.equals("-") && at(i - 1).equals("(") && !next.isEmpty() && SqlTokens.isNumber(next)) {
                portable.add(
                        number("-" + next, at(i + 2).equals(")") && at(i + 3).equals("::") ? at(i + 4) : at(i + 3)));
                i += 2;
            } else if (SqlTokens.isNumber(token)) {
                portable.add(number(token, ""));
                i++;
            } else if (next.equals(".")
                    && !at(i - 1).equals(".")
                    && (token.equals("pg_catalog") || only.equals(Optional.of(token)))) {
                i += 2;
            } else if (token.equals("procedure") && at(i - 1).equals("execute")) {
                portable.add("function");
                i++;
            } else {
                portable.add(token);
                i++;
            }
        }
    }

    private String at(int index) {
        return index >= 0 && index < tokens.size() ? tokens.get(index) : "";
    }

    /** A literal or a number that a cast follows: numbers are printed with quotes by some versions. */
    private String constant(String token, int type) {
        String name = at(type);
        if (name.startsWith("reg")) {
            return SqlTokens.withoutNeedlessQuotes(token);
        }
        if (INTEGERS.contains(name) || name.equals("real") || name.equals("double")) {
            String inside = token.startsWith("'") ? token.substring(1, token.length() - 1) : token;
            return inside.matches("-?[0-9.]+(e[+-]?[0-9]+)?") ? number(inside, name) : token;
        }
        return token;
    }

    /** Before 12 servers print more digits of floating-point numbers than tell them apart. */
    private static String number(String token, String type) {
        if (token.matches("-?[0-9]+")) {
            return token;
        }
        try {
            return new BigDecimal(token)
                    .round(new MathContext(type.equals("real") ? 6 : 15))
                    .stripTrailingZeros()
                    .toString();
        } catch (NumberFormatException noNumber) {
            return token;
        }
    }

    /** The index after the name of a type, as format_type() prints it. */
    private int afterType(int start) {
        String first = at(start);
        int i = start + 1;
        while (at(i).equals(".")) {
            first = at(i + 1);
            i += 2;
        }
        if (at(i).equals("varying") || (first.equals("double") && at(i).equals("precision"))) {
            i++;
        } else if (first.equals("interval")) {
            while (INTERVAL_FIELDS.contains(at(i))) {
                i++;
            }
        }
        if (at(i).equals("(")) {
            i = afterParenthesis(i);
        }
        if (first.startsWith("time")
                && (at(i).equals("with") || at(i).equals("without"))
                && at(i + 1).equals("time")) {
            i += 3;
        }
        while (at(i).equals("[") && at(i + 1).equals("]")) {
            i += 2;
        }
        return i;
    }

    private int afterParenthesis(int opening) {
        int depth = 0;
        for (int i = opening; i < tokens.size(); i++) {
            if (at(i).equals("(")) {
                depth++;
            } else if (at(i).equals(")") && --depth == 0) {
                return i + 1;
            }
        }
        return tokens.size();
    }

    /** By which name a query knows the one relation it reads; empty where it reads several, or where it is no query. */
    private Optional<String> onlyRelation() {
        if (!at(0).equals("select") && !at(0).equals("with")) {
            return Optional.empty();
        }
        int from = -1;
        int end = tokens.size();
        for (int i = 0; i < tokens.size(); i++) {
            if (at(i).equals("(")) {
                i = afterParenthesis(i) - 1;
            } else if (SET_OPERATIONS.contains(at(i))) {
                return Optional.empty();
            } else if (from < 0 && at(i).equals("from")) {
                from = i + 1;
            } else if (from >= 0 && end == tokens.size() && AFTER_FROM.contains(at(i))) {
                end = i;
            }
        }
        return from < 0 ? Optional.empty() : nameOfItem(from, end);
    }

    private Optional<String> nameOfItem(int start, int end) {
        int i = at(start).equals("only") || at(start).equals("lateral") ? start + 1 : start;
        String name = "";
        if (!at(i).equals("(")) {
            name = at(i++);
            while (at(i).equals(".")) {
                name = at(i + 1);
                i += 2;
            }
        }
        if (at(i).equals("(")) {
            i = afterParenthesis(i);
        }
        if (i < end && SqlTokens.isName(at(i)) && !at(i).equals("tablesample")) {
            name = at(i++);
        }
        if (at(i).equals("(")) {
            i = afterParenthesis(i);
        }
        return name.isEmpty() || i < end ? Optional.empty() : Optional.of(name);
    }
}
