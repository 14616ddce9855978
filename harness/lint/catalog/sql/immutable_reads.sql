-- Functions that are declared IMMUTABLE, and whether an index, a generated column or a
-- policy calls them.
SELECT
    n.nspname::text AS schema,
    p.proname::text AS name,
    coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) AS body,
    'timestamptz'::regtype = ANY (p.proargtypes)
    AND NOT coalesce(p.proconfig::text ~* 'timezone=', FALSE) AS zoned,
    EXISTS (
        SELECT FROM pg_depend AS d
        LEFT JOIN pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
        LEFT JOIN pg_attrdef AS e ON d.classid = 'pg_attrdef'::regclass AND e.oid = d.objid
        LEFT JOIN pg_attribute AS a ON a.attrelid = e.adrelid AND a.attnum = e.adnum
        WHERE
            d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
            AND (c.relkind IN ('i', 'I') OR a.attgenerated <> '')
    ) AS stored,
    EXISTS (
        SELECT FROM pg_depend AS d
        WHERE
            d.classid = 'pg_policy'::regclass
            AND d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
    ) AS decides
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname IN ('sql', 'plpgsql')
WHERE
    p.provolatile = 'i' AND p.prokind = 'f'
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    )
ORDER BY 1, 2
