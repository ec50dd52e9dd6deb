package io.pgconvoy.catalog.objects;

import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import java.util.Optional;

/**
 * Which versions of sorting rules a server works with.
 *
 * @param libc empty where the server does not tell, or knows no locale of libc but C
 * @param icu the version of ICU's root collation; empty before 10 and where there is no ICU
 * @see <a href="https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-COLLATION">Collation
 *     management functions</a>
 */
public record CollationVersions(Optional<String> libc, Optional<String> icu) {
    /** Asks a server, on a connection to any of its databases. */
    public static CollationVersions of(Session session, ServerVersion version) {
        if (!version.isAtLeast(ServerVersion.V10)) {
            return new CollationVersions(Optional.empty(), Optional.empty());
        }
        Optional<String> icu = session.text("""
                SELECT pg_catalog.pg_collation_actual_version(c.oid)
                  FROM pg_catalog.pg_collation AS c WHERE c.collprovider = 'i'
                 ORDER BY c.collname <> 'und-x-icu', c.oid LIMIT 1
                """);
        if (!version.isAtLeast(ServerVersion.V13)) {
            return new CollationVersions(Optional.empty(), icu);
        }
        // The same version for every locale of libc; none for C, POSIX and C.UTF-8, which do not change.
        Optional<String> libc = session.text("""
                SELECT v.version
                  FROM pg_catalog.pg_collation AS c, pg_catalog.pg_collation_actual_version(c.oid) AS v (version)
                 WHERE c.collprovider = 'c' AND c.collcollate !~ '^(C|POSIX)($|\\.)'
                   AND c.collencoding IN (-1, (SELECT d.encoding FROM pg_catalog.pg_database AS d
                                                WHERE d.datname = pg_catalog.current_database()))
                   AND v.version IS NOT NULL LIMIT 1
                """);
        if (libc.isEmpty() && version.isAtLeast(ServerVersion.V15)) {
            libc = session.text("""
                    SELECT v.version
                      FROM pg_catalog.pg_database AS d,
                           pg_catalog.pg_database_collation_actual_version(d.oid) AS v (version)
                     WHERE d.datlocprovider = 'c' AND v.version IS NOT NULL LIMIT 1
                    """);
        }
        return new CollationVersions(libc, icu);
    }
}
