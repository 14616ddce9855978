-- Expected failures (TODO) and skipped tests.
--
-- harness.todo is a stack, the newest entry first: [[tests left, reason], ...]. An entry of
-- todo_start() has -1 tests left, which never run out.

CREATE FUNCTION tap._todos() RETURNS jsonb LANGUAGE plpgsql AS $fn$
BEGIN
    PERFORM tap._require_plan();
    RETURN current_setting('harness.todo');
END;
$fn$;

-- The TODO directive of the next test, which is counted off the newest entry. An entry that
-- was made for no test at all still hides the entries below it, once.
CREATE FUNCTION tap._next_todo() RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    todos jsonb := tap._todos();
    tests integer := todos -> 0 ->> 0;
    directive text := ' # TODO ' || tap._lines(todos -> 0 ->> 1);
BEGIN
    IF tests > 1 THEN
        todos := jsonb_set(todos, '{0,0}', to_jsonb(tests - 1));
    ELSIF tests >= 0 THEN
        todos := todos - 0;
    END IF;
    PERFORM set_config('harness.todo', todos::text, false);
    RETURN CASE WHEN tests <> 0 THEN directive ELSE '' END;
END;
$fn$;

CREATE FUNCTION tap._push_todo(tests integer, reason text) RETURNS SETOF boolean
LANGUAGE plpgsql AS $fn$
DECLARE
    entry jsonb := jsonb_build_array(coalesce(tests, 1), coalesce(reason, ''));
BEGIN
    PERFORM set_config('harness.todo', (jsonb_build_array(entry) || tap._todos())::text, false);
END;
$fn$;

CREATE FUNCTION tap.todo(why text, how_many integer) RETURNS SETOF boolean
LANGUAGE sql AS $fn$
SELECT * FROM tap._push_todo(how_many, why)
$fn$;
COMMENT ON FUNCTION tap.todo(text, integer) IS 'Expects the next tests to fail.';

CREATE FUNCTION tap.todo(how_many integer, why text) RETURNS SETOF boolean
LANGUAGE sql AS $fn$
SELECT * FROM tap._push_todo(how_many, why)
$fn$;
COMMENT ON FUNCTION tap.todo(integer, text) IS 'Expects the next tests to fail.';

CREATE FUNCTION tap.todo(how_many integer) RETURNS SETOF boolean LANGUAGE sql AS $fn$
SELECT * FROM tap._push_todo(how_many, NULL)
$fn$;
COMMENT ON FUNCTION tap.todo(integer) IS 'Expects the next tests to fail.';

CREATE FUNCTION tap.todo(why text) RETURNS SETOF boolean LANGUAGE sql AS $fn$
SELECT * FROM tap._push_todo(1, why)
$fn$;
COMMENT ON FUNCTION tap.todo(text) IS 'Expects the next test to fail.';

CREATE FUNCTION tap.todo_start(text) RETURNS SETOF boolean LANGUAGE sql AS $fn$
SELECT * FROM tap._push_todo(-1, $1)
$fn$;
COMMENT ON FUNCTION tap.todo_start(text) IS 'Expects all tests to fail until todo_end().';

CREATE FUNCTION tap.todo_start() RETURNS SETOF boolean LANGUAGE sql AS $fn$
SELECT * FROM tap._push_todo(-1, NULL)
$fn$;
COMMENT ON FUNCTION tap.todo_start() IS 'Expects all tests to fail until todo_end().';

CREATE FUNCTION tap.todo_end() RETURNS SETOF boolean LANGUAGE plpgsql AS $fn$
DECLARE
    todos jsonb := tap._todos();
    newest integer := (
        SELECT min(position) - 1
        FROM jsonb_array_elements(todos) WITH ORDINALITY AS todo (entry, position)
        WHERE entry ->> 0 = '-1'
    );
BEGIN
    IF newest IS NULL THEN
        RAISE EXCEPTION 'todo_end() called without todo_start()';
    END IF;
    PERFORM set_config('harness.todo', (todos - newest)::text, false);
END;
$fn$;
COMMENT ON FUNCTION tap.todo_end() IS 'Ends what the last todo_start() began.';

CREATE FUNCTION tap.in_todo() RETURNS boolean LANGUAGE sql AS $fn$
SELECT tap._todos() <> '[]'
$fn$;
COMMENT ON FUNCTION tap.in_todo() IS 'Says whether the next test is expected to fail.';

CREATE FUNCTION tap.skip(why text, how_many integer) RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    skipped text[] := '{}';
BEGIN
    FOR number IN 1..how_many LOOP
        skipped := skipped || (tap.ok(true) || ' # SKIP' || coalesce(' ' || tap._lines(why), ''));
    END LOOP;
    RETURN array_to_string(skipped, E'\n');
END;
$fn$;
COMMENT ON FUNCTION tap.skip(text, integer) IS 'Passes tests that cannot be run here.';

CREATE FUNCTION tap.skip(integer, text) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.skip($2, $1)
$fn$;
COMMENT ON FUNCTION tap.skip(integer, text) IS 'Passes tests that cannot be run here.';

CREATE FUNCTION tap.skip(integer) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.skip(NULL, $1)
$fn$;
COMMENT ON FUNCTION tap.skip(integer) IS 'Passes tests that cannot be run here.';

CREATE FUNCTION tap.skip(text) RETURNS text LANGUAGE sql AS $fn$
SELECT tap.skip($1, 1)
$fn$;
COMMENT ON FUNCTION tap.skip(text) IS 'Passes a test that cannot be run here.';
