-- Casts.
SELECT
    'pg_cast'::regclass AS classid,
    oid AS objid,
    0 AS objsubid,
    format('(%s AS %s)', format_type(castsource, NULL), format_type(casttarget, NULL)) AS identity,
    concat_ws(
        ' ',
        CASE castmethod
            WHEN 'f' THEN 'WITH FUNCTION ' || castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION'
        END,
        CASE castcontext WHEN 'a' THEN 'AS ASSIGNMENT' WHEN 'i' THEN 'AS IMPLICIT' END
    ) AS definition
FROM pg_cast
WHERE oid >= 16384 AND oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_cast'::regclass)
