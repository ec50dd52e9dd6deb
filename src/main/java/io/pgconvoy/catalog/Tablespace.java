package io.pgconvoy.catalog;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A tablespace that a user made.
 *
 * @param location its folder on the server; relative for one inside the data folder (15 and later, for developers)
 * @param options such as random_page_cost
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
        options = Map.copyOf(options);
        acl = List.copyOf(acl);
        Objects.requireNonNull(comment);
    }
}
