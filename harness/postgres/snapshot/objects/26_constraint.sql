-- Constraints of tables and domains; NOT NULL stands with its column, trigger constraints with the triggers.
SELECT
    'pg_constraint'::regclass AS classid,
    c.oid AS objid,
    0 AS objsubid,
    CASE
        WHEN c.conrelid <> 0 THEN format('%I ON %s', c.conname, r.name)
        ELSE format('%I ON DOMAIN %s', c.conname, c.contypid::regtype)
    END AS identity,
    concat_ws(
        ' ',
        pg_get_constraintdef(c.oid),
        CASE WHEN c.coninhcount > 0 THEN CASE WHEN c.conislocal THEN 'INHERITED AND LOCAL' ELSE 'INHERITED' END END,
        -- DISABLE TRIGGER ALL switches a foreign key off.
        CASE WHEN c.contype = 'f' AND EXISTS (
            SELECT 1 FROM pg_trigger AS t WHERE t.tgconstraint = c.oid AND t.tgenabled <> 'O'
        ) THEN 'TRIGGERS NOT ENABLED' END
    ) AS definition
FROM pg_constraint AS c
JOIN schemas AS s ON s.oid = c.connamespace
LEFT JOIN relations AS r ON r.oid = c.conrelid
WHERE
    c.contype NOT IN ('n', 't')
    AND (r.oid IS NOT NULL OR (c.conrelid = 0 AND ($4::oid[] IS NULL OR c.contypid IN (SELECT unit FROM wanted))))
    AND c.contypid NOT IN (SELECT objid FROM members WHERE classid = 'pg_type'::regclass)
    -- The server's own copies, one for each partition of the table referred to.
    AND NOT EXISTS (SELECT 1 FROM pg_constraint AS p WHERE p.oid = c.conparentid AND p.conrelid = c.conrelid)
