package io.pgconvoy.catalog;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * An object of one database, or a column of one, with who it belongs to and who may do what with it.
 *
 * @param type as pg_identify_object() has it: {@code table}, {@code operator class}; of a column, its table's
 * @param identity its name in full and quoted, as pg_identify_object() has it; of a column, its table's
 * @param column empty but for columns with privileges of their own
 * @param schema empty for what is in none
 * @param followsOwner whether its owner is that of another object (a serial column's sequence) or cannot be changed
 * @param acl the privileges in force
 */
public record OwnedObject(
        String type,
        String identity,
        Optional<String> column,
        Optional<String> schema,
        String owner,
        boolean followsOwner,
        List<AclEntry> acl) {
    public OwnedObject {
        Objects.requireNonNull(type);
        Objects.requireNonNull(identity);
        Objects.requireNonNull(column);
        Objects.requireNonNull(schema);
        Objects.requireNonNull(owner);
        acl = List.copyOf(acl);
    }

    /** What it has in common with its counterpart on another server. */
    public record Key(String type, String identity, Optional<String> column) {}

    public Key key() {
        return new Key(type, identity, column);
    }

    /** For messages: {@code table public.t}, {@code column "c" of table public.t}. */
    public String label() {
        return column.map(name -> "column \"" + name + "\" of ").orElse("") + type + " " + identity;
    }
}
