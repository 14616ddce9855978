-- Materialized views; whether one has been filled is its data.
SELECT
    'pg_class'::regclass AS classid,
    r.oid AS objid,
    0 AS objsubid,
    r.name AS identity,
    concat_ws(
        E'\n',
        'USING ' || nullif((SELECT m.amname FROM pg_am AS m WHERE m.oid = c.relam), 'heap'),
        'WITH (' || (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) AS o) || ')',
        'TABLESPACE ' || (SELECT quote_ident(t.spcname) FROM pg_tablespace AS t WHERE t.oid = c.reltablespace),
        pg_get_viewdef(c.oid)
    ) AS definition
FROM relations AS r
JOIN pg_class AS c ON c.oid = r.oid
WHERE r.relkind = 'm'
