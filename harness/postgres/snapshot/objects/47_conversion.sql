-- Conversions between encodings.
SELECT
    'pg_conversion'::regclass AS classid,
    c.oid AS objid,
    0 AS objsubid,
    format('%s.%I', s.name, c.conname) AS identity,
    concat_ws(
        ' ',
        CASE WHEN c.condefault THEN 'DEFAULT' END,
        format(
            'FOR %L TO %L FROM %s',
            pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding), c.conproc
        )
    ) AS definition
FROM pg_conversion AS c
JOIN schemas AS s ON s.oid = c.connamespace
WHERE c.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_conversion'::regclass)
