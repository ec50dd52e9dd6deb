package io.pgconvoy.model;

/**
 * What is known beforehand not to arrive. Each has a check that says so before anything is changed, and is no reason
 * afterwards to call a database different: nobody could repair it on the target.
 */
public enum Announced {
    /** The hidden column of tables WITH OIDS, on 12 and later. */
    TABLES_WITH_OIDS("tables-with-oids"),
    /** Indexes that are invalid on the source, which pg_dump leaves out. */
    INVALID_INDEXES("invalid-indexes"),
    /** That a foreign key's own triggers are disabled. */
    MUTED_FOREIGN_KEYS("muted-foreign-keys"),
    /** Columns that may be null in a child table, and are NOT NULL in its parent: they arrive NOT NULL. */
    INHERITED_NOT_NULL("inherited-not-null"),
    /** An extension's version: CREATE EXTENSION takes the one that the target has. */
    EXTENSION_VERSIONS("extension-versions"),
    /** Subscriptions, where the source's user is no superuser. */
    SUBSCRIPTIONS("subscriptions"),
    /** Memberships in roles that are left out for their names. */
    ROLE_NAMES("role-names"),
    /** Passwords that the target's roles keep, as the source's have none. */
    EXISTING_ROLES("existing-roles"),
    /** Tablespaces that cannot be made; what was in them is in the default one. */
    TABLESPACES("tablespaces"),
    /** Settings that the target's version does not know, or whose value it refuses. */
    UNKNOWN_SETTINGS("unknown-settings");

    private final String check;

    Announced(String check) {
        this.check = check;
    }

    /** The name of the check that announces it. */
    public String check() {
        return check;
    }
}
