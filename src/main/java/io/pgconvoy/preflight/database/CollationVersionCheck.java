package io.pgconvoy.preflight.database;

import io.pgconvoy.catalog.LocaleProvider;
import io.pgconvoy.catalog.objects.CollationVersions;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.model.Severity;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Objects that may refuse the source's rows on the target, because libc or ICU sorts by another version of its rules there.
 *
 * <p>Indexes are built anew, so it is not theirs to be wrong; nor can a unique index fail, as texts that are not the same
 * bytes are never equal, unless its collation is nondeterministic. For the same reason list and hash partitions keep their
 * rows. What depends on order: range partitions, whose rows pg_dump sends to the very partition they were in, and CHECK
 * constraints that compare texts.
 *
 * <p>Where a source's rules have already changed beneath its indexes, these may be corrupt, and a unique one may have let
 * duplicates in.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-altercollation.html#SQL-ALTERCOLLATION-NOTES">ALTER COLLATION,
 *     notes</a>
 */
public final class CollationVersionCheck extends DatabaseCheck {
    /** Columns with a collation other than that of the database, "C" and "POSIX". */
    private static final Sign UNLIKE =
            Sign.some("pg_attribute", "attrelid >= 16384 AND attcollation NOT IN (0, 100, 950, 951)");

    private static final Sign USED =
            Sign.found("pg_depend", "refclassid = 'pg_collation'::regclass AND objid >= 16384");

    private Optional<CollationVersions> source;
    private Optional<CollationVersions> target;

    /** Asks both servers for their versions. */
    public CollationVersionCheck() {
        this(Optional.empty(), Optional.empty());
    }

    /** Takes these to be the versions. */
    public CollationVersionCheck(CollationVersions source, CollationVersions target) {
        this(Optional.of(source), Optional.of(target));
    }

    private CollationVersionCheck(Optional<CollationVersions> source, Optional<CollationVersions> target) {
        super(
                "collation-versions",
                "warning, note",
                "range partitioned tables, CHECK constraints that compare texts and, with"
                        + " nondeterministic collations, unique indexes and hash partitions, where libc or ICU has"
                        + " another version on the target (a note where the versions are not known); indexes that"
                        + " may be corrupt because the version has already changed on the source; a note where"
                        + " only ORDER BY may differ");
        this.source = source;
        this.target = target;
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        List<Finding> findings = new ArrayList<>();
        if (database.shows(signsOfCorruption(database.version()))) {
            findings.addAll(corruption(database));
        }
        if (source.isEmpty()) {
            source = Optional.of(
                    CollationVersions.of(context.onSource(), context.source().version()));
            target = Optional.of(
                    CollationVersions.of(context.onTarget(), context.target().version()));
        }
        for (LocaleProvider provider : List.of(LocaleProvider.LIBC, LocaleProvider.ICU)) {
            Optional<String> here = version(source.get(), provider);
            Optional<String> there = version(target.get(), provider);
            if (here.isPresent() && here.equals(there)) {
                continue;
            }
            boolean known = here.isPresent() && there.isPresent();
            String library = provider == LocaleProvider.LIBC ? "libc" : "ICU";
            List<Place> sensitive = sensitive(database, provider);
            if (!sensitive.isEmpty()) {
                findings.add(warning(
                                library + " may sort texts differently on the target ("
                                        + (known
                                                ? "version " + there.get() + ", on the source " + here.get()
                                                : "the versions are not known")
                                        + "), and these may refuse some of the source's rows",
                                "Rehearse with their rows; where some do not fit, give the column COLLATE \"C\" on the source"
                                        + " first, or move them by hand.")
                        .as(known ? Severity.WARNING : Severity.NOTE)
                        .at(sensitive));
            } else if (known && sortsBy(database, provider)) {
                findings.add(note(
                                library + "'s rules for sorting texts have version " + there.get() + " on the target, "
                                        + here.get() + " on the source",
                                "ORDER BY may give some texts in another order; indexes are built anew and are right.")
                        .at(database.itself()));
            }
        }
        return findings;
    }

    private static Optional<String> version(CollationVersions versions, LocaleProvider provider) {
        return provider == LocaleProvider.LIBC ? versions.libc() : versions.icu();
    }

    /** Whether texts without a COLLATE are sorted by rules of this library that can change. */
    private static boolean sortsBy(SourceDatabase database, LocaleProvider provider) {
        return database.properties().localeProvider() == provider
                && (provider == LocaleProvider.ICU
                        || !database.properties().collate().matches("(C|POSIX)(\\..*)?"));
    }

    private static List<Place> sensitive(SourceDatabase database, LocaleProvider provider) {
        ServerVersion version = database.version();
        List<String> collations = collationsInUse(database, provider);
        if (collations.isEmpty()) {
            return List.of();
        }
        List<String> queries = new ArrayList<>();
        queries.add(checks());
        if (version.isAtLeast(ServerVersion.V10)) {
            queries.add(partitions("r", "true"));
        }
        if (version.isAtLeast(ServerVersion.V12)) {
            queries.add(partitions("h", "NOT s.collisdeterministic"));
            queries.add(uniqueIndexes());
        }
        return database.places("WITH sorted AS (SELECT unnest(ARRAY[" + String.join(", ", collations)
                + "]::oid[]) AS oid) " + String.join(" UNION ALL ", queries) + " ORDER BY 1");
    }

    private static List<Sign> signsOfCorruption(ServerVersion version) {
        if (!version.isAtLeast(ServerVersion.V10)) {
            return List.of();
        }
        Sign ofIndexes = Sign.some(
                "pg_collation",
                "collversion IS NOT NULL"
                        + " AND oid IN (SELECT unnest(indcollation::oid[]) FROM pg_index WHERE indrelid >= 16384)");
        return version.isAtLeast(ServerVersion.V15)
                ? List.of(
                        ofIndexes,
                        Sign.some(
                                "pg_database",
                                "datname = current_database()"
                                        + " AND datcollversion <> pg_database_collation_actual_version(oid)"))
                : List.of(ofIndexes);
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return Stream.concat(
                        signsOfCorruption(context.source().version()).stream(), Stream.of(Sign.ALWAYS, UNLIKE, USED))
                .toList();
    }

    /** The OIDs of the library's collations that tell columns or expressions how to sort; there are none in most databases. */
    private static List<String> collationsInUse(SourceDatabase database, LocaleProvider provider) {
        boolean providers = database.version().isAtLeast(ServerVersion.V10);
        if (!providers && provider == LocaleProvider.ICU) {
            return List.of();
        }
        String ofLibrary = provider == LocaleProvider.ICU
                ? "s.collprovider = 'i'"
                : "s.collcollate !~ '^(C|POSIX)($|\\.)'" + (providers ? " AND s.collprovider = 'c'" : "");
        List<String> collations = new ArrayList<>();
        if (database.shows(UNLIKE, USED)) {
            collations.addAll(database.session().texts("""
                SELECT s.oid FROM pg_collation AS s
                 WHERE s.oid <> 100 AND %s
                   AND s.oid IN (SELECT a.attcollation FROM pg_attribute AS a WHERE a.attrelid >= 16384
                                  UNION
                                 SELECT d.refobjid FROM pg_depend AS d
                                  WHERE d.refclassid = 'pg_collation'::regclass)
                """.formatted(ofLibrary)));
        }
        if (sortsBy(database, provider)) {
            collations.add("100");
        }
        return collations;
    }

    private static String partitions(String strategy, String condition) {
        return """
        SELECT DISTINCT format('partitioned table %%I.%%I', n.nspname, c.relname)
          FROM pg_partitioned_table AS p
          JOIN pg_class AS c ON c.oid = p.partrelid
          JOIN pg_namespace AS n ON n.oid = c.relnamespace
          JOIN pg_collation AS s ON s.oid = ANY (p.partcollation::oid[])
         WHERE p.partstrat = '%s' AND s.oid IN (SELECT oid FROM sorted) AND %s
        """.formatted(strategy, condition);
    }

    private static String uniqueIndexes() {
        return """
        SELECT DISTINCT format('unique index %I.%I', n.nspname, c.relname)
          FROM pg_index AS i
          JOIN pg_class AS c ON c.oid = i.indexrelid
          JOIN pg_namespace AS n ON n.oid = c.relnamespace
          JOIN pg_collation AS s ON s.oid = ANY (i.indcollation::oid[])
         WHERE i.indisunique AND NOT s.collisdeterministic AND s.oid IN (SELECT oid FROM sorted)
        """;
    }

    /**
     * CHECK constraints with one of the operators {@code <, <=, >, >=} of text and character, whose numbers are fixed, under
     * one of the collations: read from the stored expression, whose names of fields are the same from 9.5 to 18.
     */
    private static String checks() {
        return """
        SELECT DISTINCT format('constraint %I on %I.%I', k.conname, n.nspname, c.relname)
          FROM pg_constraint AS k
          JOIN pg_class AS c ON c.oid = k.conrelid
          JOIN pg_namespace AS n ON n.oid = c.relnamespace,
               regexp_matches(k.conbin::text,
                   ':opno (?:66[4-7]|1058|1059|1060|1061) [^{}]*?:inputcollid ([0-9]+)', 'g') AS m (found)
         WHERE k.contype = 'c' AND k.conbin IS NOT NULL AND m.found[1]::oid IN (SELECT oid FROM sorted)
        """;
    }

    /** What the source itself says about rules that changed after its indexes were built. */
    private List<Finding> corruption(SourceDatabase database) {
        if (!database.version().isAtLeast(ServerVersion.V10)) {
            return List.of();
        }
        String query = """
                SELECT format('collation %I.%I of version %s, now %s', n.nspname, s.collname, s.collversion, v.version)
                  FROM pg_collation AS s
                  JOIN pg_namespace AS n ON n.oid = s.collnamespace,
                       pg_collation_actual_version(s.oid) AS v (version)
                 WHERE s.collversion <> v.version
                   AND s.oid IN (SELECT unnest(i.indcollation::oid[]) FROM pg_index AS i WHERE i.indrelid >= 16384)
                """;
        if (database.version().isAtLeast(ServerVersion.V15)) {
            query += """
                    UNION ALL
                    SELECT format('its default collation of version %s, now %s', d.datcollversion, v.version)
                      FROM pg_database AS d, pg_database_collation_actual_version(d.oid) AS v (version)
                     WHERE d.datname = current_database() AND d.datcollversion <> v.version
                    """;
        }
        List<Place> changed = database.places(query + " ORDER BY 1");
        return found(warning(
                        "the source's rules for sorting texts have changed beneath its indexes: these may be"
                                + " corrupt, and unique ones may hold duplicates, which the target refuses",
                        "REINDEX DATABASE on the source, repair what it refuses, then ALTER DATABASE ..."
                                + " REFRESH COLLATION VERSION, ALTER COLLATION ... REFRESH VERSION.")
                .at(changed));
    }
}
