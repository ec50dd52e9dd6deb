package io.pgconvoy.preflight;

/** One thing that can stand in the way of a migration. An object serves one preflight, in one thread. */
public sealed interface Check permits ServerCheck, DatabaseCheck {
    /** In kebab case, for people and scripts: {@code --ignore-check} takes it. */
    String name();
}
