-- Trigger details (not in pgTAP).

-- The bits of pg_trigger.tgtype.
CREATE FUNCTION tap._trigger_timing(type integer) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT CASE WHEN type & 64 <> 0 THEN 'INSTEAD OF' WHEN type & 2 <> 0 THEN 'BEFORE' ELSE 'AFTER' END
$fn$;

CREATE FUNCTION tap._trigger_level(type integer) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT CASE WHEN type & 1 <> 0 THEN 'ROW' ELSE 'STATEMENT' END
$fn$;

CREATE FUNCTION tap._trigger_events(type integer) RETURNS text[] LANGUAGE sql IMMUTABLE AS $fn$
SELECT array_remove(ARRAY[
    CASE WHEN type & 4 <> 0 THEN 'INSERT' END,
    CASE WHEN type & 8 <> 0 THEN 'DELETE' END,
    CASE WHEN type & 16 <> 0 THEN 'UPDATE' END,
    CASE WHEN type & 32 <> 0 THEN 'TRUNCATE' END
], NULL)
$fn$;

CREATE FUNCTION tap._trigger_state(state "char") RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT CASE state
    WHEN 'O' THEN 'ORIGIN' WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' ELSE 'DISABLED'
END
$fn$;

-- Without the WHEN and the parentheses around it. "OLD" and "NEW" may be in either case.
CREATE FUNCTION tap._trigger_condition(trigger_id oid) RETURNS text
LANGUAGE sql STABLE AS $fn$
SELECT substring(pg_get_triggerdef(trigger_id, true) FROM ' WHEN \((.*)\) EXECUTE ')
$fn$;

CREATE FUNCTION tap._condition(sql text) RETURNS text LANGUAGE sql IMMUTABLE AS $fn$
SELECT tap._without_layout(replace(replace(sql, 'OLD.', 'old.'), 'NEW.', 'new.'))
$fn$;

/*# trigger_{value}_is([schema name,] table name, trigger name, {value} text [, description text])
Tests the {value} of a trigger: {values}.
describe: 'Trigger ' || quote_ident(:trigger) || ' on ' || tap._relation_name(:schema, :table)
    || ' should {be} ' || upper(:{value})

SELECT trigger_{value}_is('orders', 'orders_audit', '{example}');
for value | values | be | column | example
    timing | BEFORE, AFTER or INSTEAD OF | fire | tgtype | AFTER
    level | ROW or STATEMENT | fire for each | tgtype | ROW
    state | ORIGIN, ALWAYS, REPLICA or DISABLED | be in state | tgenabled | ALWAYS
*/
$$
DECLARE
    found_trigger pg_trigger := tap._trigger(tap._relation(:schema, :table), :trigger);
BEGIN
    IF found_trigger.oid IS NULL THEN
        RETURN tap._missing_on('Trigger', :trigger, :schema, :table, :description);
    END IF;
    RETURN tap.is(
        tap._trigger_{value}(found_trigger.{column}), upper(:{value}), :description
    );
END;
$$;

/*# trigger_is_enabled([schema name,] table name, trigger name [, description text])
Tests that a trigger fires in ordinary sessions, not only in those that apply replication.
describe: 'Trigger ' || quote_ident(:trigger) || ' on ' || tap._relation_name(:schema, :table)
    || ' should be enabled'
*/
$$
DECLARE
    found_trigger pg_trigger := tap._trigger(tap._relation(:schema, :table), :trigger);
BEGIN
    IF found_trigger.oid IS NULL THEN
        RETURN tap._missing_on('Trigger', :trigger, :schema, :table, :description);
    END IF;
    RETURN tap._ok(
        found_trigger.tgenabled IN ('O', 'A'),
        :description,
        '        have: ' || tap._trigger_state(found_trigger.tgenabled)
            || E'\n        want: ORIGIN or ALWAYS'
    );
END;
$$;

-- UPDATE OF some columns is one event for each of them.
CREATE FUNCTION tap._events_of(found_trigger pg_trigger) RETURNS text[]
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    events text[] := tap._trigger_events(found_trigger.tgtype);
BEGIN
    IF cardinality(found_trigger.tgattr::smallint[]) > 0 THEN
        events := array_remove(events, 'UPDATE') || ARRAY(
            SELECT 'UPDATE OF ' || attname
            FROM pg_attribute
            WHERE attrelid = found_trigger.tgrelid
                AND attnum = ANY (found_trigger.tgattr::smallint[])
        );
    END IF;
    RETURN ARRAY(SELECT unnest(events) ORDER BY 1);
END;
$fn$;

CREATE FUNCTION tap._wanted_events(events text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $fn$
SELECT array_agg(DISTINCT upper(substring(event FROM '(?i)^(?:update of|\S+)'))
    || coalesce(substring(event FROM '(?i)^update of( .*)'), ''))
FROM unnest(events) AS event
$fn$;

/*# trigger_events_are([schema name,] table name, trigger name, events text[]
    [, description text])
Tests the events of a trigger: INSERT, DELETE, UPDATE, TRUNCATE, or UPDATE OF a column.
describe: 'Trigger ' || quote_ident(:trigger) || ' on ' || tap._relation_name(:schema, :table)
    || ' should fire on the right events'

Every column of an UPDATE OF is an event of its own::

    SELECT trigger_events_are('orders', 'orders_audit',
        ARRAY['INSERT', 'UPDATE OF total', 'UPDATE OF state']);
*/
$$
DECLARE
    found_trigger pg_trigger := tap._trigger(tap._relation(:schema, :table), :trigger);
BEGIN
    IF found_trigger.oid IS NULL THEN
        RETURN tap._missing_on('Trigger', :trigger, :schema, :table, :description);
    END IF;
    RETURN tap.is(
        array_to_string(tap._events_of(found_trigger), ', '),
        array_to_string(tap._wanted_events(:events), ', '),
        :description
    );
END;
$$;

/*# trigger_order_is([schema name,] table name, timing text, event text, level text,
    triggers name[] [, description text])
Tests the order in which the enabled triggers of one timing, event and level fire.
describe: upper(:timing) || ' ' || upper(:event) || ' triggers for each ' || upper(:level)
    || ' of ' || tap._relation_name(:schema, :table) || ' should fire in the right order'

PostgreSQL fires them in the byte order of their names, so a new one may come in between::

    SELECT trigger_order_is('orders', 'BEFORE', 'INSERT', 'ROW', ARRAY['a_check', 'b_stamp']);
*/
$$
DECLARE
    relation oid := tap._relation(:schema, :table);
BEGIN
    IF relation IS NULL THEN
        RETURN tap._ok(
            false, :description, '    Table ' || tap._dotted(:schema, :table) || ' does not exist'
        );
    END IF;
    RETURN tap.is(
        ARRAY(
            SELECT tgname
            FROM pg_trigger
            WHERE tgrelid = relation
                AND NOT tgisinternal
                AND tgenabled IN ('O', 'A')
                AND tap._trigger_timing(tgtype) = upper(:timing)
                AND tap._trigger_level(tgtype) = upper(:level)
                AND upper(:event) = ANY (tap._trigger_events(tgtype))
            ORDER BY tgname
        ),
        :triggers,
        :description
    );
END;
$$;

/*# trigger_when_is([schema name,] table name, trigger name, condition text
    [, description text])
Tests the WHEN condition of a trigger; NULL stands for none.
describe: 'Trigger ' || quote_ident(:trigger) || ' on ' || tap._relation_name(:schema, :table)
    || ' should have the right WHEN condition'

The condition is written as psql shows it; white space makes no difference::

    SELECT trigger_when_is('orders', 'orders_audit', 'old.* IS DISTINCT FROM new.*');
*/
$$
DECLARE
    found_trigger pg_trigger := tap._trigger(tap._relation(:schema, :table), :trigger);
    have text := tap._trigger_condition(found_trigger.oid);
BEGIN
    IF found_trigger.oid IS NULL THEN
        RETURN tap._missing_on('Trigger', :trigger, :schema, :table, :description);
    END IF;
    RETURN tap._ok(
        tap._condition(have) IS NOT DISTINCT FROM tap._condition(:condition),
        :description,
        '        have: ' || coalesce(have, 'NULL')
            || E'\n        want: ' || coalesce(:condition, 'NULL')
    );
END;
$$;
