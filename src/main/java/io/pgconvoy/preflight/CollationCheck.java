package io.pgconvoy.preflight;

import io.pgconvoy.catalog.LocaleProvider;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Sql;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
final class CollationCheck implements DatabaseCheck {
    private final LocaleProbe probe;
    /** By encoding: a collation of initdb belongs to one of them, or to all. */
    private final Map<String, Set<String>> targetCollations = new HashMap<>();

    CollationCheck(LocaleProbe probe) {
        this.probe = probe;
    }

    @Override
    public String name() {
        return "collations";
    }

    @Override
    public List<Finding> run(Situation situation, SourceDatabase database) throws SQLException {
        List<Finding> findings = new ArrayList<>(made(situation, database));
        findings.addAll(used(situation, database));
        return findings;
    }

    private List<Finding> made(Situation situation, SourceDatabase database) throws SQLException {
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
                 WHERE c.oid >= 16384 AND n.nspname <> 'pg_catalog' AND %s
                 ORDER BY 1
                """.formatted(
                        version.isAtLeast(ServerVersion.V10) ? "c.collprovider" : "'c'",
                        locale,
                        version.isAtLeast(ServerVersion.V16) ? "c.collicurules" : "NULL",
                        UserObjects.notOfExtension("pg_collation", "c.oid"));
        List<Finding> findings = new ArrayList<>();
        try (Statement statement = database.connection().createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                boolean icu = row.getString(4).equals("i");
                if (!icu && !row.getString(4).equals("c")) {
                    continue;
                }
                LocaleProbe.Locale wanted = new LocaleProbe.Locale(
                        row.getString(7),
                        icu ? "C" : row.getString(2),
                        icu ? "C" : row.getString(3),
                        icu ? LocaleProvider.ICU : LocaleProvider.LIBC,
                        Optional.ofNullable(row.getString(5)),
                        Optional.ofNullable(row.getString(6)));
                Place place = Place.of(database.name(), row.getString(1));
                refusal(situation, wanted).ifPresent(finding -> findings.add(finding.at(List.of(place))));
            }
        }
        return findings;
    }

    private Optional<Finding> refusal(Situation situation, LocaleProbe.Locale wanted) throws SQLException {
        ServerSession target = situation.target();
        Optional<String> refusal = Optional.empty();
        if (wanted.provider() == LocaleProvider.LIBC || target.version().isAtLeast(ServerVersion.V15)) {
            refusal = probe.refusal(target, wanted);
        } else if (UserObjects.column(
                        target.connection(), "SELECT collname FROM pg_collation WHERE collprovider = 'i' LIMIT 1")
                .isEmpty()) {
            // Before 15 a database cannot have an ICU locale; initdb fills in ICU's collations where there is ICU.
            refusal = Optional.of("it has no ICU collations");
        }
        if (refusal.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(Finding.warning(
                        name(),
                        "the target cannot make collations of " + wanted.text() + " (" + refusal.get() + ")",
                        LocaleCheck.whatToDo(target, wanted))
                .as(RestoreErrors.severity(situation)));
    }

    private List<Finding> used(Situation situation, SourceDatabase database) throws SQLException {
        String query = """
                SELECT c.collname, min(pg_describe_object(d.classid, d.objid, d.objsubid))
                  FROM pg_collation AS c
                  JOIN pg_depend AS d ON d.refclassid = 'pg_collation'::regclass AND d.refobjid = c.oid
                 WHERE c.collnamespace = 'pg_catalog'::regnamespace AND c.collname <> ALL (?)
                 GROUP BY c.collname ORDER BY c.collname
                """;
        List<Finding> findings = new ArrayList<>();
        try (PreparedStatement statement = database.connection().prepareStatement(query)) {
            statement.setArray(
                    1,
                    database.connection()
                            .createArrayOf(
                                    "text",
                                    onTarget(situation, database.properties().encoding())
                                            .toArray()));
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    findings.add(Finding.warning(
                                    name(),
                                    "the target has no collation pg_catalog." + row.getString(1),
                                    "Install its locale on the target's host, then SELECT pg_import_system_collations"
                                            + "('pg_catalog') in template0 there, which has to ALLOW_CONNECTIONS for"
                                            + " that.")
                            .as(RestoreErrors.severity(situation))
                            .at(List.of(Place.of(database.name(), "as of " + row.getString(2)))));
                }
            }
        }
        return findings;
    }

    private Set<String> onTarget(Situation situation, String encoding) throws SQLException {
        Set<String> known = targetCollations.get(encoding);
        if (known == null) {
            known = UserObjects.set(
                    situation.target().connection(),
                    "SELECT collname FROM pg_collation WHERE collnamespace = 'pg_catalog'::regnamespace"
                            + " AND collencoding IN (-1, pg_char_to_encoding("
                            + Sql.literal(encoding) + "))");
            targetCollations.put(encoding, known);
        }
        return known;
    }
}
