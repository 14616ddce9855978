-- US4: users come with whatever text id the authentication service gave them.

BEGIN;
SELECT plan(22);

-- Ids

SELECT lives_ok(
    $$INSERT INTO users (id, email) VALUES ('user_123', 'user_123@example.com')$$,
    'US4: a user can have the id user_123'
);
SELECT lives_ok(
    $$
    INSERT INTO users (id, email)
    VALUES ('9f4d5c1e-3b7a-4e1d-8a52-6c0f7e9b2d41', 'uuid@example.com')
    $$,
    'US4: a user can have a UUID string as id'
);
SELECT lives_ok(
    $$INSERT INTO users (id, email) VALUES (repeat('x', 255), 'long@example.com')$$,
    'US4: a user can have an id of 255 characters'
);
SELECT set_eq(
    'SELECT id FROM users WHERE length(id) < 255',
    ARRAY['user_123', '9f4d5c1e-3b7a-4e1d-8a52-6c0f7e9b2d41'],
    'US4: a user has the id that came with the INSERT'
);
SELECT lives_ok(
    $$INSERT INTO users (email) VALUES ('first@example.com'), ('second@example.com')$$,
    'US4: users can be added without an id'
);
SELECT matches(
    (SELECT id FROM users WHERE email = 'first@example.com'),
    '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
    'US4: a user without an id gets a random UUID'
);
SELECT isnt(
    (SELECT id FROM users WHERE email = 'first@example.com'),
    (SELECT id FROM users WHERE email = 'second@example.com'),
    'US4: two users without an id get different ones'
);
SELECT throws_ok(
    $$INSERT INTO users (id, email) VALUES (NULL, 'null@example.com')$$, '23502', NULL,
    'US4: NULL as the id of a user is refused with 23502'
);
SELECT throws_ok(
    $$INSERT INTO users (id, email) VALUES ('user_123', 'other@example.com')$$, '23505', NULL,
    'US4: an id that is taken is refused with 23505'
);
SELECT throws_like(
    $$INSERT INTO users (id, email) VALUES ('user_123', 'other@example.com')$$, '%users_pkey%',
    'US4: the refusal of an id names users_pkey'
);

-- Emails and names

SELECT throws_ok(
    $$INSERT INTO users (id, email) VALUES ('other', 'user_123@example.com')$$, '23505', NULL,
    'US4: an email that is taken is refused with 23505'
);
SELECT throws_like(
    $$INSERT INTO users (id, email) VALUES ('other', 'user_123@example.com')$$,
    '%users_email_key%',
    'US4: the refusal of an email names users_email_key'
);
SELECT throws_ok(
    $$UPDATE users SET email = 'user_123@example.com' WHERE email = 'uuid@example.com'$$,
    '23505', NULL,
    'US4: an UPDATE to an email that is taken is refused with 23505'
);
SELECT throws_ok(
    $$INSERT INTO users (id) VALUES ('mailless')$$, '23502', NULL,
    'US4: a user without an email is refused with 23502'
);
SELECT results_eq(
    'SELECT count(*) FROM users', ARRAY[5::bigint], 'US4: what was refused left nothing behind'
);
SELECT is_empty(
    'SELECT * FROM users WHERE name IS NOT NULL', 'US4: a user needs no name'
);
SELECT lives_ok(
    $$INSERT INTO users (email, name) VALUES ('a@example.com', 'Ada'), ('b@example.com', 'Ada')$$,
    'US4: users may share a name'
);

-- A user with 50 tasks

INSERT INTO tasks (user_id, title)
SELECT
    CASE WHEN n % 2 = 0 THEN 'user_123' ELSE '9f4d5c1e-3b7a-4e1d-8a52-6c0f7e9b2d41' END AS user_id,
    'task ' || n AS title
FROM generate_series(1, 100) AS n;

SELECT results_eq(
    $$SELECT count(*) FROM tasks WHERE user_id = 'user_123'$$, ARRAY[50::bigint],
    'US4: a user can have 50 tasks'
);
SELECT lives_ok(
    $$DELETE FROM users WHERE id = 'user_123'$$, 'US4: a user with 50 tasks can be deleted'
);
SELECT is_empty(
    $$SELECT * FROM tasks WHERE user_id = 'user_123'$$, 'US4: the 50 tasks went with their user'
);
SELECT results_eq(
    'SELECT title::text FROM tasks ORDER BY id',
    $$SELECT 'task ' || generate_series(1, 100, 2)$$,
    'US4: the tasks of the other user are still there'
);
SELECT lives_ok(
    $$INSERT INTO users (id, email) VALUES ('user_123', 'user_123@example.com')$$,
    'US4: the id and the email of a deleted user are free again'
);

SELECT * FROM finish();
ROLLBACK;
