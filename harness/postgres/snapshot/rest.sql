-- The catalogs that units.sql and marks.sql do not look at, as far as the role may read them.
SELECT format('pg_catalog.%I', c.relname)
FROM pg_catalog.pg_class AS c
WHERE
    c.relnamespace = 'pg_catalog'::regnamespace
    AND c.relkind = 'r'
    AND has_table_privilege(c.oid, 'SELECT')
    AND c.relname NOT IN (
        'pg_class', 'pg_type', 'pg_proc', 'pg_constraint', 'pg_attrdef', 'pg_trigger', 'pg_rewrite', 'pg_policy',
        'pg_statistic_ext', 'pg_publication_rel', 'pg_attribute', 'pg_index', 'pg_inherits', 'pg_sequence',
        'pg_partitioned_table', 'pg_foreign_table', 'pg_enum', 'pg_range', 'pg_aggregate', 'pg_depend',
        'pg_description', 'pg_seclabel',
        -- pg_roles stands for it.
        'pg_authid',
        -- No definitions, and what is read each time.
        'pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject', 'pg_largeobject_metadata', 'pg_shdepend',
        'pg_database', 'pg_replication_origin', 'pg_subscription_rel'
    )
ORDER BY c.relname
