package io.pgconvoy.journal;

import java.util.function.Predicate;

/**
 * What a journal may hold one of.
 *
 * @param name its own in the journal: words, parted by slashes
 * @param large whether its value may have hundreds of thousands of lines
 * @param ifDamaged what is to be done where it cannot be believed, with a complete migration in the end
 * @param isNewer whether a newer version wrote the value, which this one does not understand
 * @param ifNewer what is to be done then
 */
public record JournalEntry<T>(
        String name, Class<T> type, boolean large, String ifDamaged, Predicate<T> isNewer, String ifNewer) {
    public JournalEntry(String name, Class<T> type, String ifDamaged) {
        this(name, type, false, ifDamaged, value -> false, "");
    }
}
