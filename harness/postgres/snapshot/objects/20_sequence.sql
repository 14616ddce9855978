-- Sequences with their options and the column that owns them, without the values they stand at.
SELECT
    'pg_class'::regclass AS classid,
    r.oid AS objid,
    0 AS objsubid,
    r.name AS identity,
    concat_ws(
        ' ',
        CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED' END,
        format(
            'AS %s START %s INCREMENT %s MINVALUE %s MAXVALUE %s CACHE %s',
            format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache
        ),
        CASE WHEN q.seqcycle THEN 'CYCLE' END,
        CASE
            WHEN t.name IS NOT NULL
                THEN format(CASE d.deptype WHEN 'i' THEN 'IDENTITY OF %s.%I' ELSE 'OWNED BY %s.%I' END, t.name, a.attname)
        END
    ) AS definition
FROM relations AS r
JOIN pg_class AS c ON c.oid = r.oid
JOIN pg_sequence AS q ON q.seqrelid = r.oid
LEFT JOIN pg_depend AS d
    ON
        d.classid = 'pg_class'::regclass
        AND d.objid = r.oid
        AND d.refclassid = 'pg_class'::regclass
        AND d.deptype IN ('a', 'i')
LEFT JOIN every_relation AS t ON t.oid = d.refobjid
LEFT JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
