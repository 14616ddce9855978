-- Every function and procedure that is no extension's nor compiled code, with what its
-- body sees: arguments in order, OUT columns included, and for triggers the tables they are on.
SELECT
    p.oid,
    n.nspname AS schema,
    p.proname AS name,
    l.lanname AS language,
    p.prosrc AS body,
    p.prorettype = 'pg_catalog.trigger'::regtype AS is_trigger,
    pg_get_functiondef(p.oid) AS definition,
    coalesce(p.proconfig, '{}') AS settings,
    coalesce(p.proargnames, '{}') AS names,
    coalesce(p.proargmodes::text [], '{}') AS modes,
    ARRAY(
        SELECT format_type(t.type, NULL)
        FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid [])) WITH ORDINALITY AS t (type, i)
        ORDER BY t.i
    ) AS types,
    ARRAY(
        SELECT y.typtype = 'p'
        FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid [])) WITH ORDINALITY AS t (type, i)
        INNER JOIN pg_type AS y ON t.type = y.oid
        ORDER BY t.i
    ) AS pseudo,
    ARRAY(
        SELECT DISTINCT quote_ident(rn.nspname) || '.' || quote_ident(r.relname)
        FROM pg_trigger AS g
        INNER JOIN pg_class AS r ON g.tgrelid = r.oid
        INNER JOIN pg_namespace AS rn ON r.relnamespace = rn.oid
        WHERE g.tgfoid = p.oid AND NOT g.tgisinternal
        ORDER BY 1
    ) AS tables,
    ARRAY(
        SELECT DISTINCT x.name::text
        FROM pg_trigger AS g, unnest(ARRAY[g.tgnewtable, g.tgoldtable]) AS x (name)
        WHERE g.tgfoid = p.oid AND x.name IS NOT NULL
        ORDER BY 1
    ) AS transition_tables
FROM pg_proc AS p
INNER JOIN pg_namespace AS n ON p.pronamespace = n.oid
INNER JOIN pg_language AS l ON p.prolang = l.oid
WHERE
    l.lanname NOT IN ('internal', 'c')
    AND p.prokind IN ('f', 'p')
    AND p.prosqlbody IS NULL
    AND n.nspname <> ALL(%(ignored)s)
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    )
ORDER BY n.nspname, p.proname, p.oid
