-- What is defined together: a *unit* is a table with its indexes and constraints, a function or a
-- type. The rows of the catalogs that have an OID, and the unit that each belongs to.
WITH nodes AS MATERIALIZED (
    SELECT 'pg_class'::regclass AS classid, c.oid, coalesce(i.indrelid, t.oid, c.oid) AS unit
    FROM pg_class AS c
    LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
    LEFT JOIN pg_class AS t ON t.reltoastrelid = c.oid AND c.relkind = 't'
    WHERE c.oid >= 16384
    UNION ALL
    SELECT
        'pg_type'::regclass,
        t.oid,
        -- A row's type is its table's, an array is its element's, a multirange its range's.
        coalesce(nullif(t.typrelid, 0), nullif(e.typrelid, 0), e.oid, r.rngtypid, t.oid)
    FROM pg_type AS t
    LEFT JOIN pg_type AS e ON e.typarray = t.oid
    LEFT JOIN pg_range AS r ON r.rngmultitypid = t.oid
    WHERE t.oid >= 16384
    UNION ALL
    SELECT 'pg_proc'::regclass, p.oid, p.oid FROM pg_proc AS p WHERE p.oid >= 16384
    UNION ALL
    SELECT 'pg_constraint'::regclass, c.oid, coalesce(nullif(c.conrelid, 0), c.contypid)
    FROM pg_constraint AS c
    UNION ALL
    SELECT 'pg_attrdef'::regclass, d.oid, d.adrelid FROM pg_attrdef AS d
    UNION ALL
    -- Those of a foreign key on the table referred to are no part of that table's definition.
    SELECT 'pg_trigger'::regclass, t.oid, t.tgrelid FROM pg_trigger AS t WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'pg_rewrite'::regclass, w.oid, w.ev_class FROM pg_rewrite AS w WHERE w.oid >= 16384
    UNION ALL
    SELECT 'pg_policy'::regclass, p.oid, p.polrelid FROM pg_policy AS p
    UNION ALL
    SELECT 'pg_statistic_ext'::regclass, x.oid, x.stxrelid FROM pg_statistic_ext AS x
    UNION ALL
    SELECT 'pg_publication_rel'::regclass, p.oid, p.prrelid FROM pg_publication_rel AS p
)
