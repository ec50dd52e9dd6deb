package io.pgconvoy.verify.inventory;

import io.pgconvoy.postgres.ServerVersion;

/**
 * A question to the catalogs. Its first two columns are the kind and the identity of an object; every other one is an
 * attribute of the column's name, absent where null. Answers about the same object are joined.
 *
 * @param since the first version that has what is asked for
 * @param template SQL, in which {@link CatalogSql#expand} puts pieces that many questions share
 */
record CatalogQuery(ServerVersion since, String template) {
    /** A question to all versions. */
    static CatalogQuery all(String template) {
        return new CatalogQuery(ServerVersion.V9_5, template);
    }

    static CatalogQuery since(ServerVersion version, String template) {
        return new CatalogQuery(version, template);
    }

    String sql(ServerVersion version) {
        return CatalogSql.expand(template, version);
    }
}
