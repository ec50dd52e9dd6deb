package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;

/** Constraints that not every row need meet: pg_dump writes them with NOT VALID again. */
final class UnvalidatedConstraintCheck extends ObjectCheck {
    @Override
    public String name() {
        return "unvalidated-constraints";
    }

    @Override
    String query(Situation situation) {
        return """
        SELECT format('constraint %%I on table %%I.%%I', k.conname, n.nspname, c.relname)
          FROM pg_constraint AS k
          JOIN pg_class AS c ON c.oid = k.conrelid
          JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE NOT k.convalidated AND %s
        UNION ALL
        SELECT format('constraint %%I on domain %%I.%%I', k.conname, n.nspname, t.typname)
          FROM pg_constraint AS k
          JOIN pg_type AS t ON t.oid = k.contypid
          JOIN pg_namespace AS n ON n.oid = t.typnamespace
         WHERE NOT k.convalidated AND %s
         ORDER BY 1
        """.formatted(UserObjects.RELATION, UserObjects.notOfExtension("pg_type", "t.oid"));
    }

    @Override
    Finding finding(Situation situation) {
        return Finding.note(
                name(),
                "constraints that are NOT VALID arrive NOT VALID",
                "ALTER TABLE ... VALIDATE CONSTRAINT checks them, before or after the migration.");
    }
}
