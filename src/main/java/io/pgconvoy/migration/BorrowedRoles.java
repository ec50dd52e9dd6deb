package io.pgconvoy.migration;

import io.pgconvoy.globals.GlobalsResult;
import io.pgconvoy.globals.RoleLoan;
import io.pgconvoy.globals.RoleLoans;
import io.pgconvoy.journal.JournalEntry;
import io.pgconvoy.journal.JournalStore;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Sql;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The memberships that the target's user, where it is no superuser, has only while the migration runs. They are a debt:
 * on disk before they are taken, given back whatever happens, after kill -9 by the next run. For one thread.
 */
final class BorrowedRoles {
    private final RoleLoans loans;
    private final JournalStore journal;
    private final Set<String> refused = new LinkedHashSet<>();

    private static final JournalEntry<Debt> OWED = new JournalEntry<>(
            "borrowed-roles",
            Debt.class,
            "It says of which roles the target's user became a member for the migration. Look for them with \\drg in psql,"
                    + " REVOKE what does not belong there, and delete the file.");

    /** What is owed, on disk. */
    record Debt(List<RoleLoan> roles) {
        Debt {
            roles = List.copyOf(roles);
        }
    }

    BorrowedRoles(Server source, Server target, JournalStore journal) {
        this.loans = new RoleLoans(source, target);
        this.journal = journal;
    }

    /** Borrows whatever roles of the source the target has by now and its user may not act as yet. */
    void borrow() {
        List<RoleLoan> needed = loans.needed().stream()
                .filter(loan -> !refused.contains(loan.role()))
                .toList();
        if (needed.isEmpty()) {
            return;
        }
        List<RoleLoan> owed = new ArrayList<>(owed());
        owed.addAll(needed);
        journal.write(OWED, new Debt(owed));
        refused.addAll(loans.take(needed));
    }

    /** What the user may not become, in a sentence each. */
    List<String> warnings() {
        if (refused.isEmpty()) {
            return List.of();
        }
        String names = refused.stream().map(Sql::identifier).collect(Collectors.joining(", "));
        return List.of("the target's user may not act as these roles, so what they own becomes its own: " + names
                + "; GRANT them to it WITH ADMIN OPTION beforehand, or give them what is theirs afterwards");
    }

    boolean isOwed() {
        return !owed().isEmpty();
    }

    /** Gives back what this run or an earlier one borrowed. */
    GlobalsResult giveBack() {
        List<RoleLoan> owed = owed();
        if (owed.isEmpty()) {
            return GlobalsResult.NOTHING;
        }
        GlobalsResult result = loans.giveBack(owed);
        journal.delete(OWED);
        return result;
    }

    private List<RoleLoan> owed() {
        return journal.read(OWED).map(Debt::roles).orElse(List.of());
    }
}
