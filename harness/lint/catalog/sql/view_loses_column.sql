-- INSTEAD OF triggers, with the columns of a table that their views show under the same names.
SELECT
    n.nspname::text AS schema,
    v.relname::text AS view,
    t.tgname::text AS trigger,
    p.proname::text AS function,
    p.prosrc AS body,
    t.tgtype & 4 <> 0 AS inserts,
    t.tgtype & 16 <> 0 AS updates,
    s.relname::text AS "table",
    a.attname::text AS "column",
    a.atthasdef AS has_default
FROM pg_trigger AS t
JOIN pg_class AS v ON v.oid = t.tgrelid AND v.relkind = 'v'
JOIN pg_namespace AS n ON n.oid = v.relnamespace
JOIN pg_proc AS p ON p.oid = t.tgfoid
JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
JOIN pg_rewrite AS r ON r.ev_class = v.oid AND r.rulename = '_RETURN'
JOIN
    pg_depend AS d
    ON
        d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
        AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
JOIN pg_class AS s ON s.oid = d.refobjid AND s.relkind IN ('r', 'p')
JOIN pg_attribute AS a ON a.attrelid = s.oid AND a.attnum = d.refobjsubid
JOIN pg_attribute AS shown ON shown.attrelid = v.oid AND shown.attname = a.attname
WHERE
    t.tgtype & 64 <> 0 AND a.attidentity = '' AND a.attgenerated = ''
    AND NOT EXISTS (
        SELECT FROM pg_constraint AS k
        WHERE k.conrelid = s.oid AND k.contype = 'p' AND a.attnum = ANY (k.conkey)
    )
ORDER BY 1, 2, 3, a.attrelid, a.attnum
