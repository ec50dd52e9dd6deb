package io.pgconvoy.preflight.rehearsal;

import static io.pgconvoy.postgres.Sql.literal;

import io.pgconvoy.catalog.DatabaseProperties;
import io.pgconvoy.catalog.LocaleProvider;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.preflight.ServerSession;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Asks the target whether it could make a database of some encoding and locale, without making one: by a CREATE DATABASE
 * whose name is template0, which is copied and therefore exists. The server looks at encoding and locale by its own rules,
 * libc's and ICU's, before it finds that the name is taken (createdb() in dbcommands.c, the same order from 9.5 to 18);
 * either error leaves nothing behind but a line in its log. A CREATE COLLATION that is rolled back would prove less: it
 * knows only the encoding of the database that we are connected to.
 */
public final class LocaleProbe {
    private static final String DUPLICATE_DATABASE = "42P04";

    private final Map<Locale, Optional<String>> answers = new HashMap<>();

    /**
     * What decides how texts are stored and sorted.
     *
     * @param name the provider's own name of the locale; empty for libc
     * @param rules additions to an ICU locale (16 and later)
     */
    public record Locale(
            String encoding,
            String collate,
            String ctype,
            LocaleProvider provider,
            Optional<String> name,
            Optional<String> rules) {
        public static Locale of(DatabaseProperties database) {
            return new Locale(
                    database.encoding(),
                    database.collate(),
                    database.ctype(),
                    database.localeProvider(),
                    database.locale(),
                    database.icuRules());
        }

        /** Whether every server has it, with every encoding. */
        public boolean isEverywhere() {
            return provider == LocaleProvider.LIBC && isPlain(collate) && isPlain(ctype);
        }

        /** As people know it, such as {@code de_DE.UTF-8}. */
        public String text() {
            return switch (provider) {
                case LIBC -> collate.equals(ctype) ? collate : "collate " + collate + ", ctype " + ctype;
                case ICU -> "ICU locale " + name.orElse("");
                case BUILTIN -> "built-in locale " + name.orElse("");
            };
        }

        private static boolean isPlain(String libcLocale) {
            return libcLocale.equals("C") || libcLocale.equals("POSIX");
        }
    }

    /** Why the target cannot have such texts, in its own words; empty if it can. */
    public Optional<String> refusal(ServerSession target, Locale locale) {
        if (locale.isEverywhere()) {
            return Optional.empty();
        }
        return answers.computeIfAbsent(locale, unknown -> ask(target, locale));
    }

    private static Optional<String> ask(ServerSession target, Locale locale) {
        StringBuilder sql = new StringBuilder("CREATE DATABASE template0 TEMPLATE template0 ENCODING "
                + literal(locale.encoding()) + " LC_COLLATE " + literal(locale.collate()) + " LC_CTYPE "
                + literal(locale.ctype()));
        if (target.version().isAtLeast(ServerVersion.V15)) {
            switch (locale.provider()) {
                case LIBC -> sql.append(" LOCALE_PROVIDER libc");
                case ICU -> {
                    sql.append(" LOCALE_PROVIDER icu ICU_LOCALE ")
                            .append(literal(locale.name().orElse("und")));
                    locale.rules()
                            .filter(rules -> target.version().isAtLeast(ServerVersion.V16))
                            .ifPresent(rules -> sql.append(" ICU_RULES ").append(literal(rules)));
                }
                case BUILTIN ->
                    sql.append(" LOCALE_PROVIDER builtin BUILTIN_LOCALE ")
                            .append(literal(locale.name().orElse("C")));
            }
        }
        Session session = target.session();
        // Only somebody who is changing template0 itself could make it wait.
        session.execute("SET lock_timeout = '2s'");
        try {
            session.execute(sql.toString());
            throw new IllegalStateException("the target has made a second template0");
        } catch (SqlFailure answer) {
            Optional<String> refusal = verdict(answer);
            session.execute("RESET lock_timeout");
            return refusal;
        }
    }

    private static Optional<String> verdict(SqlFailure answer) {
        return switch (answer.state()) {
            case DUPLICATE_DATABASE -> Optional.empty();
            // WRONG_OBJECT_TYPE: invalid locale name; INVALID_PARAMETER_VALUE, INVALID_OBJECT_DEFINITION: they do not
            // fit
            // together; FEATURE_NOT_SUPPORTED: no ICU in this build.
            case "42809", "22023", "42P17", "0A000" ->
                Optional.of(answer.reason().replaceFirst("^ERROR: ", ""));
            // Not about the locale: no right to copy template0, or it is locked, or gone. The migration will tell.
            default -> {
                if (answer.state().isEmpty() || answer.state().startsWith("08")) {
                    throw answer;
                }
                yield Optional.empty();
            }
        };
    }
}
