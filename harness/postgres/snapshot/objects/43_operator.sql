-- Operators.
SELECT
    'pg_operator'::regclass AS classid,
    o.oid AS objid,
    0 AS objsubid,
    format(
        '%s.%s(%s, %s)',
        s.name, o.oprname, coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE'), format_type(o.oprright, NULL)
    ) AS identity,
    concat_ws(
        ' ',
        'FUNCTION ' || o.oprcode,
        'COMMUTATOR ' || nullif(o.oprcom, 0)::regoperator,
        'NEGATOR ' || nullif(o.oprnegate, 0)::regoperator,
        'RESTRICT ' || nullif(o.oprrest, 0)::regproc,
        'JOIN ' || nullif(o.oprjoin, 0)::regproc,
        CASE WHEN o.oprcanhash THEN 'HASHES' END,
        CASE WHEN o.oprcanmerge THEN 'MERGES' END
    ) AS definition
FROM pg_operator AS o
JOIN schemas AS s ON s.oid = o.oprnamespace
WHERE o.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_operator'::regclass)
