package io.pgconvoy.verify.inventory;

import java.util.List;
import java.util.Set;

/** Tells which definitions mean the same although their texts differ. */
@FunctionalInterface
interface DefinitionJudge {
    /** For comparisons that have nobody to ask: only texts count. */
    DefinitionJudge NONE = disputes -> Set.of();

    /** Those of the disputes whose two sides mean the same. */
    Set<Dispute> same(List<Dispute> disputes);
}
