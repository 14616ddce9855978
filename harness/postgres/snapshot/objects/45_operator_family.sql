-- Operator families with their operators and support functions.
SELECT
    'pg_opfamily'::regclass AS classid,
    f.oid AS objid,
    0 AS objsubid,
    format('%s.%I USING %I', s.name, f.opfname, m.amname) AS identity,
    concat_ws(
        E'\n',
        (
            SELECT string_agg(
                format('OPERATOR %s %s', o.amopstrategy, o.amopopr::regoperator)
                || coalesce(' FOR ORDER BY ' || (
                    SELECT format('%I.%I', n.nspname, b.opfname)
                    FROM pg_opfamily AS b
                    JOIN pg_namespace AS n ON n.oid = b.opfnamespace
                    WHERE b.oid = o.amopsortfamily
                ), ''),
                E'\n' ORDER BY o.amopstrategy, o.amopopr::regoperator::text
            )
            FROM pg_amop AS o
            WHERE o.amopfamily = f.oid
        ),
        (
            SELECT string_agg(
                format(
                    'FUNCTION %s (%s, %s) %s',
                    p.amprocnum, format_type(p.amproclefttype, NULL), format_type(p.amprocrighttype, NULL),
                    p.amproc::regprocedure
                ),
                E'\n' ORDER BY p.amprocnum, p.amproclefttype::regtype::text, p.amprocrighttype::regtype::text
            )
            FROM pg_amproc AS p
            WHERE p.amprocfamily = f.oid
        )
    ) AS definition
FROM pg_opfamily AS f
JOIN schemas AS s ON s.oid = f.opfnamespace
JOIN pg_am AS m ON m.oid = f.opfmethod
WHERE f.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_opfamily'::regclass)
