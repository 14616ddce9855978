-- harness: isolation=clone
-- US1, by the database itself: the application, as todo_app, reaches its user's rows alone.

BEGIN;
SELECT plan(31);

INSERT INTO users (id, email) VALUES ('ada', 'ada@example.com'), ('bob', 'bob@example.com');
INSERT INTO tasks (user_id, title)
VALUES ('ada', 'Buy milk'), ('ada', 'Call Bob'), ('bob', 'Call Ada');

-- What is declared

SELECT has_rls('users', 'RLS: users has row level security');
SELECT has_rls('tasks', 'RLS: tasks has row level security');
SELECT policies_are('users', ARRAY['users_own'], 'RLS: the policy of users');
SELECT policies_are('tasks', ARRAY['tasks_own'], 'RLS: the policy of tasks');
SELECT policy_is(
    'users', 'users_own', '{"command": "SELECT", "roles": ["todo_app"], "permissive": true}',
    'RLS: users_own is of SELECT, for todo_app'
);
SELECT policy_is(
    'tasks', 'tasks_own', '{"command": "ALL", "roles": ["todo_app"], "permissive": true}',
    'RLS: tasks_own is of every command, for todo_app'
);

-- What is granted

SELECT table_privs_are('public', 'users', 'todo_app', ARRAY['SELECT'], 'RLS: users is read');
SELECT table_privs_are(
    'public', 'tasks', 'todo_app', ARRAY['SELECT', 'DELETE'],
    'RLS: tasks are read and deleted, and written column by column'
);
SELECT set_eq(
    $$
    SELECT privilege_type::text, column_name::text FROM information_schema.column_privileges
    WHERE grantee = 'todo_app' AND table_name = 'tasks' AND privilege_type IN ('INSERT', 'UPDATE')
    $$,
    $$
    VALUES
        ('INSERT', 'user_id'), ('INSERT', 'title'), ('INSERT', 'description'),
        ('INSERT', 'completed'),
        ('UPDATE', 'title'), ('UPDATE', 'description'), ('UPDATE', 'completed')
    $$,
    'RLS: neither ids nor times are written, and no task changes hands'
);
SELECT sequence_privs_are(
    'public', 'tasks_id_seq', 'todo_app', ARRAY[]::text[], 'RLS: ids are the database''s'
);

-- Reading

-- First of all, while the session has no setting of this name.
SELECT rows_visible_are(
    'todo_app', '{}', 'SELECT id FROM tasks', 'SELECT 1::bigint WHERE FALSE',
    'RLS: without app.user_id there is no task'
);
SELECT rows_visible_are(
    'todo_app', '{}', 'SELECT id FROM users', $$SELECT '' WHERE FALSE$$,
    'RLS: without app.user_id there is no user'
);
SELECT rows_visible_are(
    'todo_app', '{"app.user_id": "ada"}',
    'SELECT id FROM tasks', $$SELECT id FROM tasks WHERE user_id = 'ada'$$,
    'RLS: a query without a condition finds the user''s own tasks'
);
SELECT rows_visible_are(
    'todo_app', '{"app.user_id": "bob"}',
    'SELECT id FROM tasks', $$SELECT id FROM tasks WHERE user_id = 'bob'$$,
    'RLS: so does another user''s query'
);
SELECT rows_visible_are(
    'todo_app', '{"app.user_id": "bob"}',
    'SELECT id FROM users', $$SELECT 'bob'$$, 'RLS: a user reads the own account'
);
SELECT rows_visible_are(
    'todo_app', '{"app.user_id": "ada"}',
    'SELECT id FROM users', $$SELECT 'ada'$$, 'RLS: whose id comes first does, too'
);

-- The setting as SET LOCAL leaves it, even where an account is called so.
INSERT INTO users (id, email) VALUES ('', 'empty@example.com');
INSERT INTO tasks (user_id, title) VALUES ('', 'of an empty id');

SELECT rows_visible_are(
    'todo_app', '{"app.user_id": ""}', 'SELECT id FROM tasks', 'SELECT 1::bigint WHERE FALSE',
    'RLS: an empty app.user_id is nobody''s on tasks'
);
SELECT rows_visible_are(
    'todo_app', '{"app.user_id": ""}', 'SELECT id FROM users', $$SELECT '' WHERE FALSE$$,
    'RLS: an empty app.user_id is nobody''s on users'
);
SELECT role_cannot(
    'todo_app', 'INSERT', $$INSERT INTO tasks (user_id, title) VALUES ('', 'x')$$,
    '{"app.user_id": ""}', 'RLS: nobody adds a task for an empty id'
);

-- Writing

SELECT role_can(
    'todo_app', 'INSERT', $$INSERT INTO tasks (user_id, title) VALUES ('ada', 'new')$$,
    '{"app.user_id": "ada"}', 'RLS: a task of one''s own is added'
);
SELECT role_cannot(
    'todo_app', 'INSERT', $$INSERT INTO tasks (user_id, title) VALUES ('bob', 'new')$$,
    '{"app.user_id": "ada"}', 'RLS: no task is added for another user'
);
SELECT role_can(
    'todo_app', 'UPDATE',
    $$UPDATE tasks SET title = 'new', description = 'why', completed = TRUE WHERE user_id = 'ada'$$,
    '{"app.user_id": "ada"}', 'RLS: a task of one''s own is changed'
);
SELECT role_cannot(
    'todo_app', 'UPDATE', $$UPDATE tasks SET title = 'new' WHERE user_id = 'bob'$$,
    '{"app.user_id": "ada"}', 'RLS: another user''s task is not changed'
);
SELECT role_cannot(
    'todo_app', 'UPDATE', $$UPDATE tasks SET user_id = 'bob' WHERE user_id = 'ada'$$,
    '{"app.user_id": "ada"}', 'RLS: a task is not given away'
);
SELECT role_can(
    'todo_app', 'DELETE', $$DELETE FROM tasks WHERE title = 'Buy milk'$$,
    '{"app.user_id": "ada"}', 'RLS: a task of one''s own is deleted'
);
SELECT role_cannot(
    'todo_app', 'DELETE', $$DELETE FROM tasks WHERE user_id = 'bob'$$,
    '{"app.user_id": "ada"}', 'RLS: another user''s task is not deleted'
);
SELECT role_cannot(
    'todo_app', 'UPDATE', $$UPDATE users SET name = 'new'$$,
    '{"app.user_id": "ada"}', 'RLS: the application does not change accounts'
);
SELECT role_cannot(
    'todo_app', 'DELETE', 'DELETE FROM users',
    '{"app.user_id": "ada"}', 'RLS: the application does not delete accounts'
);

-- With all privileges there are, the policies alone still keep users apart.

GRANT ALL ON users, tasks TO todo_app;

SELECT role_cannot(
    'todo_app', 'UPDATE', $$UPDATE tasks SET user_id = 'bob' WHERE user_id = 'ada'$$,
    '{"app.user_id": "ada"}', 'RLS: a task is not given away by whoever may write the column'
);
SELECT role_cannot(
    'todo_app', 'UPDATE', $$UPDATE users SET name = 'new'$$,
    '{"app.user_id": "ada"}', 'RLS: no policy lets the application change accounts'
);
SELECT role_cannot(
    'todo_app', 'INSERT', $$INSERT INTO users (email) VALUES ('eve@example.com')$$,
    '{"app.user_id": "ada"}', 'RLS: no policy lets the application add accounts'
);

SELECT * FROM finish();
ROLLBACK;
