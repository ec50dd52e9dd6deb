package io.pgconvoy.preflight.server;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.LocaleProvider;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import io.pgconvoy.preflight.ServerSession;
import io.pgconvoy.preflight.rehearsal.LocaleProbe;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Encodings and locales of databases that the target's PostgreSQL, libc or ICU lacks. */
public final class LocaleCheck extends ServerCheck {
    private final LocaleProbe probe;

    public LocaleCheck(LocaleProbe probe) {
        super(
                "locales",
                "blocker",
                "databases whose encoding and locale (of libc, ICU or PostgreSQL) the target cannot"
                        + " have; the target itself is asked, by a CREATE DATABASE that cannot succeed");
        this.probe = probe;
    }

    @Override
    public List<Finding> run(CheckContext context) {
        List<Finding> findings = new ArrayList<>();
        for (DatabaseProperties database : context.databases()) {
            LocaleProbe.Locale locale = LocaleProbe.Locale.of(database);
            Optional<String> refusal = probe.refusal(context.target(), locale);
            if (refusal.isPresent()) {
                findings.add(blocker(
                                "the target cannot make databases with encoding " + locale.encoding() + " and "
                                        + locale.text() + " (" + refusal.get() + ")",
                                whatToDo(context.target(), locale))
                        .at(List.of(Place.of(database.name()))));
            }
        }
        return findings;
    }

    public static String whatToDo(ServerSession target, LocaleProbe.Locale locale) {
        if (locale.provider() != LocaleProvider.LIBC) {
            return "The target needs a PostgreSQL that is built with ICU, and that knows this locale.";
        }
        // Spelled the other way, it is the same locale: en_US.UTF-8, en_US.utf8.
        List<String> alike = target.session().texts("""
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
