package io.pgconvoy.catalog;

import io.pgconvoy.config.ByteSize;
import io.pgconvoy.config.DatabaseName;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything that a row of pg_database says, which pg_dump without {@code --create} leaves behind.
 *
 * @param size 0 where the user may not ask for it
 * @param encoding by name, such as {@code UTF8}
 * @param locale the provider's own locale; empty for libc, which uses collate and ctype
 * @param icuRules additions to the ICU locale's order (16 and later)
 * @param connectionLimit -1 for none, -2 for a database that a DROP DATABASE left half deleted
 * @param acl the privileges in force, also where the catalog holds none because they are the default ones
 */
public record DatabaseProperties(
        DatabaseName name,
        long oid,
        ByteSize size,
        String owner,
        String encoding,
        String collate,
        String ctype,
        LocaleProvider localeProvider,
        Optional<String> locale,
        Optional<String> icuRules,
        String tablespace,
        int connectionLimit,
        boolean isTemplate,
        boolean allowsConnections,
        List<AclEntry> acl,
        Optional<String> comment) {
    private static final int INVALID = -2;

    public DatabaseProperties {
        Objects.requireNonNull(name);
        acl = List.copyOf(acl);
    }

    /** Whether an interrupted DROP DATABASE left it: nobody can connect to it, it can only be dropped. */
    public boolean isInvalid() {
        return connectionLimit == INVALID;
    }

    /** The same with what decides who may connect. */
    public DatabaseProperties withConnections(boolean allowed, int limit) {
        return new DatabaseProperties(
                name,
                oid,
                size,
                owner,
                encoding,
                collate,
                ctype,
                localeProvider,
                locale,
                icuRules,
                tablespace,
                limit,
                isTemplate,
                allowed,
                acl,
                comment);
    }
}
