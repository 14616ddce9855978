-- Column types and default values.

-- As format_type() shows it, but always with its schema.
CREATE FUNCTION tap._qualified_type(type_id oid, typmod integer) RETURNS text
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    shown text := format_type(type_id, typmod);
    prefix text := (
        SELECT quote_ident(nspname) || '.'
        FROM pg_type
        JOIN pg_namespace ON pg_namespace.oid = typnamespace
        WHERE pg_type.oid = type_id
    );
BEGIN
    RETURN CASE WHEN starts_with(shown, prefix) THEN shown ELSE prefix || shown END;
END;
$fn$;

-- Compares types as format_type() shows them; the wanted one is NULL where it does not exist.
CREATE FUNCTION tap._type_is(
    have text, want text, want_name text, column_name text, description text
) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    IF have IS NULL THEN
        RETURN tap.ok(false, description) || E'\n'
            || tap.diag('   Column ' || column_name || ' does not exist');
    ELSIF want IS NULL THEN
        RETURN tap.ok(false, description) || E'\n'
            || tap.diag('    Type ' || want_name || ' does not exist');
    END IF;
    RETURN tap._ok(
        have = want, description, '        have: ' || have || E'\n        want: ' || want
    );
END;
$fn$;

-- A type of a schema, as _qualified_type() shows it.
CREATE FUNCTION tap._type_of_schema(schema name, type text) RETURNS text
LANGUAGE plpgsql AS $fn$
DECLARE
    wanted oid := tap._type_id(schema, type);
    prefix text := quote_ident(schema) || '.';
    shown text := tap.format_type_string(
        CASE WHEN wanted = tap._type_id(type) THEN type ELSE prefix || type END
    );
BEGIN
    RETURN CASE WHEN starts_with(shown, prefix) THEN shown ELSE prefix || shown END;
END;
$fn$;

-- Here, unlike elsewhere, pgTAP takes a schema that is NULL for the search path: the parameter
-- is not called "schema", so that it arrives unchanged.
/*# col_type_is(in_schema name, table name, column name, type text [, description text])
describe: 'Column ' || quote_ident(:in_schema) || '.' || quote_ident(:table) || '.'
    || quote_ident(:column) || ' should be type ' || :type
col_type_is(table name, column name, type text [, description text])
describe: 'Column ' || quote_ident(:table) || '.' || quote_ident(:column)
    || ' should be type ' || :type
Tests that a column has this type.
*/
$$
DECLARE
    found_column pg_attribute := tap._column(tap._relation(:in_schema, :table), :column);
BEGIN
    RETURN tap._type_is(
        format_type(found_column.atttypid, found_column.atttypmod),
        tap.format_type_string(:type),
        :type,
        tap._relation_name(:in_schema, :table) || '.' || quote_ident(:column),
        :description
    );
END;
$$;

/*# col_type_is(schema name, table name, column name, type_schema name, type text
    [, description text])
Tests that a column has this type of this schema.
describe: 'Column ' || quote_ident(:schema) || '.' || quote_ident(:table) || '.'
    || quote_ident(:column) || ' should be type ' || quote_ident(:type_schema) || '.' || :type
*/
$$
DECLARE
    found_column pg_attribute := tap._column(tap._relation(:schema, :table), :column);
BEGIN
    RETURN tap._type_is(
        tap._qualified_type(found_column.atttypid, found_column.atttypmod),
        tap._type_of_schema(:type_schema, :type),
        quote_ident(:type_schema) || '.' || :type,
        tap._dotted(:schema, :table) || '.' || quote_ident(:column),
        :description
    );
END;
$$;

-- pgTAP compares a literal default by its value, in the type of the column, and anything that
-- looks like a call by its text.
CREATE FUNCTION tap._is_call(expression text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $fn$
SELECT expression ~ '^[^'']+\(' OR expression ~ '\)::[^'']+$' OR expression IN (
    'CURRENT_CATALOG', 'CURRENT_DATE', 'CURRENT_ROLE', 'CURRENT_SCHEMA', 'CURRENT_TIME',
    'CURRENT_TIMESTAMP', 'CURRENT_USER', 'LOCALTIME', 'LOCALTIMESTAMP', 'SESSION_USER',
    'SYSTEM_USER', 'USER'
)
$fn$;

-- Both sides of the comparison as text, and its result. What cannot be evaluated or does not
-- fit the type (a generated column, a misspelt value), and what has no operator for equality,
-- is compared by its text: an assertion may fail, but it does not abort the script.
CREATE FUNCTION tap._compare_default(
    column_type text, INOUT have text, INOUT want text, OUT same boolean
) LANGUAGE plpgsql AS $fn$
DECLARE
    expression text := format('(%s)::%s', have, column_type);
    literal text := format('%L::%s', want, column_type);
BEGIN
    IF NOT tap._is_call(have) THEN
        BEGIN
            EXECUTE format('SELECT (%s)::text, (%s)::text', expression, literal) INTO have, want;
            EXECUTE format('SELECT %s IS NOT DISTINCT FROM %s', expression, literal) INTO same;
            RETURN;
        EXCEPTION WHEN OTHERS THEN
            NULL;
        END;
    END IF;
    same := have IS NOT DISTINCT FROM want;
END;
$fn$;

/*# col_default_is(schema name, table name, column name, value text|anyelement, description text)
col_default_is(table name, column name, value text|anyelement [, description text])
Tests that a column has this default.
describe: 'Column ' || quote_ident(:table) || '.' || quote_ident(:column) || ' should default to '
    || quote_nullable(:value)
*/
$$
DECLARE
    relation oid := tap._relation(:schema, :table);
    found_column pg_attribute := tap._column(relation, :column);
    compared record;
BEGIN
    IF found_column.attnum IS NULL THEN
        RETURN tap._no_column(tap._known_name(:schema, :table), :column, :description);
    ELSIF NOT found_column.atthasdef THEN
        RETURN tap.ok(false, :description) || E'\n' || tap.diag(
            '    Column ' || tap._known_name(:schema, :table) || '.' || quote_ident(:column)
            || ' has no default'
        );
    END IF;
    compared := tap._compare_default(
        format_type(found_column.atttypid, found_column.atttypmod),
        (
            SELECT pg_get_expr(adbin, adrelid)
            FROM pg_attrdef
            WHERE adrelid = relation AND adnum = found_column.attnum
        ),
        :value
    );
    RETURN tap._ok(
        compared.same,
        :description,
        '        have: ' || coalesce(compared.have, 'NULL')
            || E'\n        want: ' || coalesce(compared.want, 'NULL')
    );
END;
$$;
