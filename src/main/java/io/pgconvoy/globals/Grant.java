package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;

import io.pgconvoy.catalog.AclEntry;
import java.util.Optional;

/** What one statement can grant: privileges with the same grantor, grantee and grant option. */
record Grant(String grantor, Optional<String> grantee, boolean grantable) {
    static Grant of(AclEntry entry) {
        return new Grant(entry.grantor(), entry.grantee(), entry.grantable());
    }

    /** The end of its statement. */
    String end() {
        return " TO " + grantee(grantee) + (grantable ? " WITH GRANT OPTION" : "");
    }

    /** Whom a statement names. */
    static String grantee(Optional<String> role) {
        return role.map(name -> identifier(name)).orElse("PUBLIC");
    }
}
