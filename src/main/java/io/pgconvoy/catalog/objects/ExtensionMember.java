package io.pgconvoy.catalog.objects;

import java.util.Optional;

/**
 * An object that belongs to an extension, or a part of such a table: what pg_dump leaves to CREATE EXTENSION.
 *
 * @param identity its kind and name, such as {@code function public.f(integer)}, the same on servers of all versions
 * @param parent the table that it is a part of
 * @param transaction the one that made it a member
 * @param extensionTransaction the one that created or last updated the extension
 * @param before whether it was there before it became a member; empty where it has been changed since
 * @param compiled whether it is made of C: what nobody but an extension's author makes
 * @param definition a digest of what it is, to see that it was changed
 */
public record ExtensionMember(
        String extension,
        String identity,
        Optional<String> parent,
        long transaction,
        long extensionTransaction,
        Optional<Boolean> before,
        boolean compiled,
        Optional<String> definition) {}
