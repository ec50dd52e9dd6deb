package io.pgconvoy.preflight;

/**
 * A condition in SQL that holds in each database where a check finds something, as far as one catalog tells that. It may ask
 * how old what initdb wrote is at least ({@code initdb.age}).
 *
 * @param from the catalog, or several that are joined
 * @param condition for one of its rows; empty where a look at its file is enough
 * @param byIndex whether an index leads to the rows; else they are looked for together with those of other signs
 */
public record Sign(String from, String condition, boolean byIndex) {
    /** Of a check that goes by signs in some of its parts only. */
    public static final Sign ALWAYS = some("pg_namespace", "oid = 11");

    /** Functions, aggregates and procedures that initdb did not make. */
    public static final Sign FUNCTIONS = made("pg_proc");

    /** Extensions besides plpgsql, which is in every database from the beginning. */
    public static final Sign EXTENSIONS = some("pg_extension", "extname <> 'plpgsql'");

    /** There are rows like that in a catalog. */
    public static Sign some(String catalog, String condition) {
        return new Sign(catalog, condition, false);
    }

    /** A catalog has objects that initdb did not make. */
    public static Sign made(String catalog) {
        return some(catalog, "oid >= 16384");
    }

    /** There are such rows, to which an index leads. */
    public static Sign found(String from, String condition) {
        return new Sign(from, condition, true);
    }

    /**
     * A catalog in which initdb writes nothing is not empty, or was not when it was last cleaned up. That costs a
     * hundredth of a query.
     */
    public static Sign filled(String catalog) {
        return new Sign(catalog, "", false);
    }
}
