-- Operator classes; their operators and functions stand with the families.
SELECT
    'pg_opclass'::regclass AS classid,
    o.oid AS objid,
    0 AS objsubid,
    format('%s.%I USING %I', s.name, o.opcname, m.amname) AS identity,
    concat_ws(
        ' ',
        CASE WHEN o.opcdefault THEN 'DEFAULT' END,
        'FOR TYPE ' || format_type(o.opcintype, NULL),
        format('FAMILY %I.%I', n.nspname, f.opfname),
        'STORAGE ' || format_type(nullif(o.opckeytype, 0), NULL)
    ) AS definition
FROM pg_opclass AS o
JOIN schemas AS s ON s.oid = o.opcnamespace
JOIN pg_am AS m ON m.oid = o.opcmethod
JOIN pg_opfamily AS f ON f.oid = o.opcfamily
JOIN pg_namespace AS n ON n.oid = f.opfnamespace
WHERE o.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_opclass'::regclass)
