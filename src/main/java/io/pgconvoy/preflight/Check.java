package io.pgconvoy.preflight;

import io.pgconvoy.config.Side;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Severity;
import java.util.Arrays;
import java.util.List;

/** One thing that can stand in the way of a migration. An object serves one preflight, and no two threads at once. */
public abstract sealed class Check permits ServerCheck, DatabaseCheck {
    private final String name;
    private final String severities;
    private final String about;

    /**
     * @param name in kebab case, for people and scripts: {@code --ignore-check} takes it
     * @param severities that its findings have, for docs/preflight.md; a star says {@link #refused}
     * @param about what it finds, in one line of Markdown for docs/preflight.md
     */
    Check(String name, String severities, String about) {
        this.name = name;
        this.severities = severities;
        this.about = about;
    }

    public final String name() {
        return name;
    }

    /** The row of docs/preflight.md. */
    final String row() {
        return "| `" + name + "` | " + severities + " | " + about + " |";
    }

    protected final Finding blocker(String what, String advice) {
        return Finding.blocker(name, what, advice);
    }

    protected final Finding warning(String what, String advice) {
        return Finding.warning(name, what, advice);
    }

    protected final Finding note(String what, String advice) {
        return Finding.note(name, what, advice);
    }

    /** What pg_restore will certainly fail to make: a blocker, unless the user accepts such errors. */
    protected final Finding refused(CheckContext context, String what, String advice) {
        return blocker(what, advice).as(context.ofRestoreErrors());
    }

    /** A blocker where it is certain, else a warning. */
    protected final Finding certain(boolean certain, String what, String advice) {
        return blocker(what, advice).as(certain ? Severity.BLOCKER : Severity.WARNING);
    }

    /** The same about the source. */
    protected static List<Finding> onSource(Finding... findings) {
        return found(findings).stream().map(finding -> finding.on(Side.SOURCE)).toList();
    }

    /** And about the target. */
    protected static List<Finding> onTarget(Finding... findings) {
        return found(findings).stream().map(finding -> finding.on(Side.TARGET)).toList();
    }

    /** Those of them that are somewhere. */
    protected static List<Finding> found(Finding... findings) {
        return Arrays.stream(findings)
                .filter(finding -> !finding.places().isEmpty())
                .toList();
    }
}
