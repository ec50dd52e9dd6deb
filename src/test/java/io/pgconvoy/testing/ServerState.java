package io.pgconvoy.testing;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What a run that was refused must have left as it was: databases, roles, memberships, settings of every kind. */
public record ServerState(List<String> rows) {
    private static final List<String> QUERIES = List.of(
            "SELECT 'database ' || datname || ' ' || oid || coalesce(datacl::text, '') FROM pg_database",
            "SELECT 'role ' || r::text || ' ' || oid FROM pg_authid r",
            "SELECT 'membership ' || m::text FROM pg_auth_members m",
            "SELECT 'setting ' || s::text FROM pg_db_role_setting s",
            "SELECT 'file setting ' || name || '=' || setting FROM pg_file_settings WHERE sourcefile LIKE '%.auto.conf'",
            "SELECT 'in force ' || name || '=' || setting FROM pg_settings"
                    + " WHERE name IN ('fsync', 'full_page_writes', 'autovacuum', 'max_wal_size', 'synchronous_commit')");

    public static ServerState of(EmbeddedServer server) throws SQLException {
        List<String> rows = new ArrayList<>();
        for (String query : QUERIES) {

            server.column("postgres", query).stream().sorted().forEach(rows::add);
        }
        return new ServerState(rows);
    }
}
