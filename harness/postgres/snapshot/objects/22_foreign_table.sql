-- Foreign tables: server, options, parents.
SELECT
    'pg_class'::regclass AS classid,
    r.oid AS objid,
    0 AS objsubid,
    r.name AS identity,
    concat_ws(
        E'\n',
        (
            SELECT string_agg(
                CASE WHEN c.relispartition THEN 'PARTITION OF ' ELSE 'INHERITS ' END || h.inhparent::regclass,
                E'\n' ORDER BY h.inhseqno
            )
            FROM pg_inherits AS h
            WHERE h.inhrelid = c.oid
        ),
        pg_get_expr(c.relpartbound, c.oid),
        'SERVER ' || quote_ident(v.srvname),
        'OPTIONS (' || (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(f.ftoptions) AS o) || ')'
    ) AS definition
FROM relations AS r
JOIN pg_class AS c ON c.oid = r.oid
JOIN pg_foreign_table AS f ON f.ftrelid = r.oid
JOIN pg_foreign_server AS v ON v.oid = f.ftserver
