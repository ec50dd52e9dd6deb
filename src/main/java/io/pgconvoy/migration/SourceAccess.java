package io.pgconvoy.migration;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.Unreadable;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.ErrorKind;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.journal.Journal;
import io.pgconvoy.journal.Step;
import io.pgconvoy.postgres.Server;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a source's user who is no superuser may read all of what is still to be dumped. pg_dump would tell of the first
 * obstacle alone, when its database's turn comes.
 */
final class SourceAccess {
    private static final int MOST = 100;

    private final Server source;
    private final List<String> obstacles = new ArrayList<>();

    private SourceAccess(Server source) {
        this.source = source;
    }

    /**
     * Looks into every database that is not dumped yet; says what a dump leaves out.
     *
     * @throws PgconvoyException of kind PREFLIGHT that names everything that a dump would fail at
     */
    static void check(Server source, Journal journal, Discovery discovery, Notes notes) {
        SourceAccess access = new SourceAccess(source);
        for (DatabaseProperties database : discovery.databases()) {
            if (journal.database(database.name()).read(Step.DUMPED).isEmpty()) {
                access.look(database.name(), notes);
            }
        }
        if (!access.obstacles.isEmpty()) {
            throw new PgconvoyException(
                    ErrorKind.PREFLIGHT,
                    source.label() + ": role \"" + source.endpoint().user() + "\" may not read what is to be dumped: "
                            + String.join("; ", access.obstacles),
                    "GRANT it what is missing: CONNECT; SELECT, or pg_read_all_data from version 14 on, which does not"
                            + " reach large objects; BYPASSRLS against row-level security. Or leave these databases out"
                            + " with --exclude-db.");
        }
    }

    private void look(DatabaseName name, Notes notes) {
        if (!mayConnect(name)) {
            obstacles.add("database \"" + name + "\" (no CONNECT)");
            return;
        }
        Unreadable unreadable;
        try (Connection connection = source.open(name)) {
            unreadable = Unreadable.in(connection, source.version());
        } catch (SQLException failure) {
            throw source.failure(name, "looking for what may not be read", failure);
        }
        List<String> rows = unreadable.rows();
        if (!rows.isEmpty()) {
            obstacles.add("in database \"" + name + "\" "
                    + String.join(", ", rows.subList(0, Math.min(MOST, rows.size())))
                    + (rows.size() > MOST ? " and " + (rows.size() - MOST) + " more" : ""));
        }
        unreadable.details().forEach(sentence -> notes.warning("database \"" + name + "\": " + sentence));
    }

    private boolean mayConnect(DatabaseName name) {
        try (Connection connection = source.open();
                PreparedStatement statement = connection.prepareStatement(
                        "SELECT pg_catalog.has_database_privilege(session_user, ?, 'CONNECT')")) {
            statement.setString(1, name.value());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        } catch (SQLException failure) {
            throw source.failure(source.endpoint().database(), "asking for the right to connect", failure);
        }
    }
}
