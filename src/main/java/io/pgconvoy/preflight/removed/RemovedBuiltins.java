package io.pgconvoy.preflight.removed;

import io.pgconvoy.catalog.objects.Builtins;
import io.pgconvoy.catalog.objects.Builtins.Cast;
import io.pgconvoy.catalog.objects.Builtins.Column;
import io.pgconvoy.catalog.objects.Builtins.Function;
import io.pgconvoy.catalog.objects.Builtins.Operator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the source brings along itself and the target does not: by the source's OIDs, with how to call it in a report.
 *
 * @param functions those that no call with these arguments reaches any more
 * @param signatures those that are not there with exactly these arguments; {@link #functions} are among them
 * @param columns of system catalogs and views, by the relation's OID and their number
 * @param casts that are gone, by the function that makes them
 */
public record RemovedBuiltins(
        Map<Long, String> functions,
        Map<Long, String> signatures,
        Map<Long, String> operators,
        Map<Long, String> types,
        Map<Long, Map<Integer, String>> columns,
        Map<Long, String> casts) {
    private static final String SYSTEM = "pg_catalog.";

    static RemovedBuiltins between(Builtins source, Builtins target) {
        Map<String, List<Function>> byName =
                target.functions().stream().collect(Collectors.groupingBy(RemovedBuiltins::name));
        Set<String> implicit = target.casts().stream()
                .filter(Cast::implicit)
                .map(RemovedBuiltins::name)
                .collect(Collectors.toSet());
        Map<Long, String> functions = new HashMap<>();
        Map<Long, String> signatures = new HashMap<>();
        for (Function function : source.functions()) {
            List<Function> namesakes = byName.getOrDefault(name(function), List.of());
            if (namesakes.stream().noneMatch(one -> one.arguments().equals(function.arguments()))) {
                signatures.put(function.oid(), label(function));
                if (namesakes.stream().noneMatch(one -> takes(one, function.arguments(), implicit))) {
                    functions.put(function.oid(), label(function));
                }
            }
        }
        return new RemovedBuiltins(
                functions,
                signatures,
                operators(source, target),
                types(source, target),
                columns(source, target),
                casts(source, target));
    }

    /** Whether the target lacks nothing that the source has. */
    boolean isEmpty() {
        return signatures.isEmpty() && operators.isEmpty() && types.isEmpty() && columns.isEmpty() && casts.isEmpty();
    }

    private static Map<Long, String> operators(Builtins source, Builtins target) {
        Map<String, List<Operator>> there = target.operators().stream().collect(Collectors.groupingBy(Operator::name));
        return source.operators().stream()
                .filter(operator -> there.getOrDefault(operator.name(), List.of()).stream()
                        .noneMatch(one -> takes(one.left(), operator.left(), Set.of())
                                && takes(one.right(), operator.right(), Set.of())))
                .collect(Collectors.toMap(Operator::oid, RemovedBuiltins::label));
    }

    private static Map<Long, String> types(Builtins source, Builtins target) {
        return lost(source.types(), target.types(), RemovedBuiltins::name)
                .collect(Collectors.toMap(Builtins.Type::oid, type -> "type " + shortened(name(type))));
    }

    private static Map<Long, Map<Integer, String>> columns(Builtins source, Builtins target) {
        return lost(source.columns(), target.columns(), RemovedBuiltins::name)
                .collect(Collectors.groupingBy(
                        Column::relation,
                        Collectors.toMap(Column::number, column -> "column " + shortened(name(column)))));
    }

    private static Map<Long, String> casts(Builtins source, Builtins target) {
        return lost(source.casts(), target.casts(), RemovedBuiltins::name)
                .filter(cast -> cast.function() != 0)
                .collect(Collectors.toMap(
                        Cast::function,
                        cast -> "cast from " + shortened(cast.from()) + " to " + shortened(cast.to()),
                        (one, another) -> another));
    }

    /** What one server has and the other has not, by a name. */
    static <T> Stream<T> lost(List<T> source, List<T> target, java.util.function.Function<T, ?> name) {
        Set<?> there = target.stream().map(name).collect(Collectors.toSet());
        return source.stream().filter(one -> !there.contains(name.apply(one)));
    }

    private static boolean takes(Function function, List<String> arguments, Set<String> implicit) {
        int most = function.arguments().size();
        if (arguments.size() > most || arguments.size() < most - function.defaults()) {
            return false;
        }
        for (int position = 0; position < arguments.size(); position++) {
            if (!takes(function.arguments().get(position), arguments.get(position), implicit)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a parameter of the one type takes a value of the other; polymorphic types are all named any... . */
    private static boolean takes(String parameter, String argument, Set<String> implicit) {
        return parameter.equals(argument)
                || (parameter.startsWith(SYSTEM + "any") && !argument.isEmpty())
                || implicit.contains(castName(argument, parameter));
    }

    private static String name(Function function) {
        return function.schema() + "." + function.name();
    }

    private static String name(Builtins.Type type) {
        return type.schema() + "." + type.name();
    }

    private static String name(Column column) {
        return column.schema() + "." + column.relationName() + "." + column.name();
    }

    private static String name(Cast cast) {
        return castName(cast.from(), cast.to());
    }

    private static String castName(String from, String to) {
        return from + " AS " + to;
    }

    static String label(Function function) {
        return "function " + shortened(name(function))
                + function.arguments().stream()
                        .map(RemovedBuiltins::shortened)
                        .collect(Collectors.joining(", ", "(", ")"));
    }

    private static String label(Operator operator) {
        return "operator " + operator.name() + " ("
                + (operator.left().isEmpty() ? "NONE" : shortened(operator.left())) + ", "
                + (operator.right().isEmpty() ? "NONE" : shortened(operator.right())) + ")";
    }

    private static String shortened(String name) {
        return name.startsWith(SYSTEM) ? name.substring(SYSTEM.length()) : name;
    }
}
