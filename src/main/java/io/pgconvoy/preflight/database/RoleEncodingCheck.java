package io.pgconvoy.preflight.database;

import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.SharedText;
import io.pgconvoy.config.RawText;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.RawEncoding;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Roles that own objects of a database, or have privileges on them, and whose names are no texts of its encoding: the bytes
 * 72 f4 6c 65, say, in a database of UTF8. pg_dump can write no statement that names them.
 *
 * @see <a href="https://www.postgresql.org/docs/current/catalog-pg-shdepend.html">pg_shdepend</a>
 */
public final class RoleEncodingCheck extends DatabaseCheck {
    /** Names in ASCII are texts of every encoding. */
    private Optional<Boolean> allInAscii = Optional.empty();

    public RoleEncodingCheck() {
        super(
                "role-encodings",
                "blocker\\*",
                "roles that own or are granted something in a database, and whose names are no texts of"
                        + " its encoding: no dump can name them");
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        if (allInAscii.isEmpty()) {
            allInAscii = Optional.of(RoleCatalog.roles(context.onSource()).names().stream()
                    .allMatch(name -> name.chars().allMatch(character -> character < 128)));
        }
        if (allInAscii.get()) {
            return List.of();
        }
        List<Place> places = new ArrayList<>();
        for (byte[] role : roles(database.session())) {
            if (!isText(database.session(), role)) {
                places.add(database.place("role \"" + RawText.decode(role) + "\""));
            }
        }
        return found(warning(
                        "objects belong or are granted to roles whose names are no texts of the database's encoding, so that"
                                + " no dump can name them",
                        "ALTER ROLE ... RENAME TO gives a role another name, from a database of the encoding that it was"
                                + " made in; or REASSIGN OWNED and DROP OWNED in this one.")
                .as(context.ofOwnership())
                .at(places));
    }

    private static List<byte[]> roles(Session session) {
        if (RawEncoding.isNeeded(session)) {
            return List.of();
        }
        return session.list("""
                SELECT DISTINCT %s FROM pg_shdepend AS s JOIN pg_roles AS r ON r.oid = s.refobjid
                 WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
                   AND s.refclassid = 'pg_authid'::regclass
                 ORDER BY 1
                """.formatted(SharedText.bytes(session, "r.rolname")), row -> row.getBytes(1));
    }

    /** Asks the server, which knows what is a text of its database. */
    private static boolean isText(Session session, byte[] name) {
        try {
            session.texts("SELECT octet_length(convert_from(?, getdatabaseencoding()))", name);
            return true;
        } catch (SqlFailure failure) {
            if (SqlState.isNoText(failure)) {
                return false;
            }
            throw failure;
        }
    }
}
