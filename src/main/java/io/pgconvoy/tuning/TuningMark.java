package io.pgconvoy.tuning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.pgconvoy.journal.Json;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.Sql;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/**
 * What the target itself says of its tuning, beside it in postgresql.auto.conf: who did it, and what was there before. So
 * every run on any machine knows it, whatever became of the journal: it does not take tuned values for the old ones, and
 * the last of several runs can revert what another one has tuned.
 *
 * <p>It is a parameter of a made-up class, which every version accepts as soon as a session has set one of that name.
 */
final class TuningMark {
    static final String PARAMETER = "pgconvoy.tuning";

    /** Any host's name is one line of ASCII, as ALTER SYSTEM wants it. */
    private static final ObjectWriter WRITER =
            Json.mapper().writer().without(SerializationFeature.INDENT_OUTPUT).with(JsonWriteFeature.ESCAPE_NON_ASCII);

    private TuningMark() {}

    /** The mark that is in the file; empty where there is none, or one that this version does not understand. */
    static Optional<TuningState> in(Map<String, AutoConf.Entry> entries) {
        return Optional.ofNullable(entries.get(PARAMETER)).flatMap(entry -> parse(entry.value()));
    }

    /** The mark as any user may see it: what is in force. */
    static Optional<TuningState> inForce(Session session) {
        if (!session.version().isAtLeast(ServerVersion.V9_6)) {
            // It has no way to ask for what may not be there; whoever may not look into the file sees nothing.
            try {
                return in(new AutoConf(session).entries());
            } catch (SqlFailure refused) {
                if (SqlState.isPrivilege(refused)) {
                    return Optional.empty();
                }
                throw refused;
            }
        }
        return session.text("SELECT pg_catalog.current_setting(" + Sql.literal(PARAMETER) + ", true)")
                .flatMap(TuningMark::parse);
    }

    private static Optional<TuningState> parse(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Json.mapper().readValue(text, TuningState.class))
                    .filter(state -> state.format() <= TuningState.FORMAT);
        } catch (JsonProcessingException notOurs) {
            return Optional.empty();
        }
    }

    /**
     * Writes it, to be loaded together with what is written next.
     *
     * @return whether the server took it
     */
    static boolean write(Session session, TuningState state) {
        try {
            return put(session, Optional.of(WRITER.writeValueAsString(state)));
        } catch (JsonProcessingException bug) {
            throw new UncheckedIOException(bug);
        }
    }

    /** Takes it away. */
    static void remove(Session session) {
        put(session, Optional.empty());
    }

    private static boolean put(Session session, Optional<String> text) {
        try {
            // What no session has set, ALTER SYSTEM does not know.
            session.execute("SET " + PARAMETER + " = ''");
            new AutoConf(session).write(PARAMETER, text);
            return true;
        } catch (SqlFailure refused) {
            if (SqlState.isBrokenOff(refused)) {
                throw refused;
            }
            return false;
        }
    }
}
