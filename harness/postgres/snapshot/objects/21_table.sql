-- Tables: what is said of the whole; a plain table has nothing to say.
SELECT
    'pg_class'::regclass AS classid,
    r.oid AS objid,
    0 AS objsubid,
    r.name AS identity,
    concat_ws(
        E'\n',
        CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED' END,
        'OF ' || format_type(nullif(c.reloftype, 0), NULL),
        'PARTITION BY ' || pg_get_partkeydef(c.oid),
        (
            SELECT string_agg(
                CASE WHEN c.relispartition THEN 'PARTITION OF ' ELSE 'INHERITS ' END || h.inhparent::regclass,
                E'\n' ORDER BY h.inhseqno
            )
            FROM pg_inherits AS h
            WHERE h.inhrelid = c.oid
        ),
        pg_get_expr(c.relpartbound, c.oid),
        'USING ' || nullif((SELECT m.amname FROM pg_am AS m WHERE m.oid = c.relam), 'heap'),
        'WITH (' || (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) AS o) || ')',
        'TOAST WITH (' || (
            SELECT string_agg(o, ', ' ORDER BY o)
            FROM pg_class AS t
            CROSS JOIN unnest(t.reloptions) AS o
            WHERE t.oid = c.reltoastrelid
        ) || ')',
        'TABLESPACE ' || (SELECT quote_ident(t.spcname) FROM pg_tablespace AS t WHERE t.oid = c.reltablespace),
        CASE WHEN c.relrowsecurity THEN 'ENABLE ROW LEVEL SECURITY' END,
        CASE WHEN c.relforcerowsecurity THEN 'FORCE ROW LEVEL SECURITY' END,
        'REPLICA IDENTITY ' || CASE c.relreplident
            WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' WHEN 'i' THEN 'USING INDEX'
        END
    ) AS definition
FROM relations AS r
JOIN pg_class AS c ON c.oid = r.oid
WHERE r.relkind IN ('r', 'p')
