-- What the catalog says of some tables and of what belongs to them, names aside where they mean nothing.
-- $1 has the names of the tables as regclass takes them.
WITH tables AS (
    SELECT to_regclass(name)::oid AS oid FROM unnest($1::text[]) AS name
)
SELECT md5(string_agg(said, chr(10) ORDER BY said COLLATE "C")) FROM (
    SELECT concat_ws(
        ' ', 'table', c.oid::regclass, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.reloptions::text,
        (SELECT string_agg(acl::text, ',' ORDER BY acl::text) FROM unnest(c.relacl) AS acl),
        pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid),
        CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END
    ) AS said
    FROM pg_class AS c JOIN tables AS t ON t.oid = c.oid
    UNION ALL
    SELECT concat_ws(
        ' ', 'column', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
        a.attgenerated, a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid), a.attacl::text
    )
    FROM pg_attribute AS a
    JOIN tables AS t ON t.oid = a.attrelid
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT concat_ws(' ', 'child', h.inhparent::regclass, h.inhrelid::regclass, pg_get_expr(c.relpartbound, c.oid))
    FROM pg_inherits AS h JOIN tables AS t ON t.oid = h.inhparent JOIN pg_class AS c ON c.oid = h.inhrelid
    UNION ALL
    SELECT concat_ws(
        ' ', 'domain', d.oid::regtype, d.typnotnull, d.typdefault,
        (SELECT string_agg(pg_get_constraintdef(c.oid), ',' ORDER BY c.conname) FROM pg_constraint AS c WHERE c.contypid = d.oid)
    )
    FROM pg_type AS d WHERE d.typtype = 'd' AND d.oid >= 16384
    UNION ALL
    SELECT concat_ws(' ', 'constraint', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid), c.condeferrable, c.condeferred)
    FROM pg_constraint AS c JOIN tables AS t ON t.oid IN (c.conrelid, c.confrelid)
    UNION ALL
    SELECT concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid), i.indisvalid)
    FROM pg_index AS i JOIN tables AS t ON t.oid = i.indrelid
    UNION ALL
    SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(g.oid), g.tgenabled)
    FROM pg_trigger AS g JOIN tables AS t ON t.oid = g.tgrelid
    WHERE NOT g.tgisinternal
    UNION ALL
    SELECT concat_ws(
        ' ', 'policy', p.polrelid::regclass, p.polname, p.polcmd, p.polpermissive,
        (SELECT string_agg(r::text, ',' ORDER BY r::text) FROM unnest(p.polroles) AS r),
        pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
    )
    FROM pg_policy AS p JOIN tables AS t ON t.oid = p.polrelid
) AS found
