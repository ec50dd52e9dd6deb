package io.pgconvoy.catalog.objects;

import io.pgconvoy.config.Side;
import io.pgconvoy.postgres.Session;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What extensions consist of in the databases that were read, of a source and its target: plpgsql, which most have alone, is
 * the same in all that were made of one template, and this is the dearest question of an inventory. Safe for use by many
 * threads.
 */
public final class KnownMembers {
    private record Key(Side side, String rows) {}

    private final Map<Key, Map<String, Map<String, String>>> known = new ConcurrentHashMap<>();

    /**
     * The members by their names.
     *
     * @param rows that tell of them, and which transactions wrote these: the same rows say the same
     */
    public Optional<Map<String, Map<String, String>>> of(Session session, String rows) {
        return Optional.ofNullable(known.get(new Key(session.server().side(), rows)));
    }

    public void remember(Session session, String rows, Map<String, Map<String, String>> members) {
        known.put(new Key(session.server().side(), rows), Map.copyOf(members));
    }
}
