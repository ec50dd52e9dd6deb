package io.pgconvoy.catalog;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A tablespace that a user made.
 *
 * @param location its folder on the server; relative for one inside the data folder (15 and later, for developers)
 * @param options such as random_page_cost, in the order they were set
 * @param acl the privileges in force
 */
public record Tablespace(
        String name,
        String owner,
        String location,
        Map<String, String> options,
        List<AclEntry> acl,
        Optional<String> comment) {
    public Tablespace {
        Objects.requireNonNull(name);
        Objects.requireNonNull(owner);
        Objects.requireNonNull(location);
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
        acl = List.copyOf(acl);
        Objects.requireNonNull(comment);
    }
}
