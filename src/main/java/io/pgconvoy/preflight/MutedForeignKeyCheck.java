package io.pgconvoy.preflight;

import io.pgconvoy.catalog.Announced;
import io.pgconvoy.model.Finding;

/**
 * Foreign keys whose own triggers are switched off, by ALTER TABLE ... DISABLE TRIGGER ALL. pg_dump does not carry that
 * over: on the target all rows are checked.
 */
final class MutedForeignKeyCheck extends ObjectCheck {
    @Override
    public String name() {
        return Announced.MUTED_FOREIGN_KEYS.check();
    }

    @Override
    String query(Situation situation) {
        return """
        SELECT DISTINCT format('foreign key %%I on table %%I.%%I', k.conname, n.nspname, c.relname)
          FROM pg_trigger AS t
          JOIN pg_constraint AS k ON k.oid = t.tgconstraint
          JOIN pg_class AS c ON c.oid = k.conrelid
          JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE t.tgenabled = 'D' AND t.tgisinternal AND k.contype = 'f' AND %s
         ORDER BY 1
        """.formatted(UserObjects.RELATION);
    }

    @Override
    Finding finding(Situation situation) {
        return Finding.warning(
                name(),
                "foreign keys that are not enforced, because their triggers are disabled, arrive enforced: rows that break"
                        + " one make it fail",
                "ALTER TABLE ... ENABLE TRIGGER ALL does not check the rows that are there: look for those without a"
                        + " counterpart, or drop the foreign key.");
    }
}
