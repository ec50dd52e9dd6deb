package io.pgconvoy.migration;

import io.pgconvoy.testing.EmbeddedServer;
import io.pgconvoy.testing.Quote;
import java.sql.SQLException;
import java.util.List;

/** What pg_database and its companions say about databases, the same way on any version of the server. */
final class DatabaseFacts {
    private DatabaseFacts() {}

    /** One line per property of each of these databases, and per setting of anybody in it. */
    static List<String> of(EmbeddedServer server, List<String> databases) throws SQLException {
        String names = String.join(", ", databases.stream().map(Quote::literal).toList());
        List<String> facts = server.column("postgres", """
                SELECT concat_ws(' | ', datname, pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate,
                                 datctype, datistemplate, datallowconn, datconnlimit, spcname,
                                 (SELECT string_agg(a::text, ' ' ORDER BY a::text COLLATE "C") FROM unnest(datacl) a),
                                 shobj_description(d.oid, 'pg_database'))
                  FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace
                 WHERE datname IN (%s) ORDER BY datname::text COLLATE "C"
                """.formatted(names));
        facts.addAll(server.column("postgres", """
                SELECT concat_ws(' | ', datname, COALESCE(rolname, 'everybody'), setting)
                  FROM pg_db_role_setting s
                  LEFT JOIN pg_database d ON d.oid = setdatabase LEFT JOIN pg_roles r ON r.oid = setrole,
                       unnest(setconfig) AS setting
                 WHERE setdatabase = 0 OR datname IN (%s)
                 ORDER BY datname::text COLLATE "C" NULLS FIRST, rolname::text COLLATE "C" NULLS FIRST, setting COLLATE "C"
                """.formatted(names)));
        return facts;
    }
}
