-- Domains; their checks are constraints.
SELECT
    'pg_type'::regclass AS classid,
    t.oid AS objid,
    0 AS objsubid,
    format('%s.%I', s.name, t.typname) AS identity,
    concat_ws(
        ' ',
        format_type(t.typbasetype, t.typtypmod),
        'COLLATE ' || nullif(nullif(t.typcollation, b.typcollation), 0)::regcollation,
        CASE WHEN t.typnotnull THEN 'NOT NULL' END,
        'DEFAULT ' || coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault))
    ) AS definition
FROM pg_type AS t
JOIN schemas AS s ON s.oid = t.typnamespace
JOIN pg_type AS b ON b.oid = t.typbasetype
WHERE
    t.typtype = 'd'
    AND t.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_type'::regclass)
    AND ($4::oid[] IS NULL OR t.oid IN (SELECT unit FROM wanted))
