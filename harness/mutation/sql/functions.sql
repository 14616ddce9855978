-- Functions and procedures of users.
SELECT
    n.nspname::text AS schema,
    p.proname::text AS name,
    pg_get_function_identity_arguments(p.oid) AS arguments,
    l.lanname::text AS language,
    p.prokind = 'p' AS procedure,
    CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END AS volatility,
    p.prosecdef AS definer,
    p.proisstrict AS strict,
    CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE' END AS parallel,
    coalesce(p.proconfig, '{}') AS settings,
    coalesce(p.prosrc, '') AS source,
    ARRAY(
        SELECT ARRAY[
            format_type(t.oid, NULL),
            CASE WHEN coalesce(b.typtype, t.typtype) = 'e' THEN 'enum' ELSE coalesce(b.typname, t.typname)::text END
        ]
        FROM unnest(p.proargtypes) WITH ORDINALITY AS a (oid, n)
        JOIN pg_type AS t ON t.oid = a.oid
        LEFT JOIN pg_type AS b ON b.oid = t.typbasetype
        ORDER BY a.n
    ) AS parameters,
    p.provariadic <> 0 AS variadic,
    p.proretset OR r.typtype = 'c' AS rows,
    p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype) AS trigger,
    EXISTS (
        SELECT FROM pg_depend AS d
        WHERE
            d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid AND d.classid <> ALL (ARRAY[
                'pg_trigger'::regclass, 'pg_constraint'::regclass, 'pg_attrdef'::regclass,
                'pg_policy'::regclass, 'pg_rewrite'::regclass, 'pg_class'::regclass
            ])
    ) AS elsewhere,
    pg_get_functiondef(p.oid) AS definition
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_language AS l ON l.oid = p.prolang
JOIN pg_type AS r ON r.oid = p.prorettype
WHERE
    p.prokind IN ('f', 'p')
    AND l.lanname IN ('sql', 'plpgsql')
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND n.nspname <> ALL ($1::text[])
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    )
ORDER BY 1, 2, 3
