-- Transforms between types and languages.
SELECT
    'pg_transform'::regclass AS classid,
    t.oid AS objid,
    0 AS objsubid,
    format('FOR %s LANGUAGE %I', format_type(t.trftype, NULL), l.lanname) AS identity,
    concat_ws(
        ' ',
        'FROM SQL ' || nullif(t.trffromsql, 0)::regprocedure,
        'TO SQL ' || nullif(t.trftosql, 0)::regprocedure
    ) AS definition
FROM pg_transform AS t
JOIN pg_language AS l ON l.oid = t.trflang
WHERE t.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_transform'::regclass)
