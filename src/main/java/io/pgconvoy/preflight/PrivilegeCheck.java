package io.pgconvoy.preflight;

import java.util.ArrayList;
import java.util.List;

/** Whether both users may do what they will have to. */
final class PrivilegeCheck implements ServerCheck {
    @Override
    public String name() {
        return "privileges";
    }

    @Override
    public List<Finding> run(Situation situation) {
        List<Finding> findings = new ArrayList<>();
        if (!situation.target().status().createDatabase()) {
            findings.add(Finding.blocker(
                    this,
                    situation.target().label() + ": role "
                            + situation.target().status().user() + " may not create databases",
                    "Connect as a superuser, or ALTER ROLE ... CREATEDB."));
        } else if (!situation.target().status().superuser()) {
            findings.add(Finding.warning(
                    this,
                    situation.target().label() + ": role "
                            + situation.target().status().user()
                            + " is no superuser: owners, some role attributes and extensions may be refused",
                    "Connect as a superuser where that is possible."));
        }
        if (!situation.source().status().superuser()) {
            findings.add(Finding.warning(
                    this,
                    situation.source().label() + ": role "
                            + situation.source().status().user()
                            + " is no superuser: what it may not read makes its database fail"
                            + (situation.source().status().readsAllPasswords() ? "" : ", and passwords stay behind"),
                    "Connect as a superuser where that is possible."));
        }
        return findings;
    }
}
