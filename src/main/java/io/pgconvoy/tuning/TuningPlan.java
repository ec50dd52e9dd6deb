package io.pgconvoy.tuning;

import io.pgconvoy.postgres.Server;
import io.pgconvoy.tuning.TuningState.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What to change and what not to, from what was found on the target. Pure.
 *
 * @param changes to make, in this order
 * @param left as {@link TuningOutcome#left}
 * @param warnings as {@link TuningOutcome#warnings}
 */
record TuningPlan(List<Change> changes, List<String> left, List<String> warnings) {
    TuningPlan {
        changes = List.copyOf(changes);
        left = List.copyOf(left);
        warnings = List.copyOf(warnings);
    }

    /**
     * Plans.
     *
     * @param settings as {@link FreshSession#settings(Server)}
     * @param entries as {@link AutoConf#entries}
     */
    static TuningPlan of(
            TuningRequest request, Map<String, ServerSetting> settings, Map<String, AutoConf.Entry> entries) {
        List<Change> changes = new ArrayList<>();
        List<String> left = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        for (TunedSetting tuned : TunedSetting.values()) {
            String name = tuned.parameter();
            ServerSetting now = settings.get(name);
            if (now == null) {
                warnings.add(name + ": not tuned, as the server does not know it");
                continue;
            }
            Optional<String> wanted = tuned.wanted(now, request);
            Optional<AutoConf.Entry> entry = Optional.ofNullable(entries.get(name));
            if (wanted.isEmpty()) {
                left.add(name + ": " + now.text() + ", left as it is");
            } else if (tuned.isCrashSafety() && !request.crashSafety().mayBeOff()) {
                left.add(name + ": " + now.text() + ", left as it is: "
                        + request.crashSafety().reason());
            } else if (now.prevailing().isPresent()) {
                warnings.add(name + ": not tuned, as " + now.text() + " is given "
                        + now.prevailing().get() + ", which prevails over ALTER SYSTEM");
            } else if (!now.changeable()) {
                warnings.add(name + ": not tuned, as the role may not change it with ALTER SYSTEM");
            } else if (entry.isPresent() && !entry.get().valid()) {
                // The server would refuse to be told the old value again.
                warnings.add(name + ": not tuned, as its entry in postgresql.auto.conf is invalid: '"
                        + entry.get().value() + "'");
            } else {
                changes.add(new Change(name, entry.map(AutoConf.Entry::value), wanted.get(), now.text()));
            }
        }
        return new TuningPlan(changes, left, warnings);
    }
}
