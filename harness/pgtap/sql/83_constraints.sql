-- Constraint details (not in pgTAP).

-- The constraint of that name on a table, or a row of NULLs.
CREATE FUNCTION tap._constraint(relation oid, constraint_name name) RETURNS pg_constraint
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    found_constraint pg_constraint;
BEGIN
    SELECT * INTO found_constraint
    FROM pg_constraint
    WHERE conrelid = relation AND conname = constraint_name;
    RETURN found_constraint;
END;
$fn$;

CREATE FUNCTION tap._missing_on(
    kind text, object name, schema name, table_name name, description text
) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    RETURN tap._ok(
        false,
        description,
        '    ' || kind || ' ' || quote_ident(object) || ' does not exist on '
            || tap._dotted(schema, table_name)
    );
END;
$fn$;

-- SQL without the white space that makes no difference, as far as one can tell without reading
-- literals.
CREATE FUNCTION tap._without_layout(sql text) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT btrim(regexp_replace(regexp_replace(sql, '\s+', ' ', 'g'), ' ?([][(),]) ?', '\1', 'g'))
$fn$;

/*# constraint_def_is([schema name,] table name, constraint name, definition text
    [, description text])
Tests the definition of a constraint, as pg_get_constraintdef() gives it.
describe: 'Constraint ' || quote_ident(:constraint) || ' on '
    || tap._relation_name(:schema, :table) || ' should have the right definition'

White space makes no difference::

    SELECT constraint_def_is('orders', 'orders_total_check', 'CHECK ((total >= 0))');
*/
$$
DECLARE
    found_constraint pg_constraint :=
        tap._constraint(tap._relation(:schema, :table), :constraint);
    have text := pg_get_constraintdef(found_constraint.oid);
BEGIN
    IF found_constraint.oid IS NULL THEN
        RETURN tap._missing_on('Constraint', :constraint, :schema, :table, :description);
    END IF;
    RETURN tap._ok(
        coalesce(tap._without_layout(have) = tap._without_layout(:definition), false),
        :description,
        '        have: ' || have || E'\n        want: ' || coalesce(:definition, 'NULL')
    );
END;
$$;

/*# constraint_is_{property}([schema name,] table name, constraint name [, description text])
Tests that a constraint is {property}.
describe: 'Constraint ' || quote_ident(:constraint) || ' on '
    || tap._relation_name(:schema, :table) || ' should be {property}'
for property | column
    deferrable | condeferrable
    valid      | convalidated
*/
$$
DECLARE
    found_constraint pg_constraint :=
        tap._constraint(tap._relation(:schema, :table), :constraint);
BEGIN
    IF found_constraint.oid IS NULL THEN
        RETURN tap._missing_on('Constraint', :constraint, :schema, :table, :description);
    END IF;
    RETURN tap.ok(found_constraint.{column}, :description);
END;
$$;

/*# fk_actions_are(schema name, table name, constraint name, actions jsonb, description text)
fk_actions_are(table name, constraint name, actions jsonb [, description text])
Tests what a foreign key does: on_delete, on_update, match, deferrable, initially.
describe: 'Foreign key ' || quote_ident(:constraint) || ' on ' || quote_ident(:table)
    || ' should have the right actions'

As with sequence_is(), what is not named is not tested::

    SELECT fk_actions_are('orders', 'orders_customer_id_fkey',
        '{"on_delete": "CASCADE", "match": "SIMPLE", "deferrable": true, "initially": "DEFERRED"}');
*/
$$
DECLARE
    found_constraint pg_constraint :=
        tap._constraint(tap._relation(:schema, :table), :constraint);
BEGIN
    IF found_constraint.contype IS DISTINCT FROM 'f' THEN
        RETURN tap._missing_on('Foreign key', :constraint, :schema, :table, :description);
    END IF;
    RETURN tap._options_are(
        jsonb_build_object(
            'on_delete', tap._key_action(found_constraint.confdeltype),
            'on_update', tap._key_action(found_constraint.confupdtype),
            'match', CASE found_constraint.confmatchtype
                WHEN 'f' THEN 'FULL' WHEN 'p' THEN 'PARTIAL' ELSE 'SIMPLE'
            END,
            'deferrable', found_constraint.condeferrable,
            'initially', CASE
                WHEN found_constraint.condeferred THEN 'DEFERRED' ELSE 'IMMEDIATE'
            END
        ),
        :actions,
        :description
    );
END;
$$;
