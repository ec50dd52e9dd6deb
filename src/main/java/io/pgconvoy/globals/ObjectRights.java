package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;

import io.pgconvoy.catalog.OwnedObject;
import io.pgconvoy.catalog.OwnedObjects;
import io.pgconvoy.catalog.Reach;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.config.DatabaseName;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Gives the objects of a restored database the owners and privileges they have on the source, as far as the target's user
 * may: what pg_restore could not, since it gives an object away before its new owner may create in the schema, loses a
 * whole object's privileges where one of them is another role's to grant, and asks for SET SESSION AUTHORIZATION then.
 */
public final class ObjectRights {
    private final Server source;
    private final Server target;

    public ObjectRights(Server source, Server target) {
        this.source = source;
        this.target = target;
    }

    /**
     * Compares both sides, and repairs what differs.
     *
     * @return what was changed, and a warning for each owner and privilege that is left out
     */
    public GlobalsResult repair(DatabaseName database) {
        List<OwnedObject> wanted;
        try (Session session = source.session(database, "reading owners and privileges")) {
            wanted = OwnedObjects.read(session);
        }
        try (Session session = target.session(database, "setting owners and privileges")) {
            ServerFacts facts = ServerFacts.read(session);
            Reach reach = Reach.read(session);
            StatementRunner runner = new StatementRunner(session, reach.superuser());
            GlobalsResult owners = runner.run(OwnerPlan.of(wanted, OwnedObjects.read(session), facts, reach, session));
            GlobalsResult privileges = runner.run(ObjectAclPlan.of(wanted, OwnedObjects.read(session), facts, reach));
            return owners.plus(privileges).plus(ineffective(privileges, wanted, session, facts, reach));
        }
    }

    /** A GRANT by somebody who has no grant option is no error, and changes nothing. */
    private GlobalsResult ineffective(
            GlobalsResult done, List<OwnedObject> wanted, Session session, ServerFacts facts, Reach reach) {
        if (done.changes().isEmpty()) {
            return GlobalsResult.NOTHING;
        }
        Set<String> believed = new HashSet<>(done.changes());
        return GlobalsResult.ofWarnings(
                ObjectAclPlan.of(wanted, OwnedObjects.read(session), facts, reach).statements().stream()
                        .map(SqlStatement::description)
                        .filter(believed::contains)
                        .map(description -> "could not " + description + ": " + identifier(facts.user())
                                + " has no grant option for that")
                        .toList());
    }
}
