package io.pgconvoy.verify.inventory;

import io.pgconvoy.postgres.ServerVersion;
import java.util.Optional;

/**
 * A question to the catalogs. Its first two columns are the kind and the identity of an object; every other one is an
 * attribute of the column's name, absent where null. Answers about the same object are joined.
 *
 * @param since the first version that has what is asked for
 * @param sql as written a template, in which {@link #expanded} puts pieces that many questions share
 * @param condition without which there is no answer, written alike; cheap to be looked at, as to plan a question takes
 *     longer than to find out that a small database has nothing of its kind
 */
record CatalogQuery(ServerVersion since, String sql, Optional<String> condition) {
    /** A question to all versions. */
    static CatalogQuery all(String template) {
        return since(ServerVersion.V9_5, template);
    }

    static CatalogQuery since(ServerVersion version, String template) {
        return new CatalogQuery(version, template, Optional.empty());
    }

    /** The same, not to be asked where a condition does not hold. */
    CatalogQuery onlyIf(String holds) {
        return new CatalogQuery(since, sql, Optional.of(holds));
    }

    /** As a version takes it. */
    CatalogQuery expanded(ServerVersion version) {
        return new CatalogQuery(
                since,
                CatalogSql.expand(sql, version),
                condition.map(template -> CatalogSql.expand(template, version)));
    }
}
