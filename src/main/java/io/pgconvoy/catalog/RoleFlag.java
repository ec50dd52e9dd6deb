package io.pgconvoy.catalog;

/** A role's attributes that are on or off; the names are CREATE ROLE's keywords, with NO before them for off. */
public enum RoleFlag {
    SUPERUSER,
    INHERIT,
    CREATEROLE,
    CREATEDB,
    LOGIN,
    REPLICATION,
    BYPASSRLS
}
