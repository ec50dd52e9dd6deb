package io.pgconvoy.testing;

import java.util.function.Consumer;

/**
 * One database of the sample fleet.
 *
 * @param name as it is, unquoted
 * @param properties what follows its name in CREATE DATABASE
 * @param content fills it, connected to it
 * @param finish runs after all content is there, connected to another database: settings, privileges, comment
 */
record FleetDatabase(String name, String properties, Consumer<Script> content, Consumer<Script> finish) {
    static FleetDatabase of(String name, Consumer<Script> content) {
        return new FleetDatabase(name, "TEMPLATE template0", content, script -> {});
    }

    FleetDatabase with(String more) {
        return new FleetDatabase(name, properties + " " + more, content, finish);
    }

    FleetDatabase finishedBy(Consumer<Script> last) {
        return new FleetDatabase(name, properties, content, last);
    }

    String quotedName() {
        return Quote.identifier(name);
    }
}
