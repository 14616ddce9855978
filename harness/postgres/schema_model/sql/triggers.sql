-- Triggers of users by name, which is the order in which those of one event fire.
SELECT
    r.oid AS "table",
    t.tgname::text AS name,
    CASE WHEN t.tgtype & 64 <> 0 THEN 'instead of' WHEN t.tgtype & 2 <> 0 THEN 'before' ELSE 'after' END AS timing,
    CASE WHEN t.tgtype & 1 <> 0 THEN 'row' ELSE 'statement' END AS level,
    array_remove(ARRAY[
        CASE WHEN t.tgtype & 4 <> 0 THEN 'insert' END,
        CASE WHEN t.tgtype & 16 <> 0 THEN 'update' END,
        CASE WHEN t.tgtype & 8 <> 0 THEN 'delete' END,
        CASE WHEN t.tgtype & 32 <> 0 THEN 'truncate' END
    ], NULL) AS events,
    ARRAY(
        SELECT a.attname::text
        FROM unnest(t.tgattr::smallint[]) AS k (attnum)
        JOIN pg_attribute AS a ON a.attrelid = t.tgrelid AND a.attnum = k.attnum
        ORDER BY a.attnum
    ) AS update_columns,
    -- pg_get_expr refuses OLD and NEW: two relations.
    substring(pg_get_triggerdef(t.oid) FROM ' WHEN \((.*)\) EXECUTE (?:FUNCTION|PROCEDURE) ') AS "when",
    n.nspname::text AS function_schema,
    p.proname::text AS function_name,
    p.prosrc AS source,
    l.lanname::text AS language,
    CASE t.tgenabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END AS enabled,
    t.tgconstraint <> 0 AS is_constraint,
    t.tgdeferrable AS deferrable,
    t.tginitdeferred AS deferred,
    t.tgparentid <> 0 AS inherited,
    t.tgoldtable::text AS old_table,
    t.tgnewtable::text AS new_table,
    pg_get_triggerdef(t.oid) AS definition
FROM pg_trigger AS t
JOIN relations AS r ON r.oid = t.tgrelid
JOIN pg_proc AS p ON p.oid = t.tgfoid
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_language AS l ON l.oid = p.prolang
WHERE NOT t.tgisinternal
ORDER BY r.oid, t.tgname COLLATE "C"
