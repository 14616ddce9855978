-- The units of objects ($1), and those whose definitions may name one of them, at any distance.
, edges AS MATERIALIZED (
    -- An operator, say, is no unit, but it leads from a function to what uses it.
    SELECT coalesce(o.unit, d.objid) AS unit, coalesce(r.unit, d.refobjid) AS used
    FROM pg_depend AS d
    LEFT JOIN nodes AS o ON o.classid = d.classid AND o.oid = d.objid
    LEFT JOIN nodes AS r ON r.classid = d.refclassid AND r.oid = d.refobjid
    WHERE d.objid >= 16384 AND d.refobjid >= 16384
),

found AS (
    (
        SELECT unnest($1::oid[]) AS unit
        UNION
        SELECT n.unit FROM nodes AS n WHERE n.oid = ANY ($1::oid[])
    )
    UNION
    SELECT e.unit FROM found AS f JOIN edges AS e ON e.used = f.unit AND e.unit <> f.unit
)
SELECT unit FROM found
