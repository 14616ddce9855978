-- Tables, views, materialised and foreign tables of user schemas, with what access to them hangs on.
SELECT
    c.oid::bigint AS oid,
    n.nspname::text AS schema,
    c.relname::text AS name,
    c.relkind::text AS kind,
    c.relrowsecurity AS protected,
    c.relforcerowsecurity AS forced,
    c.relispartition AS is_partition,
    o.rolname::text AS owner,
    o.rolsuper OR o.rolbypassrls AS owner_bypasses,
    coalesce((
        SELECT bool_or(lower(option_value) IN ('true', 'on', '1', 'yes'))
        FROM pg_options_to_table(c.reloptions) WHERE option_name = 'security_invoker'
    ), false) AS invoker,
    coalesce((
        SELECT bool_or(lower(option_value) IN ('true', 'on', '1', 'yes'))
        FROM pg_options_to_table(c.reloptions) WHERE option_name = 'security_barrier'
    ), false) AS barrier,
    (
        SELECT option_value FROM pg_options_to_table(c.reloptions) WHERE option_name = 'check_option'
    ) AS check_option,
    CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition,
    CASE WHEN c.relkind IN ('v', 'f') THEN pg_relation_is_updatable(c.oid, true) ELSE 28 END AS updatable,
    ARRAY(
        SELECT h.inhparent::bigint FROM pg_inherits AS h WHERE h.inhrelid = c.oid ORDER BY h.inhseqno
    ) AS parents,
    ARRAY(
        SELECT DISTINCT d.refobjid::bigint
        FROM pg_rewrite AS w
        JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        WHERE w.ev_class = c.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> c.oid
    ) AS reads,
    ARRAY(
        SELECT json_build_object(
            'name', a.attname,
            'type', coalesce(b.typname, t.typname),
            'kind', coalesce(b.typtype, t.typtype),
            'labels', ARRAY(
                SELECT e.enumlabel FROM pg_enum AS e
                WHERE e.enumtypid = coalesce(b.oid, t.oid) ORDER BY e.enumsortorder
            ),
            'not_null', a.attnotnull,
            'generated', a.attgenerated <> '',
            'identity', a.attidentity,
            'has_default', a.atthasdef OR a.attidentity <> '',
            'in_key', EXISTS (
                SELECT FROM pg_index AS i
                WHERE i.indrelid = c.oid AND i.indisunique AND a.attnum = ANY (i.indkey)
            ),
            -- A constraint of several columns looks at it, or the choice of a partition does.
            'in_check', EXISTS (
                SELECT FROM pg_partitioned_table AS q
                WHERE q.partrelid IN (SELECT pg_partition_ancestors(c.oid)) AND EXISTS (
                    SELECT FROM pg_attribute AS k
                    WHERE k.attrelid = q.partrelid AND k.attnum = ANY (q.partattrs) AND k.attname = a.attname
                )
            ) OR EXISTS (
                SELECT FROM pg_constraint AS k
                WHERE
                    k.conrelid = c.oid
                    AND a.attnum = ANY (k.conkey)
                    AND (k.contype IN ('f', 'x') OR (k.contype = 'c' AND cardinality(k.conkey) > 1))
            )
        )
        FROM pg_attribute AS a
        JOIN pg_type AS t ON t.oid = a.atttypid
        LEFT JOIN pg_type AS b ON b.oid = t.typbasetype
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY a.attnum
    ) AS columns
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_roles AS o ON o.oid = c.relowner
WHERE
    c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND n.nspname !~ '^pg_'
    AND n.nspname <> 'information_schema'
    AND n.nspname <> ALL ($1::text[])
    AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    )
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
