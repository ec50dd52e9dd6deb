package io.pgconvoy.catalog.objects;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the members of one extension that a user added: those that the same extension elsewhere does not have. Where that is of
 * another version, it may lack some that the authors have taken out since. These were members from their first moment on, and
 * came with others that are still there, in one transaction; what ALTER EXTENSION ADD makes a member was there before.
 */
public final class MemberComparison {
    private final Map<String, ExtensionMember> there = new HashMap<>();
    private final Set<Long> transactions = new HashSet<>();
    private final boolean exact;
    private final boolean oneByOne;
    private final List<ExtensionMember> missing = new ArrayList<>();

    /**
     * @param here the members of the extension on the source
     * @param reference those of the same extension, as CREATE EXTENSION makes it
     * @param exact whether both are of the same version
     */
    public MemberComparison(List<ExtensionMember> here, List<ExtensionMember> reference, boolean exact) {
        this.exact = exact;
        reference.forEach(member -> there.put(member.identity(), member));
        int known = 0;
        for (ExtensionMember member : here) {
            if (!there.containsKey(member.identity())) {
                missing.add(member);
            } else if (member.parent().isEmpty()) {
                known++;
                transactions.add(member.transaction());
            }
        }
        // pg_upgrade makes each member in a transaction of its own.
        oneByOne = known > 2 && transactions.size() * 2 > known;
        here.forEach(member -> transactions.add(member.extensionTransaction()));
    }

    /** Those that are certainly the user's. */
    public List<ExtensionMember> added() {
        return missing.stream()
                .filter(this::isOfSomethingKnown)
                .filter(member -> exact || (!oneByOne && isAddedLater(member)))
                .toList();
    }

    private boolean isAddedLater(ExtensionMember member) {
        return member.before().orElseGet(() -> !transactions.contains(member.transaction()));
    }

    /** Those of which that cannot be known. */
    public List<ExtensionMember> doubtful() {
        return missing.stream()
                .filter(this::isOfSomethingKnown)
                .filter(member -> !exact && oneByOne && !member.compiled())
                .toList();
    }

    /** Those that are defined otherwise: in the same version, or where a function of C has become one of something else. */
    public List<ExtensionMember> changed(List<ExtensionMember> here) {
        return here.stream()
                .filter(member ->
                        there.containsKey(member.identity()) && isChanged(member, there.get(member.identity())))
                .toList();
    }

    private boolean isChanged(ExtensionMember member, ExtensionMember other) {
        return !member.definition().equals(other.definition()) && (exact || (other.compiled() && !member.compiled()));
    }

    /** A table that is missing is named itself. */
    private boolean isOfSomethingKnown(ExtensionMember member) {
        return member.parent().isEmpty() || there.containsKey(member.parent().get());
    }
}
