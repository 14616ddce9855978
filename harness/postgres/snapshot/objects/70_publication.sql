-- Publications; their tables and schemas are listed by themselves.
SELECT
    'pg_publication'::regclass AS classid,
    p.oid AS objid,
    0 AS objsubid,
    quote_ident(p.pubname) AS identity,
    concat_ws(
        ' ',
        CASE WHEN p.puballtables THEN 'FOR ALL TABLES' END,
        format('PUBLISH (%s)', concat_ws(
            ', ',
            CASE WHEN p.pubinsert THEN 'insert' END,
            CASE WHEN p.pubupdate THEN 'update' END,
            CASE WHEN p.pubdelete THEN 'delete' END,
            CASE WHEN p.pubtruncate THEN 'truncate' END
        )),
        CASE WHEN p.pubviaroot THEN 'VIA ROOT' END,
        CASE to_jsonb(p) ->> 'pubgencols' WHEN 's' THEN 'GENERATED COLUMNS stored' END
    ) AS definition
FROM pg_publication AS p
WHERE p.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_publication'::regclass)
