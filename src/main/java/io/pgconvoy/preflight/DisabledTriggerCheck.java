package io.pgconvoy.preflight;

import io.pgconvoy.model.Finding;

/** Triggers, event triggers and rules that are switched off; pg_dump carries that over. */
final class DisabledTriggerCheck extends ObjectCheck {
    @Override
    public String name() {
        return "disabled-triggers";
    }

    @Override
    String query(Situation situation) {
        return """
        SELECT format('trigger %%I on %%I.%%I', t.tgname, n.nspname, c.relname)
          FROM pg_trigger AS t
          JOIN pg_class AS c ON c.oid = t.tgrelid
          JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE t.tgenabled = 'D' AND NOT t.tgisinternal AND %1$s
        UNION ALL
        SELECT format('rule %%I on %%I.%%I', r.rulename, n.nspname, c.relname)
          FROM pg_rewrite AS r
          JOIN pg_class AS c ON c.oid = r.ev_class
          JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE r.ev_enabled = 'D' AND %1$s
        UNION ALL
        SELECT format('event trigger %%I', e.evtname) FROM pg_event_trigger AS e
         WHERE e.evtenabled = 'D' AND %2$s
         ORDER BY 1
        """.formatted(UserObjects.RELATION, UserObjects.notOfExtension("pg_event_trigger", "e.oid"));
    }

    @Override
    Finding finding(Situation situation) {
        return Finding.note(
                name(),
                "triggers and rules that are disabled arrive disabled",
                "See that none of them was meant to be enabled again.");
    }
}
