-- What guards rows and is not tried with rows: kind, schema, object, its part, and its words.
WITH schemas AS (
    SELECT n.oid, n.nspname::text AS name, n.nspacl, n.nspowner
    FROM pg_namespace AS n
    WHERE
        n.nspname !~ '^pg_'
        AND n.nspname <> 'information_schema'
        AND n.nspname <> ALL ($1::text[])
),

of_extensions AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
),

relations AS (
    SELECT c.*, s.name AS schema
    FROM pg_class AS c
    JOIN schemas AS s ON s.oid = c.relnamespace
    WHERE
        c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
        AND (('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM of_extensions))
),

functions AS (
    SELECT p.*, s.name AS schema, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS called
    FROM pg_proc AS p
    JOIN schemas AS s ON s.oid = p.pronamespace
    WHERE
        p.prokind IN ('f', 'p', 'a')
        AND (('pg_proc'::regclass, p.oid) NOT IN (SELECT classid, objid FROM of_extensions))
),

types AS (
    SELECT t.*, s.name AS schema
    FROM pg_type AS t
    JOIN schemas AS s ON s.oid = t.typnamespace
    WHERE
        (
            t.typtype IN ('d', 'e', 'r')
            OR t.typrelid IN (SELECT c.oid FROM pg_class AS c WHERE c.relkind = 'c')
        )
        AND (('pg_type'::regclass, t.oid) NOT IN (SELECT classid, objid FROM of_extensions))
),

privileges AS (
    SELECT
        a.schema, a.name, a.kind,
        coalesce(r.rolname::text, 'PUBLIC') || ': '
        || string_agg(
            e.privilege_type || CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END,
            ', ' ORDER BY e.privilege_type
        ) AS words
    FROM (
        SELECT schema, relname::text AS name, 'grants' AS kind, relacl AS acl, relowner AS owner FROM relations
        UNION ALL
        SELECT schema, called, 'grants', coalesce(proacl, acldefault('f', proowner)), proowner FROM functions
        UNION ALL
        SELECT name, '*', 'grants', nspacl, nspowner FROM schemas
        UNION ALL
        SELECT r.schema, r.relname::text, 'grants on ' || a.attname, a.attacl, r.relowner
        FROM relations AS r
        JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attacl IS NOT NULL
    ) AS a
    CROSS JOIN LATERAL aclexplode(a.acl) AS e
    LEFT JOIN pg_roles AS r ON r.oid = e.grantee
    WHERE e.grantee <> a.owner
    GROUP BY a.schema, a.name, a.kind, r.rolname
)

SELECT 'function' AS kind, f.schema, f.called AS name, f.proname::text AS part, concat_ws(
    ' ', 'LANGUAGE', l.lanname, f.provolatile, CASE WHEN f.proisstrict THEN 'STRICT' END,
    CASE WHEN f.prosecdef THEN 'SECURITY DEFINER' END, array_to_string(f.proconfig, ' '),
    'RETURNS', format_type(f.prorettype, NULL),
    'AS', coalesce(pg_get_function_sqlbody(f.oid), f.prosrc),
    'SFUNC ' || g.aggtransfn::regproc, 'STYPE ' || format_type(g.aggtranstype, NULL),
    'INITCOND ' || quote_literal(g.agginitval), 'FINALFUNC ' || nullif(g.aggfinalfn, 0)::regproc
) AS words
FROM functions AS f
JOIN pg_language AS l ON l.oid = f.prolang
LEFT JOIN pg_aggregate AS g ON g.aggfnoid = f.oid
UNION ALL
SELECT 'policy', r.schema, r.relname::text, p.polname::text, concat_ws(
    ' ', CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END, 'FOR', p.polcmd::text, 'TO',
    coalesce((
        SELECT string_agg(o.rolname::text, ', ' ORDER BY o.rolname::text)
        FROM pg_roles AS o
        WHERE o.oid = ANY (p.polroles)
    ), 'PUBLIC'),
    'USING', pg_get_expr(p.polqual, p.polrelid), 'WITH CHECK', pg_get_expr(p.polwithcheck, p.polrelid)
)
FROM pg_policy AS p
JOIN relations AS r ON r.oid = p.polrelid
UNION ALL
SELECT 'row security', schema, relname::text, 'row security', concat_ws(
    ' ', 'ENABLED', CASE WHEN relforcerowsecurity THEN 'FORCED' END
)
FROM relations
WHERE relrowsecurity
UNION ALL
SELECT 'view', schema, relname::text, relname::text, concat_ws(
    ' ', array_to_string(reloptions, ', '), pg_get_viewdef(oid)
)
FROM relations
WHERE relkind IN ('v', 'm')
UNION ALL
SELECT 'rule', r.schema, r.relname::text, w.rulename::text, concat_ws(
    ' ', CASE w.ev_enabled WHEN 'D' THEN 'DISABLED' WHEN 'R' THEN 'REPLICA' WHEN 'A' THEN 'ALWAYS' END,
    pg_get_ruledef(w.oid)
)
FROM pg_rewrite AS w
JOIN relations AS r ON r.oid = w.ev_class
WHERE w.ev_type <> '1'
UNION ALL
SELECT 'sequence', r.schema, r.relname::text, r.relname::text, concat_ws(
    ' ', 'AS', format_type(q.seqtypid, NULL), 'START', q.seqstart, 'INCREMENT', q.seqincrement,
    'MINVALUE', q.seqmin, 'MAXVALUE', q.seqmax, 'CACHE', q.seqcache, CASE WHEN q.seqcycle THEN 'CYCLE' END
)
FROM relations AS r
JOIN pg_sequence AS q ON q.seqrelid = r.oid
UNION ALL
SELECT 'type', t.schema, t.typname::text, t.typname::text, CASE t.typtype
    WHEN 'e' THEN (
        SELECT 'ENUM ' || string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
        FROM pg_enum AS e
        WHERE e.enumtypid = t.oid
    )
    WHEN 'c' THEN (
        SELECT 'COMPOSITE ' || string_agg(
            a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum
        )
        FROM pg_attribute AS a
        WHERE a.attrelid = t.typrelid AND NOT a.attisdropped
    )
    WHEN 'r' THEN (SELECT 'RANGE OF ' || format_type(g.rngsubtype, NULL) FROM pg_range AS g WHERE g.rngtypid = t.oid)
    ELSE concat_ws(
        ' ', 'DOMAIN', format_type(t.typbasetype, t.typtypmod), CASE WHEN t.typnotnull THEN 'NOT NULL' END,
        'DEFAULT ' || t.typdefault, (
            SELECT string_agg(c.conname || ' ' || pg_get_constraintdef(c.oid), ' ' ORDER BY c.conname)
            FROM pg_constraint AS c
            WHERE c.contypid = t.oid AND c.contype = 'c'
        )
    )
END
FROM types AS t
UNION ALL
SELECT 'partition', r.schema, r.relname::text, r.relname::text, concat_ws(
    ' ', 'OF', i.inhparent::regclass, pg_get_expr(r.relpartbound, r.oid)
)
FROM relations AS r
JOIN pg_inherits AS i ON i.inhrelid = r.oid
WHERE r.relispartition
UNION ALL
SELECT 'collation', r.schema, r.relname::text, a.attname::text, a.attcollation::regcollation::text
FROM relations AS r
JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0
JOIN pg_type AS t ON t.oid = a.atttypid
WHERE r.relkind IN ('r', 'p') AND NOT a.attisdropped AND a.attcollation <> t.typcollation
UNION ALL
SELECT 'policy', r.schema, r.relname::text, 'permissive policies', string_agg(p.polname, ', ' ORDER BY p.polname)
FROM pg_policy AS p
JOIN relations AS r ON r.oid = p.polrelid
WHERE p.polpermissive
GROUP BY r.schema, r.relname
UNION ALL
SELECT 'grants', o.schema, o.name, o.kind, coalesce(string_agg(p.words, '; ' ORDER BY p.words), 'nobody')
FROM (
    SELECT schema, relname::text AS name, 'grants' AS kind FROM relations
    UNION
    SELECT schema, called, 'grants' FROM functions
    UNION
    SELECT schema, name, kind FROM privileges
) AS o
LEFT JOIN privileges AS p ON (p.schema, p.name, p.kind) = (o.schema, o.name, o.kind)
GROUP BY o.schema, o.name, o.kind
ORDER BY 1, 2, 3, 4
