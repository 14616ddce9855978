-- Foreign keys.

-- One row for each foreign key, the oldest first. As in pgTAP the keys of a table show only to
-- roles that have a privilege on it. The server keeps a copy of a key for each partition of the
-- table that it references; the key that was declared shows, the copies do not.
CREATE FUNCTION tap._foreign_keys(
    relation oid, OUT columns name[], OUT referenced oid, OUT referenced_columns name[]
) RETURNS SETOF record LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN QUERY
        SELECT
            tap._column_names(conrelid, conkey),
            confrelid,
            tap._column_names(confrelid, confkey)
        FROM pg_constraint
        WHERE conrelid = relation
            AND contype = 'f'
            AND NOT EXISTS (
                SELECT FROM pg_constraint AS declared
                WHERE declared.oid = pg_constraint.conparentid
                    AND declared.conrelid = pg_constraint.conrelid
            )
            AND has_table_privilege(
                conrelid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'
            )
        ORDER BY pg_constraint.oid;
END;
$fn$;

CREATE FUNCTION tap._is_foreign_key(relation oid, wanted name[]) RETURNS boolean
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN EXISTS (SELECT FROM tap._foreign_keys(relation) WHERE columns = wanted);
END;
$fn$;

/*# col_is_fk(schema name, table name, columns name[]|name, description text)
col_is_fk(table name, columns name[]|name [, description text])
Tests that these columns, in this order, are a foreign key.
describe: tap._columns(:table, :columns) || ' should be a foreign key'
*/
$$
DECLARE
    keys text;
BEGIN
    IF tap._is_foreign_key(tap._relation(:schema, :table), :columns) THEN
        RETURN tap.ok(true, :description);
    END IF;
    -- Without a schema pgTAP lists the keys of every table of that name.
    SELECT string_agg(E'\n        ' || tap._identifiers(columns), '' ORDER BY columns) INTO keys
    FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    CROSS JOIN tap._foreign_keys(pg_class.oid)
    WHERE relname = :table AND (:schema IS NULL OR nspname = :schema);
    RETURN tap.ok(false, :description) || E'\n' || tap.diag(
        '    Table ' || tap._known_name(:schema, :table)
        || coalesce(' has foreign key constraints on these columns:' || keys,
                    ' has no foreign key columns')
    );
END;
$$;

/*# col_isnt_fk(schema name, table name, columns name[]|name, description text)
col_isnt_fk(table name, columns name[]|name [, description text])
Tests that these columns are not a foreign key.
describe: tap._columns(:table, :columns) || ' should not be a foreign key'
*/
$$
SELECT tap.ok(
    NOT tap._is_foreign_key(tap._relation(:schema, :table), :columns), :description
)
$$;

-- The columns of fk_ok() as one text, whether there is one or are many.
CREATE FUNCTION tap._identifiers(name) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT coalesce(quote_ident($1), '')
$fn$;

-- pgTAP quotes the names of fk_ok() only here and there; so do we. Of several keys on the
-- same columns the oldest counts.
/*# fk_ok(fk_schema name, fk_table name, fk_columns name[],
    pk_schema name, pk_table name, pk_columns name[] [, description text])
fk_ok(fk_schema name, fk_table name, fk_columns name,
    pk_schema name, pk_table name, pk_columns name, description text)
describe: quote_ident(:fk_schema) || '.' || quote_ident(:fk_table)
    || '(' || tap._identifiers(:fk_columns) || ') should reference '
    || :pk_schema || '.' || :pk_table || '(' || tap._identifiers(:pk_columns) || ')'
fk_ok(fk_table name, fk_columns name[], pk_table name, pk_columns name[] [, description text])
fk_ok(fk_table name, fk_columns name, pk_table name, pk_columns name [, description text])
describe: :fk_table || '(' || tap._identifiers(:fk_columns) || ') should reference '
    || :pk_table || '(' || tap._identifiers(:pk_columns) || ')'
Tests that a foreign key references these columns of another table.
*/
$$
DECLARE
    schemas boolean := :fk_schema IS NOT NULL OR :pk_schema IS NOT NULL;
    referencing text := CASE
        WHEN schemas THEN quote_ident(:fk_schema) || '.' || quote_ident(:fk_table)
        ELSE :fk_table
    END || '(' || tap._identifiers(:fk_columns) || ') REFERENCES ';
    have text;
BEGIN
    SELECT
        CASE WHEN schemas THEN nspname || '.' ELSE '' END || relname
            || '(' || tap._identifiers(referenced_columns) || ')'
    INTO have
    FROM tap._foreign_keys(tap._relation(:fk_schema, :fk_table)) WITH ORDINALITY
    JOIN pg_class ON pg_class.oid = referenced
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE columns = :fk_columns
    ORDER BY ordinality
    LIMIT 1;
    RETURN tap.is(
        referencing || coalesce(have, 'NOTHING'),
        referencing || CASE WHEN schemas THEN :pk_schema || '.' ELSE '' END || :pk_table
            || '(' || tap._identifiers(:pk_columns) || ')',
        :description
    );
END;
$$;

-- In pgTAP the last argument of this one is a text.
CREATE FUNCTION tap.fk_ok(name, name, name, name, name, text) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.fk_ok($1, $2, ARRAY[$3], $4, $5, ARRAY[$6]::name[])
$fn$;
COMMENT ON FUNCTION tap.fk_ok(name, name, name, name, name, text)
IS 'Tests that a foreign key references these columns of another table.';
