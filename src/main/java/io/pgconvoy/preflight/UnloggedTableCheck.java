package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;

/**
 * Tables whose rows are not safe from a crash. pg_dump reads them like others, but not on a standby, which does not have
 * their rows.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-UNLOGGED">UNLOGGED</a>
 */
final class UnloggedTableCheck extends ObjectCheck {
    @Override
    public String name() {
        return "unlogged-tables";
    }

    @Override
    String query(Situation situation) {
        return """
        SELECT format('table %%I.%%I', n.nspname, c.relname)
          FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE c.relpersistence = 'u' AND c.relkind = 'r' AND %s
         ORDER BY n.nspname, c.relname
        """.formatted(UserObjects.RELATION);
    }

    @Override
    Finding finding(Situation situation) {
        return situation.source().status().inRecovery()
                ? Finding.blocker(
                        name(),
                        "unlogged tables cannot be read on a standby, so that pg_dump fails",
                        "Give the primary's address, or ALTER TABLE ... SET LOGGED there.")
                : Finding.note(
                        name(),
                        "unlogged tables arrive with their rows, and unlogged",
                        "As ever, a crash of the target empties them.");
    }
}
