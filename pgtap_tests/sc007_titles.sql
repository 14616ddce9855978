-- SC-007: a title has at most 200 characters.

BEGIN;
SELECT plan(9);

INSERT INTO users (id, email) VALUES ('ada', 'ada@example.com');

SELECT lives_ok(
    $$INSERT INTO tasks (user_id, title) VALUES ('ada', repeat('x', 200))$$,
    'SC-007: a title of 200 characters is accepted'
);
SELECT lives_ok(
    $$INSERT INTO tasks (user_id, title) VALUES ('ada', repeat('é', 200))$$,
    'SC-007: characters count, not bytes'
);
SELECT results_eq(
    'SELECT title::text FROM tasks ORDER BY id', ARRAY[repeat('x', 200), repeat('é', 200)],
    'SC-007: titles of 200 characters are kept whole'
);
SELECT throws_ok(
    $$INSERT INTO tasks (user_id, title) VALUES ('ada', repeat('x', 201))$$, '22001', NULL,
    'SC-007: a title of 201 characters is refused with 22001'
);
SELECT throws_ok(
    $$UPDATE tasks SET title = title || 'x'$$, '22001', NULL,
    'SC-007: an UPDATE to 201 characters is refused with 22001'
);
SELECT throws_ok(
    $$INSERT INTO tasks (user_id) VALUES ('ada')$$, '23502', NULL,
    'SC-007: a task without a title is refused with 23502'
);
SELECT results_eq(
    'SELECT title::text FROM tasks ORDER BY id', ARRAY[repeat('x', 200), repeat('é', 200)],
    'SC-007: what was refused changed nothing'
);
SELECT lives_ok(
    $$INSERT INTO tasks (user_id, title, description) VALUES ('ada', 'long', repeat('x', 9999))$$,
    'SC-007: a description is not limited'
);
SELECT results_eq(
    $$SELECT completed FROM tasks WHERE title = 'long'$$, ARRAY[FALSE],
    'structure: a new task is not completed'
);

SELECT * FROM finish();
ROLLBACK;
