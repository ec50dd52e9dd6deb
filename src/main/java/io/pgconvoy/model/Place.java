package io.pgconvoy.model;

import io.pgconvoy.config.DatabaseName;
import java.util.Optional;

/**
 * Where something was found.
 *
 * @param database empty where it is about the whole server
 * @param object the object's kind and name, as people read it; empty where it is about the database as a whole
 */
public record Place(Optional<DatabaseName> database, Optional<String> object) {
    public static Place of(DatabaseName database) {
        return new Place(Optional.of(database), Optional.empty());
    }

    public static Place of(DatabaseName database, String object) {
        return new Place(Optional.of(database), Optional.of(object));
    }

    /** An object of the whole server, such as a role. */
    public static Place of(String object) {
        return new Place(Optional.empty(), Optional.of(object));
    }
}
