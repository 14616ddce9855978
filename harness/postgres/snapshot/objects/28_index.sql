-- Indexes, those of constraints included.
SELECT
    'pg_class'::regclass AS classid,
    r.oid AS objid,
    0 AS objsubid,
    r.name AS identity,
    concat_ws(
        ' ',
        pg_get_indexdef(r.oid),
        'PARTITION OF ' || (SELECT h.inhparent::regclass FROM pg_inherits AS h WHERE h.inhrelid = r.oid),
        'TABLESPACE ' || (SELECT quote_ident(t.spcname) FROM pg_tablespace AS t WHERE t.oid = c.reltablespace),
        'STATISTICS (' || (
            SELECT string_agg(a.attnum || ': ' || a.attstattarget, ', ' ORDER BY a.attnum)
            FROM pg_attribute AS a
            WHERE a.attrelid = r.oid AND a.attstattarget >= 0
        ) || ')',
        CASE WHEN i.indisclustered THEN 'CLUSTERED' END,
        CASE WHEN i.indisreplident THEN 'REPLICA IDENTITY' END,
        CASE WHEN NOT i.indisvalid THEN 'INVALID' END
    ) AS definition
FROM pg_index AS i
JOIN relations AS r ON r.oid = i.indexrelid
JOIN every_relation AS t ON t.oid = i.indrelid
JOIN pg_class AS c ON c.oid = i.indexrelid
