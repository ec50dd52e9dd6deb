package io.pgconvoy.verify.checksum;

/**
 * The large objects of a database.
 *
 * @param number how many there are
 * @param checksum of their OIDs and contents, with the version of how it is made
 */
public record LargeObjectSum(long number, String checksum) {}
