package io.pgconvoy.journal;

/**
 * Tells a server from another one at the same address.
 *
 * @param systemIdentifier what initdb gave it (see catalog.ServerStatus for servers that do not tell)
 */
public record ServerIdentity(String host, int port, String systemIdentifier) {}
