-- US1: a task belongs to one user, who sees it; nobody sees anyone else's.

BEGIN;
SELECT plan(21);

-- 60 users with 0 to 12 tasks each. Ids may differ in nothing but case or a blank at the end.
CREATE TEMPORARY TABLE people AS
SELECT
    format(spelling, n) AS id,
    format('%s.%s@example.com', n, variant) AS email,
    (7 * n + variant) % 13 AS task_count
FROM generate_series(1, 20) AS n
CROSS JOIN unnest(ARRAY['user_%s', 'USER_%s', 'user_%s ']) WITH ORDINALITY AS s (spelling, variant);

CREATE TEMPORARY TABLE truth AS
SELECT
    people.id AS user_id,
    k,
    format('task %s of "%s"', k, people.id) AS title
FROM people
CROSS JOIN LATERAL generate_series(1, people.task_count) AS k;

INSERT INTO users (id, email)
SELECT
    id,
    email
FROM people;

INSERT INTO tasks (user_id, title)
SELECT
    user_id,
    title
FROM truth
ORDER BY k, title;

CREATE FUNCTION pg_temp.tasks_of(who text) RETURNS SETOF tasks
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN QUERY SELECT * FROM tasks WHERE user_id = who;
END;
$$;

SELECT set_eq(
    'SELECT task_count FROM people', 'SELECT generate_series(0, 12)::bigint',
    'US1: the generated users have from no task to 12 of them'
);
SELECT bag_eq(
    'SELECT people.id, t.user_id, t.title::text FROM people, pg_temp.tasks_of(people.id) AS t',
    'SELECT user_id AS id, user_id, title FROM truth',
    'US1: each user''s query returns all of that user''s tasks and no other'
);
SELECT is_empty(
    $$SELECT * FROM pg_temp.tasks_of('user_0')$$,
    'US1: the query of somebody unknown returns nothing'
);

-- Ownership is required and refers to a user.

SELECT throws_ok(
    $$INSERT INTO tasks (user_id, title) VALUES (NULL, 'nobody''s')$$, '23502', NULL,
    'US1: a task with NULL as its user_id is refused with 23502'
);
SELECT throws_ok(
    $$INSERT INTO tasks (title) VALUES ('nobody''s')$$, '23502', NULL,
    'US1: a task without a user_id is refused with 23502'
);
SELECT throws_like(
    $$INSERT INTO tasks (title) VALUES ('nobody''s')$$, '%user_id%',
    'US1: the refusal names user_id'
);
SELECT throws_ok(
    $$INSERT INTO tasks (user_id, title) VALUES ('user_0', 'a stranger''s')$$, '23503', NULL,
    'US1: a task of an unknown user is refused with 23503'
);
SELECT throws_like(
    $$INSERT INTO tasks (user_id, title) VALUES ('user_0', 'a stranger''s')$$,
    '%tasks_user_id_fkey%',
    'US1: the refusal names tasks_user_id_fkey'
);
SELECT bag_eq(
    'SELECT user_id, title::text FROM tasks', 'SELECT user_id, title FROM truth',
    'US1: what was refused left nothing behind'
);

-- Ownership can be handed over, to a user.

SELECT lives_ok(
    $$UPDATE tasks SET user_id = 'user_2' WHERE title = 'task 1 of "user_1"'$$,
    'US1: a task can be transferred to another user'
);
SELECT bag_eq(
    $$SELECT title::text FROM pg_temp.tasks_of('user_2')$$,
    $$
    SELECT title FROM truth WHERE user_id = 'user_2'
    UNION ALL SELECT 'task 1 of "user_1"'
    $$,
    'US1: the new owner sees a transferred task beside the old ones'
);
SELECT bag_eq(
    $$SELECT title::text FROM pg_temp.tasks_of('user_1')$$,
    $$SELECT title FROM truth WHERE user_id = 'user_1' AND k <> 1$$,
    'US1: the former owner no longer sees a transferred task, and still sees the others'
);
SELECT throws_ok(
    $$UPDATE tasks SET user_id = 'user_0' WHERE title = 'task 2 of "user_1"'$$, '23503', NULL,
    'US1: a transfer to an unknown user is refused with 23503'
);
SELECT throws_ok(
    $$UPDATE tasks SET user_id = NULL WHERE title = 'task 2 of "user_1"'$$, '23502', NULL,
    'US1: a transfer to nobody is refused with 23502'
);
SELECT throws_ok(
    $$UPDATE users SET id = 'renamed' WHERE id = 'user_2'$$, '23503', NULL,
    'US1: the id of a user with tasks cannot change under them'
);

-- Tasks go with their user.

CREATE TEMPORARY TABLE survivors AS
SELECT * FROM tasks
WHERE user_id <> 'user_2';

CREATE TEMPORARY TABLE remaining AS
SELECT * FROM users
WHERE id <> 'user_2';

SELECT lives_ok(
    $$DELETE FROM users WHERE id = 'user_2'$$, 'US1: a user with tasks can be deleted'
);
SELECT is_empty(
    $$SELECT * FROM pg_temp.tasks_of('user_2')$$, 'US1: deleting a user removes the user''s tasks'
);
SELECT bag_eq(
    'SELECT * FROM tasks', 'SELECT * FROM survivors',
    'US1: deleting a user removes no other user''s task, and changes none'
);
SELECT bag_eq(
    'SELECT * FROM users', 'SELECT * FROM remaining', 'US1: deleting a user removes no other user'
);

DELETE FROM tasks
WHERE user_id <> 'user_3';

SELECT bag_eq(
    'SELECT id FROM users', 'SELECT id FROM remaining',
    'US1: deleting a task, even a user''s last one, leaves its user'
);
SELECT bag_eq(
    'SELECT * FROM tasks', $$SELECT * FROM survivors WHERE user_id = 'user_3'$$,
    'US1: deleting tasks leaves the others'
);

SELECT * FROM finish();
ROLLBACK;
