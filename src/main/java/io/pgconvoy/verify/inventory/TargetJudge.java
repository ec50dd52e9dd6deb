package io.pgconvoy.verify.inventory;

import io.pgconvoy.catalog.TablespaceCatalog;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.config.PgconvoyException;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.ServerVersion;
import io.pgconvoy.postgres.Session;
import io.pgconvoy.postgres.SqlFailure;
import io.pgconvoy.postgres.concurrent.Cancellation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Has the target judge definitions that the two servers print in different ways: it parses both texts, in a transaction
 * that is rolled back, and what it prints of them is compared. So no rule about the versions' ways to print is needed.
 */
final class TargetJudge implements DefinitionJudge {
    /** What is locked by somebody else for longer stays unjudged. */
    static final String BRIEF_LOCKS = "SET LOCAL lock_timeout = '5s'";

    private static final String EVENT_TRIGGERS = "SELECT EXISTS (SELECT FROM pg_event_trigger WHERE evtenabled ";

    private final Server source;
    private final Server target;
    private final DatabaseName database;
    private final Cancellation cancellation;
    private final List<String> notes = new ArrayList<>();
    private final Set<String> tablespaces = new HashSet<>();
    private boolean eventTriggers;

    TargetJudge(Server source, Server target, DatabaseName database, Cancellation cancellation) {
        this.source = source;
        this.target = target;
        this.database = database;
        this.cancellation = cancellation;
    }

    private record Attribute(String kind, String name) {}

    /** What kept definitions from being judged; empty where nothing did. */
    List<String> notes() {
        return List.copyOf(notes);
    }

    @Override
    public Set<Dispute> same(List<Dispute> disputes) {
        Map<Attribute, List<Dispute>> byAttribute = disputes.stream()
                .collect(Collectors.groupingBy(
                        dispute -> new Attribute(dispute.kind(), dispute.read()),
                        LinkedHashMap::new,
                        Collectors.toList()));
        Set<Dispute> same = new HashSet<>();
        try (Session here = source.session(database, "reading definitions");
                Session there = target.session(database, "judging definitions")) {
            Optional<String> obstacle = obstacle(there);
            if (obstacle.isPresent()) {
                notes.add(unjudged(disputes.size(), obstacle.get()));
                return same;
            }
            for (Map.Entry<Attribute, List<Dispute>> attribute : byAttribute.entrySet()) {
                Optional<DefinitionQuestion> question = DefinitionQuestion.about(
                        attribute.getKey().kind(), attribute.getKey().name());
                if (question.isPresent()) {
                    same.addAll(judge(here, there, question.get(), attribute.getValue()));
                }
            }
        } catch (PgconvoyException failure) {
            cancellation.check();
            notes.add(unjudged(disputes.size(), String.valueOf(failure.getMessage())));
        }
        return same;
    }

    @Override
    public boolean targetHasTablespace(String name) {
        if (tablespaces.isEmpty()) {
            try (Session there = target.session(database, "listing tablespaces")) {
                TablespaceCatalog.list(there).forEach(one -> tablespaces.add(Names.quoted(one.name())));
            } catch (PgconvoyException failure) {
                cancellation.check();
                notes.add("which tablespaces the target has is not known: " + failure.getMessage());
                return true;
            }
            // Never empty again, so that it is asked once.
            tablespaces.add("pg_default");
        }
        return tablespaces.contains(name);
    }

    private static String unjudged(int count, String why) {
        return (count == 1 ? "one definition" : count + " definitions")
                + " that the versions may only print in different ways could not be judged by the target: " + why;
    }

    private Set<Dispute> judge(Session here, Session there, DefinitionQuestion question, List<Dispute> disputes) {
        Set<String> identities = disputes.stream().map(Dispute::identity).collect(Collectors.toSet());
        Map<String, DefinitionParts> ours = DefinitionReader.read(here, question, identities);
        Map<String, DefinitionParts> theirs = DefinitionReader.read(there, question, identities);
        return there.rolledBack(session -> {
            Set<Dispute> same = new HashSet<>();
            prepare(session);
            for (Dispute dispute : disputes) {
                DefinitionParts one = ours.get(dispute.identity());
                DefinitionParts other = theirs.get(dispute.identity());
                // What was altered since the inventories were read is not what they disagree about.
                if (isStill(one, dispute.source())
                        && isStill(other, dispute.target())
                        && isSame(session, dispute, one, other)) {
                    same.add(dispute);
                }
            }
            return same;
        });
    }

    private static boolean isStill(DefinitionParts parts, String kept) {
        return parts != null && DefinitionText.keepSql(parts.text()).equals(kept);
    }

    private boolean isSame(Session session, Dispute dispute, DefinitionParts one, DefinitionParts other) {
        Optional<String> skeleton = one.skeleton();
        Optional<String> otherSkeleton = other.skeleton();
        if (skeleton.isEmpty() || otherSkeleton.isEmpty()) {
            return false;
        }
        // Where there is nothing to cut out, the twin is made of the whole text.
        if (!one.pieces().isEmpty() || !other.pieces().isEmpty()) {
            boolean sameMajor = source.version().major() == target.version().major();
            if (!DefinitionText.sameSql(skeleton.get(), otherSkeleton.get(), sameMajor)) {
                return false;
            }
        }
        Optional<String> print = print(session, dispute, one);
        return print.isPresent() && print.equals(print(session, dispute, other));
    }

    /** Empty where the target does not take the text. */
    private static Optional<String> print(Session session, Dispute dispute, DefinitionParts parts) {
        Optional<Twin> twin = Twin.of(dispute.kind(), dispute.read(), parts);
        try {
            return twin.flatMap(one -> one.print(session));
        } catch (SqlFailure refused) {
            if (session.isClosed()) {
                throw refused;
            }
            return Optional.empty();
        }
    }

    private void prepare(Session session) {
        InventoryReader.pinSettings(session);
        session.execute(BRIEF_LOCKS);
        session.execute(
                "SET LOCAL transform_null_equals = off; SET LOCAL xmloption = content; SET LOCAL array_nulls = on");
        if (eventTriggers) {
            silenceEventTriggers(session);
        }
    }

    /** A user's event triggers would otherwise run for each twin. */
    private void silenceEventTriggers(Session session) {
        session.execute(
                target.version().isAtLeast(ServerVersion.V17)
                        ? "SET LOCAL event_triggers = off"
                        : "SET LOCAL session_replication_role = replica");
    }

    /** Why the target's user cannot have anything parsed. */
    private Optional<String> obstacle(Session there) {
        if (there.flag("SELECT pg_is_in_recovery()")) {
            return Optional.of("it is a standby");
        }
        if (!there.flag("SELECT has_database_privilege(current_database(), 'TEMPORARY')")) {
            return Optional.of("its user may not create temporary objects (GRANT TEMPORARY ON DATABASE)");
        }
        if (!there.flag(EVENT_TRIGGERS + "<> 'D')")) {
            return Optional.empty();
        }
        if (!target.version().isAtLeast(ServerVersion.V17) && there.flag(EVENT_TRIGGERS + "IN ('A', 'R'))")) {
            return Optional.of("it has event triggers that would fire (ENABLE ALWAYS or ENABLE REPLICA)");
        }
        try {
            there.rolledBack(session -> {
                silenceEventTriggers(session);
                return true;
            });
            eventTriggers = true;
            return Optional.empty();
        } catch (SqlFailure refused) {
            return Optional.of("its user may not keep its event triggers from firing");
        }
    }
}
