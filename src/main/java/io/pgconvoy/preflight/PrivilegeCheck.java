package io.pgconvoy.preflight;

import java.util.ArrayList;
import java.util.List;

/** Whether both users may do what they will have to. */
final class PrivilegeCheck implements Check {
    @Override
    public String name() {
        return "privileges";
    }

    @Override
    public List<Finding> run(Situation situation) {
        List<Finding> findings = new ArrayList<>();
        if (!situation.targetStatus().createDatabase()) {
            findings.add(Finding.blocker(
                    this,
                    situation.target().label() + ": role "
                            + situation.targetStatus().user() + " may not create databases",
                    "Connect as a superuser, or ALTER ROLE ... CREATEDB."));
        } else if (!situation.targetStatus().superuser()) {
            findings.add(Finding.warning(
                    this,
                    situation.target().label() + ": role "
                            + situation.targetStatus().user()
                            + " is no superuser: owners, some role attributes and extensions may be refused",
                    "Connect as a superuser where that is possible."));
        }
        if (!situation.sourceStatus().superuser()) {
            findings.add(Finding.warning(
                    this,
                    situation.source().label() + ": role "
                            + situation.sourceStatus().user()
                            + " is no superuser: what it may not read makes its database fail"
                            + (situation.sourceStatus().readsAllPasswords() ? "" : ", and passwords stay behind"),
                    "Connect as a superuser where that is possible."));
        }
        return findings;
    }
}
