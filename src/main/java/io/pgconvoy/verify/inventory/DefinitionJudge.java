package io.pgconvoy.verify.inventory;

import java.util.List;
import java.util.Set;

/** Knows of the servers what no inventory tells: which definitions mean the same although their texts differ. */
interface DefinitionJudge {
    /** For comparisons that have nobody to ask: only texts count. */
    DefinitionJudge NONE = new DefinitionJudge() {
        @Override
        public Set<Dispute> same(List<Dispute> disputes) {
            return Set.of();
        }

        @Override
        public boolean targetHasTablespace(String name) {
            return true;
        }
    };

    /** Those of the disputes whose two sides mean the same. */
    Set<Dispute> same(List<Dispute> disputes);

    /** Whether the target has a tablespace, by its printed name: if not, nothing can be in it. */
    boolean targetHasTablespace(String name);
}
