-- Acting as a user (not in pgTAP).

-- An identity is a jsonb object of settings: {"app.user_id": 1}. What is an object itself is a
-- setting that holds JSON, as claims are: {"request.jwt.claims": {"sub": "..."}}. SET app.user_id
-- would need a name that is no reserved word; set_config() takes any.

-- The names are kept, so that act_as_owner() can empty what was set.
CREATE FUNCTION tap._take_on(actor name, identity jsonb) RETURNS void
LANGUAGE plpgsql AS $fn$
DECLARE
    one record;
BEGIN
    PERFORM tap._step_back();
    FOR one IN SELECT * FROM jsonb_each_text(identity) LOOP
        PERFORM set_config(one.key, coalesce(one.value, ''), true);
    END LOOP;
    PERFORM set_config(
        'tap.taken_on',
        (SELECT coalesce(jsonb_agg(k), '[]')::text FROM jsonb_object_keys(identity) AS k),
        true
    );
    PERFORM set_config('role', actor, true);
END;
$fn$;

CREATE FUNCTION tap._step_back() RETURNS void
LANGUAGE plpgsql AS $fn$
DECLARE
    setting text;
BEGIN
    PERFORM set_config('role', 'none', true);
    FOR setting IN
        SELECT jsonb_array_elements_text(
            coalesce(nullif(current_setting('tap.taken_on', true), ''), '[]')::jsonb
        )
    LOOP
        PERFORM set_config(setting, '', true);
    END LOOP;
    PERFORM set_config('tap.taken_on', '', true);
END;
$fn$;

/*# act_as(role name [, identity jsonb]) -> void
Goes on as a role, with these settings, to the end of the transaction or act_as_owner().

Settings that an earlier act_as() made are empty then, as on a pooled connection::

    SELECT act_as('app', '{"app.user_id": 1}');
    SELECT act_as('authenticated', '{"request.jwt.claims": {"sub": "6f1c...", "role": "user"}}');
*/
$$
BEGIN
    PERFORM tap._take_on(:role, coalesce(:identity, '{}'));
END;
$$;

/*# act_as_owner() -> void
Goes on as whoever the session belongs to, without the settings of act_as().
*/
$$
BEGIN
    PERFORM tap._step_back();
END;
$$;

-- Everything that it does is undone. "reached" is NULL where rows are not what counts.
CREATE FUNCTION tap._try_as(
    actor name, identity jsonb, statement text,
    OUT reached bigint, OUT state text, OUT message text
)
LANGUAGE plpgsql AS $fn$
BEGIN
    PERFORM tap._take_on(actor, coalesce(identity, '{}'));
    EXECUTE statement;
    GET DIAGNOSTICS reached = ROW_COUNT;
    RAISE EXCEPTION USING ERRCODE = 'HA000';
EXCEPTION
    WHEN SQLSTATE 'HA000' THEN
        NULL;
    WHEN OTHERS THEN
        state := SQLSTATE;
        message := SQLERRM;
END;
$fn$;

-- A statement is taken as it is; of a name, one is made that would reach every row.
CREATE FUNCTION tap._statement_on(command text, object text) RETURNS text
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    changed text;
BEGIN
    IF object ~* ('^\s*(' || command || '|WITH|CALL)\s') THEN
        RETURN object;
    END IF;
    IF upper(command) = 'UPDATE' THEN
        SELECT quote_ident(a.attname) INTO changed
        FROM pg_attribute AS a
        WHERE
            a.attrelid = to_regclass(object)
            AND a.attnum > 0
            AND NOT a.attisdropped
            AND a.attgenerated = ''
            AND a.attidentity <> 'a'
        ORDER BY a.attnum DESC
        LIMIT 1;
    END IF;
    RETURN CASE upper(command)
        WHEN 'SELECT' THEN 'SELECT FROM ' || object
        WHEN 'INSERT' THEN 'INSERT INTO ' || object || ' DEFAULT VALUES'
        WHEN 'UPDATE' THEN 'UPDATE ' || object || ' SET ' || changed || ' = ' || changed
        WHEN 'DELETE' THEN 'DELETE FROM ' || object
        WHEN 'TRUNCATE' THEN 'TRUNCATE ' || object
        WHEN 'EXECUTE' THEN 'SELECT ' || object
    END;
END;
$fn$;

-- True: it did; false: it was refused, or reached nothing; NULL: neither was shown.
CREATE FUNCTION tap._tried(
    actor name, command text, object text, identity jsonb, OUT did boolean, OUT said text
)
LANGUAGE plpgsql AS $fn$
DECLARE
    statement text := tap._statement_on(command, object);
    by_rows boolean := upper(command) IN ('SELECT', 'UPDATE', 'DELETE');
    tried record;
    ours record;
BEGIN
    IF statement IS NULL THEN
        said := 'no statement is made of ' || quote_nullable(command);
        RETURN;
    END IF;
    tried := tap._try_as(actor, identity, statement);
    IF tried.state IN ('42501', '44000') THEN
        did := false;
        said := tried.state || ': ' || tried.message;
    ELSIF tried.state LIKE '23%' THEN
        did := true;  -- policies are asked before constraints
        said := 'it was permitted: ' || tried.message;
    ELSIF tried.state IS NOT NULL THEN
        said := tried.state || ': ' || tried.message;
    ELSIF by_rows AND tried.reached = 0 THEN
        ours := tap._try_as('none', '{}', statement);
        did := CASE WHEN ours.reached > 0 THEN false END;
        said := CASE WHEN did IS NULL THEN 'there is no row to reach' ELSE 'it reaches no row' END;
    ELSE
        did := true;
        said := CASE WHEN by_rows THEN 'it reaches rows' ELSE 'it was permitted' END;
    END IF;
END;
$fn$;

-- pgTAP has a can() of its own, which asks for functions on the search path.
/*# role_can(role name, command text, object text)
role_can(role name, command text, object text, identity jsonb [, description text])
Tests that a role can do something: it is tried, and undone.
describe: :role || ' can ' || upper(:command) || ' ' || split_part(btrim(:object), E'\n', 1)

The object is a table, a call for EXECUTE, or a whole statement. SELECT, UPDATE and DELETE have to
reach a row; what a constraint refuses was permitted::

    SELECT role_can('app', 'DELETE', 'tasks', '{"app.user_id": 1}');
    SELECT role_can('app', 'INSERT', 'INSERT INTO tasks (owner) VALUES (1)', '{"app.user_id": 1}');
*/
$$
DECLARE
    tried record := tap._tried(:role, :command, :object, :identity);
BEGIN
    RETURN tap._ok(coalesce(tried.did, false), :description, '    ' || tried.said);
END;
$$;

/*# role_cannot(role name, command text, object text)
role_cannot(role name, command text, object text, identity jsonb [, description text])
Tests that a role cannot do something: it is refused with 42501, or reaches none of the rows.
describe: :role || ' cannot ' || upper(:command) || ' ' || split_part(btrim(:object), E'\n', 1)

Another error fails the test, and so does a table without rows::

    SELECT role_cannot('app', 'UPDATE', 'UPDATE tasks SET owner = 2', '{"app.user_id": 1}');
*/
$$
DECLARE
    tried record := tap._tried(:role, :command, :object, :identity);
BEGIN
    RETURN tap._ok(coalesce(NOT tried.did, false), :description, '    ' || tried.said);
END;
$$;

CREATE FUNCTION tap._rows_as(
    actor name, identity jsonb, query text, OUT texts text[], OUT said text
)
LANGUAGE plpgsql AS $fn$
BEGIN
    PERFORM tap._take_on(actor, coalesce(identity, '{}'));
    EXECUTE format(
        'SELECT coalesce(array_agg(r::text ORDER BY r::text), ''{}'') FROM (%s) AS r',
        rtrim(query, E'; \n')
    ) INTO texts;
    RAISE EXCEPTION USING ERRCODE = 'HA000';
EXCEPTION
    WHEN SQLSTATE 'HA000' THEN
        NULL;
    WHEN OTHERS THEN
        texts := NULL;
        said := SQLSTATE || ': ' || SQLERRM;
END;
$fn$;

/*# rows_visible_are(role name, identity jsonb, query text, rows text [, description text])
Tests that somebody gets exactly the rows of another query, which is run as the session's owner.
describe: :role || ' should see the right rows'

The order of rows is no matter::

    SELECT rows_visible_are('app', '{"app.user_id": 1}',
        'SELECT id FROM tasks', 'SELECT id FROM tasks WHERE owner = 1');
*/
$$
DECLARE
    have record := tap._rows_as(:role, :identity, :query);
    want record := tap._rows_as('none', '{}', :rows);
BEGIN
    RETURN tap._ok(
        coalesce(have.texts = want.texts, false),
        :description,
        '        have: ' || coalesce(have.texts::text, have.said)
            || E'\n        want: ' || coalesce(want.texts::text, want.said)
    );
END;
$$;
