-- SC-003: no id comes back, whichever tasks are deleted.

BEGIN;
SELECT plan(6);

INSERT INTO users (id, email) VALUES ('ada', 'ada@example.com');
INSERT INTO tasks (user_id, title)
SELECT
    'ada' AS user_id,
    'task ' || n AS title
FROM generate_series(1, 100) AS n;

CREATE TEMPORARY TABLE first_hundred AS
SELECT * FROM tasks;

SELECT set_eq(
    'SELECT id FROM tasks', 'SELECT generate_series(1, 100)::bigint',
    'SC-003: 100 tasks have the ids 1 to 100'
);

-- The same 50 in every run.
DO $$ BEGIN PERFORM setseed(0.5); END $$;

CREATE TEMPORARY TABLE doomed AS
SELECT id FROM tasks
ORDER BY random()
LIMIT 50;

DELETE FROM tasks
WHERE id IN (SELECT id FROM doomed);

SELECT results_eq(
    'SELECT count(*) FROM tasks', ARRAY[50::bigint], 'SC-003: 50 of them, at random, are deleted'
);

INSERT INTO tasks (user_id, title)
SELECT
    'ada' AS user_id,
    'later task ' || n AS title
FROM generate_series(1, 10) AS n;

SELECT results_eq(
    $$SELECT id FROM tasks WHERE title LIKE 'later%' ORDER BY id$$,
    'SELECT generate_series(101, 110)::bigint',
    'SC-003: the next 10 tasks get the ids 101 to 110'
);
SELECT is_empty(
    'SELECT id FROM tasks WHERE id IN (SELECT id FROM doomed)',
    'SC-003: no deleted id is in use again'
);
SELECT bag_eq(
    $$SELECT * FROM tasks WHERE title NOT LIKE 'later%'$$,
    'SELECT * FROM first_hundred WHERE id NOT IN (SELECT id FROM doomed)',
    'SC-003: the 50 tasks that were not deleted are as they were'
);
SELECT results_eq(
    'SELECT count(*) FROM tasks', ARRAY[60::bigint], 'SC-003: there are 60 tasks in the end'
);

SELECT * FROM finish();
ROLLBACK;
