-- Triggers.
--
-- Triggers that implement foreign keys are found by name but not listed.

-- The trigger of that name on a table, or a row of NULLs.
CREATE FUNCTION tap._trigger(relation oid, trigger_name name) RETURNS pg_trigger
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    found_trigger pg_trigger;
BEGIN
    SELECT * INTO found_trigger
    FROM pg_trigger
    WHERE tgrelid = relation AND tgname = trigger_name;
    RETURN found_trigger;
END;
$fn$;

/*# {has}_trigger([schema name,] table name, trigger name [, description text])
Tests that a table {has_it} a trigger.
describe: 'Table ' || tap._relation_name(:schema, :table) || ' {should} have trigger '
    || quote_ident(:trigger)
for has | has_it        | should     | is
    has   | has           | should     | IS NOT NULL
    hasnt | does not have | should not | IS NULL
*/
$$
BEGIN
    RETURN tap.ok(
        (tap._trigger(tap._relation(:schema, :table), :trigger)).oid {is}, :description
    );
END;
$$;

/*# trigger_is(table name, trigger name, function name [, description text])
Tests that a trigger calls this function.
describe: 'Trigger ' || quote_ident(:trigger) || ' should call ' || quote_ident(:function) || '()'
*/
$$
BEGIN
    RETURN tap.is(
        (
            SELECT proname::text
            FROM pg_proc
            WHERE oid = (tap._trigger(tap._relation(NULL, :table), :trigger)).tgfoid
        ),
        :function::text,
        :description
    );
END;
$$;

/*# trigger_is(schema name, table name, trigger name, function_schema name, function name
    [, description text])
Tests that a trigger calls this function of this schema.
describe: 'Trigger ' || quote_ident(:trigger) || ' should call '
    || quote_ident(:function_schema) || '.' || quote_ident(:function) || '()'
*/
$$
BEGIN
    RETURN tap.is(
        (
            SELECT quote_ident(nspname) || '.' || quote_ident(proname)
            FROM pg_proc
            JOIN pg_namespace ON pg_namespace.oid = pronamespace
            WHERE pg_proc.oid = (tap._trigger(tap._relation(:schema, :table), :trigger)).tgfoid
        ),
        quote_ident(:function_schema) || '.' || quote_ident(:function),
        :description
    );
END;
$$;

-- Without a schema pgTAP takes the triggers of every table of that name together.
/*# triggers_are([schema name,] table name, triggers name[] [, description text])
Tests that a table has these triggers and no others.
Those that implement foreign keys do not count.
describe: 'Table ' || tap._relation_name(:schema, :table) || ' should have the correct triggers'
*/
$$
BEGIN
    RETURN tap._are(
        'triggers',
        ARRAY(
            SELECT tgname
            FROM pg_trigger
            JOIN pg_class ON pg_class.oid = tgrelid
            JOIN pg_namespace ON pg_namespace.oid = relnamespace
            WHERE relname = :table
                AND (:schema IS NULL OR nspname = :schema)
                AND NOT tgisinternal
        ),
        :triggers,
        :description
    );
END;
$$;
