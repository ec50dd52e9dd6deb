package io.pgconvoy.preflight;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.LocaleProvider;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Encodings and locales of databases that the target's PostgreSQL, libc or ICU lacks. */
final class LocaleCheck implements ServerCheck {
    private final LocaleProbe probe;

    LocaleCheck(LocaleProbe probe) {
        this.probe = probe;
    }

    @Override
    public String name() {
        return "locales";
    }

    @Override
    public List<Finding> run(Situation situation) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (DatabaseProperties database : situation.databases()) {
            LocaleProbe.Locale locale = LocaleProbe.Locale.of(database);
            Optional<String> refusal = probe.refusal(situation.target(), locale);
            if (refusal.isPresent()) {
                findings.add(Finding.blocker(
                                name(),
                                "the target cannot make databases with encoding " + locale.encoding() + " and "
                                        + locale.text() + " (" + refusal.get() + ")",
                                whatToDo(situation.target(), locale))
                        .at(List.of(Place.of(database.name()))));
            }
        }
        return findings;
    }

    static String whatToDo(ServerSession target, LocaleProbe.Locale locale) throws SQLException {
        if (locale.provider() != LocaleProvider.LIBC) {
            return "The target needs a PostgreSQL that is built with ICU, and that knows this locale.";
        }
        // Spelled the other way, it is the same locale: en_US.UTF-8, en_US.utf8.
        List<String> alike = UserObjects.column(target.connection(), """
                SELECT DISTINCT collcollate FROM pg_collation
                 WHERE collcollate IS NOT NULL ORDER BY 1
                """).stream()
                .filter(known -> plain(known).equals(plain(locale.collate())))
                .toList();
        return "Install the locale on the target's host (localedef -i "
                + locale.collate().replaceFirst("\\..*$", "") + " -f ENCODING " + locale.collate()
                + ", or its package), and restart PostgreSQL there."
                + (alike.isEmpty() ? "" : " The target knows it as " + String.join(", ", alike) + ".");
    }

    private static String plain(String locale) {
        return locale.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9@]", "");
    }
}
