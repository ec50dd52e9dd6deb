package io.pgconvoy.verify.checksum;

/**
 * A large object that is not the same on both sides.
 *
 * @param what the end of a sentence that begins with the large object
 */
public record LargeObjectDifference(long oid, String what) {
    /** How to look at it on either side. */
    public String look() {
        return "SELECT length(lo_get(" + oid + ")), md5(lo_get(" + oid + "))";
    }
}
