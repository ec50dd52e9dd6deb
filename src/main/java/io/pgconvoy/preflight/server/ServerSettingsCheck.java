package io.pgconvoy.preflight.server;

import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.SqlState;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.ServerCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Settings of the servers as such (postgresql.conf), none of which are carried over, where applications would notice that
 * the target's differ: what the source has more of, or what changes the meaning of SQL.
 */
public final class ServerSettingsCheck extends ServerCheck {
    /** Where the target has less than the source. */
    private static final List<String> AMOUNTS =
            List.of("max_connections", "max_prepared_transactions", "max_replication_slots", "max_wal_senders");

    /** Where they differ; our sessions choose none of these themselves. */
    private static final List<String> MEANINGS = List.of(
            "array_nulls", "default_text_search_config", "lo_compat_privileges", "transform_null_equals", "xmlbinary");

    /** The same, but our sessions choose them, so that only the configuration file tells. */
    private static final List<String> PINNED = List.of(
            "bytea_output",
            "DateStyle",
            "default_transaction_isolation",
            "idle_in_transaction_session_timeout",
            "IntervalStyle",
            "search_path",
            "standard_conforming_strings",
            "statement_timeout",
            "TimeZone");

    private static final List<String> WAL_LEVELS = List.of("minimal", "archive", "hot_standby", "replica", "logical");

    public ServerSettingsCheck() {
        super(
                "server-settings",
                "note",
                "settings of postgresql.conf that applications would miss: fewer connections, wal_level,"
                        + " checksums, time zone and others that change what SQL means");
    }

    @Override
    public List<Finding> run(CheckContext context) {
        Session source = context.onSource();
        Session target = context.onTarget();
        List<Place> places = new ArrayList<>();
        for (String amount : AMOUNTS) {
            long here = Long.parseLong(setting(source, amount));
            long there = Long.parseLong(setting(target, amount));
            // The newer defaults of slots and senders serve nobody in particular.
            if (there < here && here > 10) {
                places.add(place(amount, String.valueOf(here), String.valueOf(there)));
            }
        }
        if (setting(source, "wal_level").equals("logical")
                && WAL_LEVELS.indexOf(setting(target, "wal_level")) < WAL_LEVELS.indexOf("logical")) {
            places.add(place("wal_level", "logical", setting(target, "wal_level")));
        }
        if (setting(source, "data_checksums").equals("on")
                && setting(target, "data_checksums").equals("off")) {
            places.add(place("data_checksums", "on", "off"));
        }
        for (String meaning : MEANINGS) {
            String here = setting(source, meaning);
            String there = setting(target, meaning);
            if (!here.equals(there)) {
                places.add(place(meaning, here, there));
            }
        }
        addPinned(source, target, places);
        return found(note(
                        "settings in the source's postgresql.conf differ from the target's and are not carried over",
                        "Set them in the target's postgresql.conf, or with ALTER SYSTEM, where applications rely on"
                                + " them.")
                .at(places));
    }

    private static void addPinned(Session source, Session target, List<Place> places) {
        Map<String, String> here;
        Map<String, String> there;
        try {
            here = files(source);
            there = files(target);
        } catch (SqlFailure failure) {
            if (SqlState.isPrivilege(failure)) {
                return;
            }
            throw failure;
        }
        for (Map.Entry<String, String> entry : here.entrySet()) {
            Optional<String> other = Optional.ofNullable(there.get(entry.getKey()));
            boolean byDefault = target.flag(
                    "SELECT EXISTS (SELECT FROM pg_settings WHERE lower(name) = lower(?) AND boot_val = ?)",
                    entry.getKey(),
                    entry.getValue());
            // initdb writes the same zone under several names.
            boolean same = other.map(value -> value.replaceFirst("^Etc/", ""))
                    .equals(Optional.of(entry.getValue().replaceFirst("^Etc/", "")));
            if (!same && !(other.isEmpty() && byDefault)) {
                places.add(place(entry.getKey(), entry.getValue(), other.orElse("the default")));
            }
        }
    }

    private static Map<String, String> files(Session session) {
        Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        session.list(
                "SELECT name, setting FROM pg_file_settings WHERE applied AND lower(name) = ANY (?) ORDER BY seqno",
                row -> values.put(row.getString(1), row.getString(2)),
                PINNED.stream()
                        .map(name -> name.toLowerCase(java.util.Locale.ROOT))
                        .toList());
        return values;
    }

    private static String setting(Session session, String name) {
        return session.text("SELECT current_setting(?)", name).orElse("");
    }

    private static Place place(String name, String here, String there) {
        return Place.of(name + " = " + here + " (the target: " + there + ")");
    }
}
