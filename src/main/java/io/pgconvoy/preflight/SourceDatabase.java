package io.pgconvoy.preflight;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.Row;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * A database of the source, to be looked into.
 *
 * @param session shared by all checks, not to be closed
 * @param signs of what there is in it
 */
public record SourceDatabase(DatabaseProperties properties, Session session, Signs signs) {
    /** Holds for relations {@code c} in namespaces {@code n} that pg_dump writes. */
    private static final String DUMPED =
            "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND {own pg_class c.oid}";

    private static final Pattern MADE = Pattern.compile("\\{made (\\w+) ([\\w.]+)}");
    private static final Pattern OWN = Pattern.compile("\\{own (\\w+) ([\\w.]+)}");

    /** One of which nothing is known yet. */
    SourceDatabase(DatabaseProperties properties, Session session) {
        this(properties, session, Signs.UNKNOWN);
    }

    /** The same, having asked for these signs. */
    SourceDatabase withSigns(Collection<Sign> asked) {
        return new SourceDatabase(properties, session, Signs.of(this, asked));
    }

    /** The same, as failures are to name it. */
    SourceDatabase doing(String what) {
        return new SourceDatabase(properties, session.doing(what), signs);
    }

    /** Whether one of these signs was seen; true of one that was not asked for. */
    public boolean shows(Sign... oneOf) {
        return shows(List.of(oneOf));
    }

    /** The same; true also where there are none to go by. */
    public boolean shows(Collection<Sign> oneOf) {
        return signs.show(oneOf);
    }

    /**
     * A query with its conditions written out: <code>{own pg_proc p.oid}</code> holds for what belongs to no extension,
     * <code>{made pg_proc p.oid}</code> for that of it that initdb did not make either, <code>{dumped}</code> for relations
     * {@code c} in namespaces {@code n} that pg_dump writes.
     */
    static String sql(String query) {
        String text = query.replace("{dumped}", DUMPED);
        text = MADE.matcher(text).replaceAll("$2 >= 16384 AND {own $1 $2}");
        return OWN.matcher(text)
                .replaceAll(
                        "NOT EXISTS (SELECT FROM pg_depend AS member WHERE member.classid = 'pg_catalog.$1'::regclass"
                                + " AND member.objid = $2 AND member.deptype = 'e')");
    }

    public DatabaseName name() {
        return properties.name();
    }

    public ServerVersion version() {
        return session.version();
    }

    /** All rows of a {@linkplain #sql query}. */
    public <T> List<T> list(String query, Function<Row, T> reader, Object... parameters) {
        return session.list(sql(query), reader, parameters);
    }

    /** The places that a query of one column names, each an object's kind and name. */
    public List<Place> places(String query, Object... parameters) {
        return places(session.texts(sql(query), parameters));
    }

    /** The places among a query's rows; a row that is none is read as empty. */
    public List<Place> places(String query, Function<Row, Optional<String>> reader, Object... parameters) {
        return places(list(query, reader, parameters).stream()
                .flatMap(Optional::stream)
                .toList());
    }

    public List<Place> places(Collection<String> objects) {
        return objects.stream().map(this::place).toList();
    }

    public Place place(String object) {
        return Place.of(name(), object);
    }

    /** The database as a whole. */
    public List<Place> itself() {
        return List.of(Place.of(name()));
    }
}
