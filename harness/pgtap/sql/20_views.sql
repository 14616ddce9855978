-- The two views of pgTAP's interface. Their columns are part of it; scripts query them.

CREATE VIEW tap.tap_funky AS
SELECT
    p.oid,
    n.nspname AS schema,
    p.proname AS name,
    pg_catalog.pg_get_userbyid(p.proowner) AS owner,
    pg_catalog.array_to_string(p.proargtypes::pg_catalog.regtype[], ',') AS args,
    CASE WHEN p.proretset THEN 'setof ' ELSE '' END
        || pg_catalog.format_type(p.prorettype, NULL) AS returns,
    p.prolang AS langoid,
    p.proisstrict AS is_strict,
    p.prokind AS kind,
    p.prosecdef AS is_definer,
    p.proretset AS returns_set,
    p.provolatile::character(1) AS volatility,
    pg_catalog.pg_function_is_visible(p.oid) AS is_visible
FROM pg_catalog.pg_proc AS p
INNER JOIN pg_catalog.pg_namespace AS n ON p.pronamespace = n.oid;
GRANT SELECT ON tap.tap_funky TO PUBLIC;

-- The column names of a key, in the order of the key.
CREATE FUNCTION tap._key_columns(relation oid, numbers smallint[]) RETURNS name[]
LANGUAGE sql STABLE AS $fn$
SELECT ARRAY(
    SELECT a.attname
    FROM pg_catalog.unnest($2) WITH ORDINALITY AS k (number, position)
    INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = $1 AND a.attnum = k.number
    ORDER BY k.position
)
$fn$;

CREATE FUNCTION tap._key_action("char") RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT CASE $1
    WHEN 'a' THEN 'NO ACTION'
    WHEN 'r' THEN 'RESTRICT'
    WHEN 'c' THEN 'CASCADE'
    WHEN 'n' THEN 'SET NULL'
    WHEN 'd' THEN 'SET DEFAULT'
END
$fn$;

-- As in pgTAP, these are the keys of the tables that the current role may use. The copies that
-- the server keeps of a key, one for each partition of the table that it references, are not
-- in here. The referenced index need not belong to a constraint.
CREATE VIEW tap.pg_all_foreign_keys AS
SELECT
    fn.nspname AS fk_schema_name,
    fc.relname AS fk_table_name,
    k.conname AS fk_constraint_name,
    fc.oid AS fk_table_oid,
    tap._key_columns(k.conrelid, k.conkey) AS fk_columns,
    pn.nspname AS pk_schema_name,
    pc.relname AS pk_table_name,
    pk.conname AS pk_constraint_name,
    pc.oid AS pk_table_oid,
    pi.relname AS pk_index_name,
    tap._key_columns(k.confrelid, k.confkey) AS pk_columns,
    CASE k.confmatchtype WHEN 'f' THEN 'FULL' WHEN 'p' THEN 'PARTIAL' END AS match_type,
    tap._key_action(k.confdeltype) AS on_delete,
    tap._key_action(k.confupdtype) AS on_update,
    k.condeferrable AS is_deferrable,
    k.condeferred AS is_deferred
FROM pg_catalog.pg_constraint AS k
INNER JOIN pg_catalog.pg_class AS fc ON k.conrelid = fc.oid
INNER JOIN pg_catalog.pg_namespace AS fn ON fc.relnamespace = fn.oid
INNER JOIN pg_catalog.pg_class AS pc ON k.confrelid = pc.oid
INNER JOIN pg_catalog.pg_namespace AS pn ON pc.relnamespace = pn.oid
INNER JOIN pg_catalog.pg_class AS pi ON k.conindid = pi.oid
LEFT JOIN pg_catalog.pg_constraint AS pk ON pk.conindid = pi.oid AND pk.contype IN ('p', 'u')
WHERE
    k.contype = 'f'
    AND NOT EXISTS (
        SELECT
        FROM pg_catalog.pg_constraint AS declared
        WHERE declared.oid = k.conparentid AND declared.conrelid = k.conrelid
    )
    AND pg_catalog.has_schema_privilege(fn.oid, 'USAGE')
    AND pg_catalog.has_table_privilege(
        fc.oid, 'SELECT, INSERT, UPDATE, DELETE, REFERENCES, TRIGGER'
    );
GRANT SELECT ON tap.pg_all_foreign_keys TO PUBLIC;
