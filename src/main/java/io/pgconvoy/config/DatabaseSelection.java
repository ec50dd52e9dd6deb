package io.pgconvoy.config;

import java.util.List;

/**
 * Which databases are moved, and in which order.
 *
 * @param include where not empty, only databases that match one of these
 * @param exclude databases that match one of these stay behind
 * @param order by size; ties by name
 */
public record DatabaseSelection(List<Glob> include, List<Glob> exclude, DatabaseOrder order) {
    public DatabaseSelection {
        include = List.copyOf(include);
        exclude = List.copyOf(exclude);
    }

    public boolean selects(DatabaseName name) {
        boolean included = include.isEmpty() || include.stream().anyMatch(glob -> glob.matches(name.value()));
        return included && exclude.stream().noneMatch(glob -> glob.matches(name.value()));
    }

    /** Whether there is any pattern. */
    public boolean isRestricted() {
        return !include.isEmpty() || !exclude.isEmpty();
    }

    /** Whether an include pattern asks for this database, rather than none being given. */
    public boolean asksFor(DatabaseName name) {
        return !include.isEmpty() && selects(name);
    }
}
