-- Text search parsers.
SELECT
    'pg_ts_parser'::regclass AS classid,
    p.oid AS objid,
    0 AS objsubid,
    format('%s.%I', s.name, p.prsname) AS identity,
    concat_ws(
        ' ',
        format('START %s GETTOKEN %s END %s LEXTYPES %s', p.prsstart, p.prstoken, p.prsend, p.prslextype),
        'HEADLINE ' || nullif(p.prsheadline, 0)::regproc
    ) AS definition
FROM pg_ts_parser AS p
JOIN schemas AS s ON s.oid = p.prsnamespace
WHERE p.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_ts_parser'::regclass)
