package io.pgconvoy.preflight.database;

import io.pgconvoy.catalog.objects.ExtensionMember;
import io.pgconvoy.model.Finding;
import io.pgconvoy.model.Place;
import io.pgconvoy.preflight.CheckContext;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import io.pgconvoy.preflight.SourceDatabase;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Objects that users took out of an extension, by ALTER EXTENSION DROP, or made themselves before its new version did: CREATE
 * EXTENSION makes them on the target, too, and what pg_dump wrote fails as it is there already.
 */
public final class ExtensionRemovalsCheck extends DatabaseCheck {
    private final Extensions extensions;
    private final ExtensionTrial trial;

    public ExtensionRemovalsCheck(Extensions extensions, ExtensionTrial trial) {
        super(
                "extension-removals",
                "blocker\\*",
                "objects of your own that the extension makes on the target, too (`ALTER EXTENSION ..." + " DROP`)");
        this.extensions = extensions;
        this.trial = trial;
    }

    @Override
    public List<Sign> signs(CheckContext context) {
        return List.of(Sign.EXTENSIONS);
    }

    @Override
    public List<Finding> run(CheckContext context, SourceDatabase database) {
        if (extensions.in(database).isEmpty()) {
            return List.of();
        }
        Set<String> made = trial.byDefault(context, database).members().stream()
                .filter(member -> member.parent().isEmpty())
                .map(ExtensionMember::identity)
                .collect(Collectors.toSet());
        List<Place> places =
                database
                        .session()
                        .texts(
                                """
                SELECT i.type || ' ' || replace(i.identity, 'pg_catalog.', '')
                  FROM (SELECT 'pg_proc'::regclass::oid, oid FROM pg_proc
                        UNION ALL
                        SELECT 'pg_class'::regclass, c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND c.relpersistence <> 't'
                           AND quote_ident(n.nspname) || '.' || quote_ident(c.relname) = ANY (?)
                        UNION ALL
                        SELECT 'pg_type'::regclass, oid FROM pg_type WHERE typrelid = 0 AND typelem = 0
                        UNION ALL SELECT 'pg_operator'::regclass, oid FROM pg_operator
                        UNION ALL SELECT 'pg_opclass'::regclass, oid FROM pg_opclass
                        UNION ALL SELECT 'pg_opfamily'::regclass, oid FROM pg_opfamily
                        UNION ALL SELECT 'pg_cast'::regclass, oid FROM pg_cast
                        UNION ALL SELECT 'pg_language'::regclass, oid FROM pg_language
                        UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid FROM pg_foreign_data_wrapper
                        UNION ALL SELECT 'pg_event_trigger'::regclass, oid FROM pg_event_trigger
                        UNION ALL SELECT 'pg_ts_dict'::regclass, oid FROM pg_ts_dict
                        UNION ALL SELECT 'pg_ts_config'::regclass, oid FROM pg_ts_config
                        UNION ALL SELECT 'pg_ts_parser'::regclass, oid FROM pg_ts_parser
                        UNION ALL SELECT 'pg_ts_template'::regclass, oid FROM pg_ts_template) AS o (class, object)
                 CROSS JOIN LATERAL pg_identify_object(o.class, o.object, 0) AS i
                 WHERE o.object >= 16384
                   AND NOT EXISTS (SELECT FROM pg_depend AS d
                                    WHERE d.classid = o.class AND d.objid = o.object AND d.deptype = 'e')
                """,
                                made.stream()
                                        .map(ExtensionRemovalsCheck::withoutKind)
                                        .toList())
                        .stream()
                        .filter(made::contains)
                        .sorted()
                        .map(object -> database.place(object))
                        .toList();
        return found(refused(
                        context,
                        "objects of your own are also made by an extension on the target, where they are there already when pg_restore"
                                + " comes to them",
                        "ALTER EXTENSION ... ADD ... on the source gives them back to the extension; or drop or rename them.")
                .at(places));
    }

    private static String withoutKind(String identity) {
        return identity.substring(identity.indexOf(' ') + 1).replaceFirst("^view ", "");
    }
}
