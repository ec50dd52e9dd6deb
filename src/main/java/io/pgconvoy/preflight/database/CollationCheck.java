package io.pgconvoy.preflight.database;

import io.pgconvoy.catalog.LocaleProvider;
import io.pgconvoy.model.Finding;
import io.pgconvoy.postgres.Row;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.ServerSession;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import io.pgconvoy.preflight.rehearsal.LocaleProbe;
import io.pgconvoy.preflight.server.LocaleCheck;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Collations that the target lacks: those that users made, whose locale must be there, and those of initdb that objects
 * use, which initdb made from the locales that it found on its host.
 */
public final class CollationCheck extends DatabaseCheck {
    private static final Sign MADE = Sign.made("pg_collation");
    private static final Sign USED =
            Sign.found("pg_depend", "refclassid = 'pg_collation'::regclass AND objid >= 16384");

    private final LocaleProbe probe;
    /** By encoding: a collation of initdb belongs to one of them, or to all. */
    private final Map<String, Set<String>> targetCollations = new HashMap<>();

    public CollationCheck(LocaleProbe probe) {
        super(
                "collations",
                "blocker\\*",
                "collations that users made, and collations of initdb that objects use, which the"
                        + " target's libc or ICU lacks");
        this.probe = probe;
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(MADE, USED);
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        List<Finding> findings = new ArrayList<>();
        if (database.shows(MADE)) {
            findings.addAll(made(context, database));
        }
        if (database.shows(USED)) {
            findings.addAll(used(context, database));
        }
        return findings;
    }

    private List<Finding> made(CheckContext context, SourceDatabase database) {
        ServerVersion version = database.version();
        String locale = "NULL";
        if (version.isAtLeast(ServerVersion.V17)) {
            locale = "c.colllocale";
        } else if (version.isAtLeast(ServerVersion.V15)) {
            locale = "c.colliculocale";
        } else if (version.isAtLeast(ServerVersion.V10)) {
            locale = "CASE WHEN c.collprovider = 'i' THEN c.collcollate END";
        }
        String query = """
                SELECT format('collation %%I.%%I', n.nspname, c.collname), COALESCE(c.collcollate, 'C'),
                       COALESCE(c.collctype, 'C'), %s, %s, %s,
                       pg_encoding_to_char(CASE c.collencoding WHEN -1 THEN d.encoding ELSE c.collencoding END)
                  FROM pg_collation AS c
                  JOIN pg_namespace AS n ON n.oid = c.collnamespace
                  JOIN pg_database AS d ON d.datname = current_database()
                 WHERE n.nspname <> 'pg_catalog' AND {made pg_collation c.oid}
                 ORDER BY 1
                """.formatted(
                        version.isAtLeast(ServerVersion.V10) ? "c.collprovider" : "'c'",
                        locale,
                        version.isAtLeast(ServerVersion.V16) ? "c.collicurules" : "NULL");
        List<Finding> findings = new ArrayList<>();
        for (Made collation : database.list(query, Made::of)) {
            if (collation.provider().equals("i") || collation.provider().equals("c")) {
                refusal(context, collation.locale())
                        .ifPresent(finding -> findings.add(finding.at(List.of(database.place(collation.label())))));
            }
        }
        return findings;
    }

    private record Made(String label, String provider, LocaleProbe.Locale locale) {
        static Made of(Row row) {
            boolean icu = row.getString(4).equals("i");
            return new Made(
                    row.getString(1),
                    row.getString(4),
                    new LocaleProbe.Locale(
                            row.getString(7),
                            icu ? "C" : row.getString(2),
                            icu ? "C" : row.getString(3),
                            icu ? LocaleProvider.ICU : LocaleProvider.LIBC,
                            row.text(5),
                            row.text(6)));
        }
    }

    private Optional<Finding> refusal(CheckContext context, LocaleProbe.Locale wanted) {
        ServerSession target = context.target();
        Optional<String> refusal = Optional.empty();
        if (wanted.provider() == LocaleProvider.LIBC || target.version().isAtLeast(ServerVersion.V15)) {
            refusal = probe.refusal(target, wanted);
        } else if (target.session()
                .texts("SELECT collname FROM pg_collation WHERE collprovider = 'i' LIMIT 1")
                .isEmpty()) {
            // Before 15 a database cannot have an ICU locale; initdb fills in ICU's collations where there is ICU.
            refusal = Optional.of("it has no ICU collations");
        }
        if (refusal.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(refused(
                context,
                "the target cannot make collations of " + wanted.text() + " (" + refusal.get() + ")",
                LocaleCheck.whatToDo(target, wanted)));
    }

    private List<Finding> used(CheckContext context, SourceDatabase database) {
        String query = """
                SELECT c.collname, min(pg_describe_object(d.classid, d.objid, d.objsubid))
                  FROM pg_collation AS c
                  JOIN pg_depend AS d ON d.refclassid = 'pg_collation'::regclass AND d.refobjid = c.oid
                 WHERE c.collnamespace = 'pg_catalog'::regnamespace AND c.collname <> ALL (?)
                 GROUP BY c.collname ORDER BY c.collname
                """;
        return database.list(
                query,
                row -> refused(
                                context,
                                "the target has no collation pg_catalog." + row.getString(1),
                                "Install its locale on the target's host, then SELECT pg_import_system_collations"
                                        + "('pg_catalog') in template0 there, which has to ALLOW_CONNECTIONS for"
                                        + " that.")
                        .at(List.of(database.place("as of " + row.getString(2)))),
                List.copyOf(onTarget(context, database.properties().encoding())));
    }

    private Set<String> onTarget(CheckContext context, String encoding) {
        return targetCollations.computeIfAbsent(
                encoding, unknown -> Set.copyOf(context.onTarget().texts("""
                SELECT collname FROM pg_collation
                 WHERE collnamespace = 'pg_catalog'::regnamespace AND collencoding IN (-1, pg_char_to_encoding(?))
                """, encoding)));
    }
}
