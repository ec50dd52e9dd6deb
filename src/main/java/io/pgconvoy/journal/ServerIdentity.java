package io.pgconvoy.journal;

/**
 * Tells a server from another one at the same address.
 *
 * @param systemIdentifier what initdb gave it (see catalog.ServerStatus for servers that do not tell)
 */
public record ServerIdentity(String host, int port, String systemIdentifier) {
    /** How an identifier begins that other servers may have, too. */
    private static final String UNCERTAIN = "oids ";

    /** Whether the identifier alone tells the server from all others. */
    public boolean isCertain() {
        return !systemIdentifier.startsWith(UNCERTAIN);
    }
}
