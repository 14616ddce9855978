-- US3: the database alone says when a task was created and last updated.
-- All of this is one transaction, in which now() stands still.

BEGIN;
SELECT plan(18);

INSERT INTO users (id, email) VALUES ('ada', 'ada@example.com'), ('bob', 'bob@example.com');
INSERT INTO tasks (user_id, title) VALUES ('ada', 'updated'), ('ada', 'left alone');

CREATE TEMPORARY TABLE created AS
SELECT * FROM tasks;

CREATE FUNCTION pg_temp.updated() RETURNS tasks
LANGUAGE sql
AS $$ SELECT * FROM tasks WHERE title <> 'left alone' $$;

-- True if an update makes updated_at the time of doing so and leaves created_at.
CREATE FUNCTION pg_temp.stamps(assignment text) RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    created_at timestamptz := (pg_temp.updated()).created_at;
    started timestamptz := clock_timestamp();
BEGIN
    EXECUTE format('UPDATE tasks SET %s WHERE title <> %L', assignment, 'left alone');
    RETURN (pg_temp.updated()).updated_at BETWEEN started AND clock_timestamp()
        AND (pg_temp.updated()).created_at = created_at;
END;
$$;

-- Creation

SELECT results_eq(
    'SELECT DISTINCT created_at FROM users', ARRAY[now()],
    'US3: the database sets the created_at of a user'
);
SELECT results_eq(
    'SELECT DISTINCT created_at FROM tasks', ARRAY[now()],
    'US3: the database sets the created_at of a task'
);
SELECT results_eq(
    'SELECT DISTINCT updated_at FROM tasks', ARRAY[now()],
    'US3: the database sets the updated_at of a new task'
);
SELECT is_empty(
    'SELECT * FROM tasks WHERE created_at <> updated_at',
    'US3: created_at = updated_at on creation'
);
SELECT throws_ok(
    $$INSERT INTO tasks (user_id, title, created_at) VALUES ('ada', 'timeless', NULL)$$,
    '23502', NULL,
    'US3: a task without a created_at is refused with 23502'
);
SELECT throws_ok(
    $$INSERT INTO tasks (user_id, title, updated_at) VALUES ('ada', 'timeless', NULL)$$,
    '23502', NULL,
    'US3: a task without an updated_at is refused with 23502'
);

-- Updates in the transaction of the creation

UPDATE tasks SET completed = TRUE
WHERE title <> 'left alone';

SELECT cmp_ok(
    (pg_temp.updated()).updated_at, '>', now(),
    'US3: an UPDATE moves updated_at, in the transaction of the creation too'
);
SELECT is((pg_temp.updated()).created_at, now(), 'US3: an UPDATE leaves created_at');
SELECT results_eq(
    $$SELECT * FROM tasks WHERE title = 'left alone'$$,
    $$SELECT * FROM created WHERE title = 'left alone'$$,
    'US3: an UPDATE leaves the timestamps of other tasks'
);

SELECT ok(pg_temp.stamps('completed = FALSE'), 'US3: the next UPDATE moves updated_at again');
SELECT ok(pg_temp.stamps($$title = 'renamed'$$), 'US3: a new title moves updated_at');
SELECT ok(pg_temp.stamps($$description = 'why'$$), 'US3: a new description moves updated_at');
SELECT ok(pg_temp.stamps($$user_id = 'bob'$$), 'US3: a new owner moves updated_at');
SELECT ok(pg_temp.stamps('title = title'), 'US3: an UPDATE that changes nothing moves updated_at');

-- An updated_at of one's own does not win.

SELECT ok(
    pg_temp.stamps($$updated_at = '2001-01-01'$$), 'US3: an UPDATE cannot set updated_at back'
);
SELECT ok(
    pg_temp.stamps($$updated_at = 'infinity'$$), 'US3: an UPDATE cannot set updated_at forward'
);
SELECT lives_ok(
    'UPDATE tasks SET updated_at = NULL', 'US3: an UPDATE cannot take updated_at away'
);

-- Every row of a statement

UPDATE tasks SET completed = TRUE;

SELECT is_empty(
    'SELECT * FROM tasks WHERE updated_at <= now()',
    'US3: an UPDATE of several tasks moves updated_at in each'
);

SELECT * FROM finish();
ROLLBACK;
