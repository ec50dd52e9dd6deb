package io.pgconvoy.verify.inventory;

/**
 * A question to the catalogs. Its first two columns are the kind and the identity of an object; every other one is an
 * attribute of the column's name, absent where null. Answers about the same object are joined.
 */
record CatalogQuery(String sql) {}
