-- Tables and views, by schema and name.
SELECT
    r.oid,
    r.schema,
    r.name,
    CASE
        WHEN r.relkind = 'v' THEN 'view'
        WHEN r.relkind = 'f' THEN 'foreign'
        WHEN r.relkind = 'p' THEN 'partitioned'
        WHEN c.relispartition THEN 'partition'
        ELSE 'ordinary'
    END AS kind,
    CASE c.relpersistence WHEN 'p' THEN 'permanent' WHEN 'u' THEN 'unlogged' ELSE 'temporary' END AS persistence,
    c.relispartition AS is_partition,
    pg_get_expr(c.relpartbound, c.oid) AS bound,
    CASE WHEN c.relispartition THEN pg_get_partition_constraintdef(c.oid) END AS partition_check,
    CASE WHEN r.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
    CASE WHEN r.relkind = 'v' THEN pg_get_viewdef(c.oid) END AS definition,
    -- 8 is INSERT, by the server's own rewriter, INSTEAD OF triggers and rules included.
    CASE WHEN r.relkind IN ('v', 'f') THEN pg_relation_is_updatable(c.oid, true) & 8 <> 0 ELSE true END AS insertable,
    c.relrowsecurity AS row_security,
    ARRAY(
        SELECT h.inhparent::bigint FROM pg_inherits AS h WHERE h.inhrelid = r.oid ORDER BY h.inhseqno
    ) AS parents,
    ARRAY(
        SELECT DISTINCT d.refobjid::bigint
        FROM pg_rewrite AS w
        JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        WHERE r.relkind = 'v' AND w.ev_class = r.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.oid
    ) AS reads
FROM relations AS r
JOIN pg_class AS c ON c.oid = r.oid
ORDER BY r.schema COLLATE "C", r.name COLLATE "C"
