package io.pgconvoy.globals;

import static io.pgconvoy.postgres.Sql.identifier;

import io.pgconvoy.catalog.AclEntry;
import io.pgconvoy.catalog.Membership;
import io.pgconvoy.catalog.ParameterPrivileges;
import io.pgconvoy.catalog.RoleCatalog;
import io.pgconvoy.catalog.RoleCatalog.Roles;
import io.pgconvoy.catalog.SecurityLabel;
import io.pgconvoy.catalog.ServerFacts;
import io.pgconvoy.catalog.Setting;
import io.pgconvoy.catalog.SettingCatalog;
import io.pgconvoy.catalog.Tablespace;
import io.pgconvoy.catalog.TablespaceCatalog;
import io.pgconvoy.config.TablespaceChoice;
import io.pgconvoy.postgres.Server;
import io.pgconvoy.postgres.Session;
import java.util.List;
import java.util.Optional;

/**
 * Gives the target the source's roles, memberships, tablespaces, role settings and privileges on parameters, as far as
 * it lacks them. Drops nothing; carried out twice, changes nothing the second time.
 */
public final class GlobalsMigration {
    private final Server source;
    private final Server target;
    private final TablespaceChoice tablespaces;

    public GlobalsMigration(Server source, Server target, TablespaceChoice tablespaces) {
        this.source = source;
        this.target = target;
        this.tablespaces = tablespaces;
    }

    /** What the source's catalogs say about globals. */
    private record Globals(
            Roles roles,
            List<Membership> memberships,
            List<Tablespace> tablespaces,
            List<Setting> settings,
            List<ParameterPrivileges> parameters,
            List<SecurityLabel> labels,
            ServerFacts facts) {
        static Globals read(Session session) {
            return new Globals(
                    RoleCatalog.roles(session),
                    RoleCatalog.memberships(session),
                    TablespaceCatalog.list(session),
                    SettingCatalog.list(session),
                    ParameterPrivileges.list(session),
                    SecurityLabel.list(session),
                    ServerFacts.read(session));
        }

        List<Setting> roleSettings() {
            return settings.stream().filter(Setting::isOfRole).toList();
        }
    }

    /**
     * Carries the globals over, before any database is created.
     *
     * @throws io.pgconvoy.config.PgconvoyException where a server cannot be asked or goes away
     */
    public GlobalsResult apply() {
        Globals wanted = readSource();
        try (Session session = target.session("carrying over the globals")) {
            Globals before = Globals.read(session);
            StatementRunner runner =
                    StatementRunner.ofShared(session, before.facts().isSuperuser());
            GlobalsResult result = roles(runner, RolePlan.of(wanted.roles(), before.roles(), before.facts()));
            // What follows refers to roles, and not every one of them need have come through.
            ServerFacts facts = ServerFacts.read(session);
            result = result.plus(
                    runner.run(MembershipPlan.of(source.version(), wanted.memberships(), before.memberships(), facts)));
            result = result.plus(
                    runner.run(TablespacePlan.missing(wanted.tablespaces(), before.tablespaces(), facts, tablespaces)));
            result = result.plus(runner.run(
                    TablespacePlan.details(wanted.tablespaces(), TablespaceCatalog.list(session), facts, tablespaces)));
            result = result.plus(
                    runner.run(SettingPlan.of(wanted.roleSettings(), before.settings(), facts, tablespaces)));
            result = result.plus(runner.run(parameters(wanted, before, facts)));
            return result.plus(labels(wanted));
        }
    }

    private static GlobalsResult roles(StatementRunner runner, StatementPlan plan) {
        boolean logged = !runner.silence();
        GlobalsResult.Builder notes = new GlobalsResult.Builder();
        if (logged && plan.statements().stream().anyMatch(SqlStatement::isSecret)) {
            notes.warning("the target logs statements, and its user may not prevent that: its log has password hashes");
        }
        return notes.build().plus(runner.run(plan));
    }

    /**
     * Gives the target's user what memberships it has on the source, again: those that it had borrowed for the run and
     * given back may have been among them.
     */
    public GlobalsResult applyMembershipsOfUser() {
        Globals wanted = readSource();
        try (Session session = target.session("granting the user's own memberships")) {
            ServerFacts facts = ServerFacts.read(session);
            List<Membership> own = wanted.memberships().stream()
                    .filter(membership -> membership.member().equals(facts.user())
                            && facts.roles().contains(membership.role()))
                    .toList();
            StatementPlan plan = MembershipPlan.of(source.version(), own, RoleCatalog.memberships(session), facts);
            return StatementRunner.ofShared(session, facts.isSuperuser()).run(plan);
        }
    }

    /** What {@link #apply} would do now, in the same sentences; changes nothing. */
    public GlobalsResult preview() {
        Globals wanted = readSource();
        try (Session session = target.session("reading the globals")) {
            Globals before = Globals.read(session);
            ServerFacts facts = before.facts().withRoles(RolePlan.namesAfterwards(wanted.roles(), before.facts()));
            StatementPlan plan = RolePlan.of(wanted.roles(), before.roles(), before.facts())
                    .plus(MembershipPlan.of(source.version(), wanted.memberships(), before.memberships(), facts))
                    .plus(TablespacePlan.missing(wanted.tablespaces(), before.tablespaces(), facts, tablespaces))
                    .plus(TablespacePlan.details(wanted.tablespaces(), before.tablespaces(), facts, tablespaces))
                    .plus(SettingPlan.of(wanted.roleSettings(), before.settings(), facts, tablespaces))
                    .plus(parameters(wanted, before, facts));
            List<String> changes =
                    plan.statements().stream().map(SqlStatement::description).toList();
            return new GlobalsResult(changes, plan.warnings(), List.of()).plus(labels(wanted));
        }
    }

    private Globals readSource() {
        try (Session session = source.session("reading the globals")) {
            return Globals.read(session);
        }
    }

    private static StatementPlan parameters(Globals wanted, Globals before, ServerFacts facts) {
        StatementPlan plan = StatementPlan.of(List.of());
        for (ParameterPrivileges privileges : wanted.parameters()) {
            List<AclEntry> existing = before.parameters().stream()
                    .filter(present -> present.parameter().equals(privileges.parameter()))
                    .findFirst()
                    .map(ParameterPrivileges::acl)
                    .orElse(List.of());
            plan = plan.plus(AclPlan.of(
                    AclPlan.Kind.PARAMETER,
                    privileges.parameter(),
                    wanted.facts().bootstrapSuperuser(),
                    facts.bootstrapSuperuser(),
                    ofOthers(privileges.acl(), wanted.facts().bootstrapSuperuser()),
                    ofOthers(existing, facts.bootstrapSuperuser()),
                    facts));
        }
        return plan;
    }

    /** The bootstrap superuser's own entry is there by itself as soon as there is another. */
    private static List<AclEntry> ofOthers(List<AclEntry> acl, String bootstrapSuperuser) {
        return acl.stream()
                .filter(entry -> !entry.grantee().equals(Optional.of(bootstrapSuperuser)))
                .toList();
    }

    private GlobalsResult labels(Globals wanted) {
        return GlobalsResult.ofWarnings(wanted.labels().stream()
                .filter(label -> !(tablespaces.leaveOut() && label.kind().equals("tablespace")))
                .map(label -> "security label of provider " + label.provider() + " on " + label.kind() + " "
                        + identifier(label.object()) + " is left out; set it on the target with SECURITY LABEL")
                .toList());
    }
}
