package io.pgconvoy.preflight.removed;

import static io.pgconvoy.postgres.ServerVersion.V10;
import static io.pgconvoy.postgres.ServerVersion.V12;
import static io.pgconvoy.postgres.ServerVersion.V14;
import static io.pgconvoy.postgres.ServerVersion.V18;
import static io.pgconvoy.preflight.QueryCheck.removed;
import static io.pgconvoy.preflight.QueryCheck.removedIn;

import io.pgconvoy.model.Announced;
import io.pgconvoy.preflight.DatabaseCheck;
import io.pgconvoy.preflight.Sign;
import java.util.List;

/**
 * The checks for what later versions removed or changed, so that a restore fails or loses something. Much of the list is that
 * of {@code pg_upgrade --check}, but for what matters to data files alone.
 *
 * @see <a href="https://github.com/postgres/postgres/blob/master/src/bin/pg_upgrade/check.c">pg_upgrade's check.c</a>
 */
public final class RemovedFeatures {
    private RemovedFeatures() {}

    public static List<DatabaseCheck> all() {
        BuiltinComparison builtins = new BuiltinComparison();
        return List.of(
                new RemovedBuiltinsCheck(builtins),
                // https://www.postgresql.org/docs/release/12.0/ "Remove the special behavior of oid columns"
                removedIn(
                                V12,
                                Announced.TABLES_WITH_OIDS.check(),
                                "before 12 to 12 and later: views, indexes, keys on the hidden column oid; a warning: tables WITH"
                                        + " OIDS, whose column does not arrive")
                        .refuses("objects use the hidden column oid of tables WITH OIDS, which does not arrive")
                        .advises("Add a real column to the table and have them use that (ALTER TABLE ... ADD COLUMN id"
                                + " bigserial), or drop them on the source before.")
                        // Unlike those on the columns of system catalogs, these dependencies are recorded:
                        // as on column -2.
                        .signs(Sign.some("pg_class", "relhasoids AND oid >= 16384"))
                        .query("""
                                SELECT DISTINCT i.type || ' ' || i.identity
                                  FROM pg_depend d
                                  LEFT JOIN pg_rewrite r
                                       ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.rulename = '_RETURN'
                                 CROSS JOIN LATERAL pg_identify_object(
                                       CASE WHEN r.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass END,
                                       coalesce(r.ev_class, d.objid), CASE WHEN r.oid IS NULL THEN d.objsubid ELSE 0 END) AS i
                                 WHERE d.refclassid = 'pg_class'::regclass AND d.refobjsubid = -2 AND d.refobjid >= 16384
                                 ORDER BY 1
                                """)
                        .warns("tables WITH OIDS arrive without their hidden column oid")
                        .advises(
                                "Where the OIDs mean something, copy them into a real column first: ALTER TABLE ... ADD COLUMN"
                                        + " old_oid oid; UPDATE ... SET old_oid = oid. Else, ALTER TABLE ... SET WITHOUT OIDS.")
                        .signs(Sign.some("pg_class", "relhasoids AND oid >= 16384"))
                        .query("""
                                SELECT i.type || ' ' || i.identity
                                  FROM pg_class c
                                 CROSS JOIN LATERAL pg_identify_object('pg_class'::regclass, c.oid, 0) AS i
                                 WHERE c.relhasoids AND c.relkind IN ('r', 'f') AND c.relpersistence <> 't'
                                   AND {made pg_class c.oid}
                                 ORDER BY 1
                                """),
                // https://www.postgresql.org/docs/release/14.0/ "Remove support for postfix operators"
                removedIn(
                                V14,
                                "postfix-operators",
                                "before 14 to 14 and later: postfix operators that users made, and what uses them")
                        .refuses("postfix operators cannot be created since PostgreSQL 14")
                        .advises(
                                "Write views and the like with the operators' functions instead, then DROP OPERATOR ... (type,"
                                        + " NONE) on the source before.")
                        .signs(Sign.some("pg_operator", "oprright = 0 AND oprleft <> 0 AND oid >= 16384"))
                        .query("""
                                WITH postfix AS (
                                    SELECT o.oid FROM pg_operator o
                                     WHERE o.oprright = 0 AND o.oprleft <> 0 AND {made pg_operator o.oid}
                                )
                                SELECT i.type || ' ' || i.identity
                                  FROM postfix CROSS JOIN LATERAL pg_identify_object('pg_operator'::regclass, oid, 0) AS i
                                UNION
                                SELECT i.type || ' ' || i.identity
                                  FROM postfix
                                  JOIN pg_depend d ON d.refclassid = 'pg_operator'::regclass AND d.refobjid = postfix.oid
                                  LEFT JOIN pg_rewrite r
                                       ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid AND r.rulename = '_RETURN'
                                 CROSS JOIN LATERAL pg_identify_object(
                                       CASE WHEN r.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass END,
                                       coalesce(r.ev_class, d.objid), CASE WHEN r.oid IS NULL THEN d.objsubid ELSE 0 END) AS i
                                 ORDER BY 1
                                """),
                // Those of views become text by themselves.
                // https://www.postgresql.org/docs/release/10.0/ "Change the way the unknown type is handled"
                removedIn(
                                V10,
                                "unknown-columns",
                                "9.x to 10 and later: columns of tables and composite types of type unknown")
                        .refuses("columns of type unknown, which tables cannot have since PostgreSQL 10")
                        .advises("ALTER TABLE ... ALTER COLUMN ... TYPE text on the source before.")
                        .signs(Sign.some("pg_attribute", "atttypid = 'unknown'::regtype AND attrelid >= 16384"))
                        .query("""
                                SELECT i.type || ' ' || i.identity
                                  FROM pg_attribute a
                                  JOIN pg_class c ON c.oid = a.attrelid
                                 CROSS JOIN LATERAL pg_identify_object('pg_class'::regclass, c.oid, a.attnum) AS i
                                 WHERE a.atttypid = 'unknown'::regtype AND a.attnum > 0 AND NOT a.attisdropped
                                   AND c.relkind IN ('r', 'f', 'c') AND c.relpersistence <> 't' AND {made pg_class c.oid}
                                 ORDER BY 1
                                """),
                // Since 10, pg_sequence has the others.
                // https://www.postgresql.org/docs/release/10.0/ "Move sequences' metadata fields into a new
                // pg_sequence system catalog"
                removedIn(
                                V10,
                                "sequence-columns",
                                "9.x to 10 and later: views on columns of a sequence other than last_value, log_cnt, is_called")
                        .refuses("objects use columns that sequences do not have since PostgreSQL 10")
                        .advises(
                                "Drop them on the source before, and create them anew on the target, over pg_sequences.")
                        .signs(Sign.found(
                                "pg_depend AS d JOIN pg_class AS s ON s.oid = d.refobjid",
                                "d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass"
                                        + " AND d.refobjsubid > 0 AND s.relkind = 'S'"))
                        .query("""
                                SELECT i.type || ' ' || i.identity
                                       || ' (' || string_agg(DISTINCT s.relname || '.' || a.attname, ', ') || ')'
                                  FROM pg_class s
                                  JOIN pg_attribute a ON a.attrelid = s.oid
                                  JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = s.oid
                                                  AND d.refobjsubid = a.attnum
                                  JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
                                 CROSS JOIN LATERAL pg_identify_object(
                                       CASE WHEN r.rulename = '_RETURN' THEN 'pg_class'::regclass ELSE d.classid END,
                                       CASE WHEN r.rulename = '_RETURN' THEN r.ev_class ELSE r.oid END, 0) AS i
                                 WHERE s.relkind = 'S' AND a.attnum > 0
                                   AND a.attname NOT IN ('last_value', 'log_cnt', 'is_called')
                                 GROUP BY i.type, i.identity
                                 ORDER BY 1
                                """),
                new ConditionalSetsCheck(),
                // Only members of contrib that people use are known.
                // Members are not pinned: pg_depend tells who uses them.
                // https://www.postgresql.org/docs/release/13.0/, 14.0/ and 17.0/
                removed(
                                "extension-members",
                                "to 13, 14, 17 and later: what uses total_time or blk_read_time and the like of"
                                        + " pg_stat_statements, or `@` and `~` of hstore, cube, intarray, seg")
                        .refuses(
                                "objects use columns or operators that extensions no longer have in PostgreSQL {target}")
                        .advises(
                                "Rewrite or drop them on the source before: pg_stat_statements has total_exec_time and the like"
                                        + " since 13 and shared_blk_read_time since 17, and the operators are @> and <@.")
                        .signs(Sign.EXTENSIONS)
                        .query("""
                                SELECT i.type || ' ' || i.identity || ' (' || string_agg(DISTINCT m.label, ', ') || ')'
                                  FROM (
                                        SELECT 'pg_class'::regclass::oid AS class, a.attrelid AS object,
                                               a.attnum::integer AS sub, 'column ' || c.relname || '.' || a.attname AS label
                                          FROM pg_class c
                                          JOIN pg_attribute a ON a.attrelid = c.oid
                                          JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
                                          JOIN pg_extension e ON e.oid = d.refobjid
                                         WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
                                           AND e.extname = 'pg_stat_statements' AND c.relname = 'pg_stat_statements'
                                           AND (a.attname IN ('total_time', 'min_time', 'max_time', 'mean_time', 'stddev_time')
                                                AND {major} >= 1300
                                                OR a.attname IN ('blk_read_time', 'blk_write_time') AND {major} >= 1700)
                                        UNION ALL
                                        SELECT 'pg_operator'::regclass, o.oid, 0, 'operator ' || o.oprname || ' of ' || e.extname
                                          FROM pg_operator o
                                          JOIN pg_depend d ON d.classid = 'pg_operator'::regclass AND d.objid = o.oid
                                          JOIN pg_extension e ON e.oid = d.refobjid
                                         WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
                                           AND e.extname IN ('hstore', 'cube', 'intarray', 'seg') AND o.oprname IN ('@', '~')
                                           AND {major} >= 1400
                                       ) m
                                  JOIN pg_depend u ON u.refclassid = m.class AND u.refobjid = m.object AND u.refobjsubid = m.sub
                                  LEFT JOIN pg_rewrite r
                                       ON u.classid = 'pg_rewrite'::regclass AND r.oid = u.objid AND r.rulename = '_RETURN'
                                 CROSS JOIN LATERAL pg_identify_object(
                                       CASE WHEN r.oid IS NULL THEN u.classid ELSE 'pg_class'::regclass END,
                                       coalesce(r.ev_class, u.objid), CASE WHEN r.oid IS NULL THEN u.objsubid ELSE 0 END) AS i
                                 WHERE u.deptype IN ('n', 'a')
                                   AND NOT EXISTS (SELECT FROM pg_depend d
                                                    WHERE d.deptype = 'e' AND d.objid IN (u.objid, r.ev_class))
                                   AND u.classid NOT IN ('pg_amop'::regclass, 'pg_opfamily'::regclass, 'pg_opclass'::regclass)
                                 GROUP BY i.type, i.identity
                                 ORDER BY 1
                                """),
                new BuiltinCastsCheck(builtins),
                // Their functions take one argument more since 14; those that use built-in functions arrive.
                // https://www.postgresql.org/docs/release/14.0/ "User-defined encoding conversions"
                removedIn(
                                V14,
                                "encoding-conversions",
                                "before 14 to 14 and later: encoding conversions with functions of the user's")
                        .refuses("encoding conversions have functions with the five arguments of before PostgreSQL 14")
                        .advises(
                                "Drop them on the source before, and create them anew on the target, with functions of six"
                                        + " arguments.")
                        .signs(Sign.made("pg_conversion"))
                        .query("""
                                SELECT i.type || ' ' || i.identity
                                  FROM pg_conversion c
                                 CROSS JOIN LATERAL pg_identify_object('pg_conversion'::regclass, c.oid, 0) AS i
                                 WHERE c.conproc >= 16384 AND {made pg_conversion c.oid}
                                 ORDER BY 1
                                """),
                // Nondeterministic collations came with 12. https://www.postgresql.org/docs/release/18.0/ "Require
                // primary/foreign key relationships to use either deterministic collations or the same ones"
                removedIn(
                                V18,
                                "foreign-key-collations",
                                "12 to 17 to 18 and later: foreign keys between different collations, one of them"
                                        + " nondeterministic")
                        .when(context -> context.source().version().isAtLeast(V12))
                        .refuses(
                                "foreign keys connect columns of different collations, one of them nondeterministic, which"
                                        + " PostgreSQL 18 refuses")
                        .advises(
                                "Give both columns the same collation on the source before (ALTER TABLE ... ALTER COLUMN ..."
                                        + " TYPE ... COLLATE ...), or drop the constraint.")
                        .signs(Sign.some("pg_collation", "NOT collisdeterministic"))
                        .query("""
                                SELECT DISTINCT i.type || ' ' || i.identity
                                  FROM pg_constraint c
                                 CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (referencing, referenced)
                                  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.referencing
                                  JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.referenced
                                  JOIN pg_collation ac ON ac.oid = a.attcollation
                                  JOIN pg_collation bc ON bc.oid = b.attcollation
                                 CROSS JOIN LATERAL pg_identify_object('pg_constraint'::regclass, c.oid, 0) AS i
                                 WHERE c.contype = 'f' AND c.conparentid = 0 AND ac.oid <> bc.oid
                                   AND NOT (ac.collisdeterministic AND bc.collisdeterministic)
                                 ORDER BY 1
                                """),
                new FunctionSettingsCheck(),
                new InternalFunctionsCheck(builtins),
                new SearchPathCheck(),
                new FunctionTextsCheck(builtins),
                new NewBuiltinsCheck(builtins));
    }
}
