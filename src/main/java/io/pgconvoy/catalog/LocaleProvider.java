package io.pgconvoy.catalog;

/** Who sorts a database's texts: pg_database.datlocprovider, which exists since PostgreSQL 15. */
public enum LocaleProvider {
    LIBC,
    /** Since PostgreSQL 15. */
    ICU,
    /** Since PostgreSQL 17. */
    BUILTIN;

    static LocaleProvider ofCatalog(String code) {
        return switch (code) {
            case "c" -> LIBC;
            case "i" -> ICU;
            case "b" -> BUILTIN;
            default -> throw new IllegalArgumentException("unknown locale provider: " + code);
        };
    }
}
