-- Views, with their options (security_barrier, security_invoker, check_option).
SELECT
    'pg_class'::regclass AS classid,
    r.oid AS objid,
    0 AS objsubid,
    r.name AS identity,
    concat_ws(
        E'\n',
        'WITH (' || (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) AS o) || ')',
        pg_get_viewdef(c.oid)
    ) AS definition
FROM relations AS r
JOIN pg_class AS c ON c.oid = r.oid
WHERE r.relkind = 'v'
