-- Row level security, and what somebody can do.
BEGIN;
SELECT plan(73);
CREATE ROLE access_app;
CREATE ROLE access_anon;
CREATE SCHEMA access_s;
CREATE TABLE access_s.far (id int);
CREATE TABLE access_open (id int);
CREATE TABLE access_tasks (id int PRIMARY KEY, owner int NOT NULL);
CREATE TABLE access_empty (id int PRIMARY KEY);
ALTER TABLE access_tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_s.far ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_s.far FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON access_tasks TO access_app
USING (owner = nullif(current_setting('app.user_id', true), '')::int);
GRANT SELECT, INSERT, UPDATE, DELETE ON access_tasks TO access_app;
GRANT SELECT ON access_empty TO access_app;
INSERT INTO access_tasks VALUES (1, 1), (2, 2);

SELECT * FROM check_test(
    has_rls('access_tasks'), true, 'has_rls(table)', 'Table access_tasks should have row level security', ''
);
SELECT * FROM check_test(has_rls('access_s', 'far', 'mine'), true, 'has_rls(schema)', 'mine', '');
SELECT * FROM check_test(has_rls('access_open'), false, 'has_rls() without', NULL, '');
SELECT * FROM check_test(has_rls('access_none'), false, 'has_rls() of no table', NULL, '');
SELECT * FROM check_test(
    rls_is_forced('access_s', 'far', 'mine'), true, 'rls_is_forced(schema)', 'mine', ''
);
SELECT * FROM check_test(
    rls_is_forced('access_tasks'),
    false,
    'rls_is_forced() where it is not',
    'Table access_tasks should force row level security',
    ''
);

SELECT * FROM check_test(
    policy_is('access_tasks', 'own',
        '{"command": "ALL", "roles": ["access_app"], "permissive": true, "check": null}'),
    true,
    'policy_is()',
    'Policy own on access_tasks should say the right things',
    ''
);
SELECT * FROM check_test(
    policy_is('access_tasks', 'own', '{"command": "SELECT", "permissive": true}', 'mine'),
    false,
    'policy_is() of another command',
    'mine',
    E'        have: {"command": "ALL"}\n        want: {"command": "SELECT"}'
);
SELECT * FROM check_test(
    policy_is('public', 'access_tasks', 'other', '{}', 'mine'),
    false,
    'policy_is() of no policy',
    'mine'
);

SELECT * FROM check_test(
    role_can('access_app', 'SELECT', 'access_tasks', '{"app.user_id": 1}'),
    true,
    'can(SELECT)',
    'access_app can SELECT access_tasks',
    ''
);
SELECT * FROM check_test(
    role_can('access_app', 'DELETE', 'access_tasks', '{"app.user_id": 3}', 'mine'),
    false,
    'can(DELETE) of nobody''s',
    'mine',
    '    it reaches no row'
);
SELECT * FROM check_test(
    role_cannot('access_app', 'UPDATE', 'access_tasks', '{"app.user_id": 3}'),
    true,
    'cannot(UPDATE)',
    'access_app cannot UPDATE access_tasks',
    ''
);
SELECT * FROM check_test(
    role_cannot('access_app', 'UPDATE', 'access_tasks', '{"app.user_id": 1}', 'mine'),
    false,
    'cannot(UPDATE) of one''s own',
    'mine',
    '    it reaches rows'
);
SELECT * FROM check_test(
    role_cannot('access_anon', 'SELECT', 'access_tasks'),
    true,
    'cannot() without a privilege',
    'access_anon cannot SELECT access_tasks',
    ''
);
SELECT * FROM check_test(
    role_can('access_anon', 'SELECT', 'access_tasks'),
    false,
    'can() without a privilege',
    'access_anon can SELECT access_tasks',
    '    42501: permission denied for table access_tasks'
);
SELECT * FROM check_test(
    role_can('access_app', 'INSERT', 'INSERT INTO access_tasks VALUES (1, 1)', '{"app.user_id": 1}', 'mine'),
    true,
    'can(INSERT): a key that is there was permitted',
    'mine',
    ''
);
SELECT * FROM check_test(
    role_cannot('access_app', 'INSERT', 'INSERT INTO access_tasks VALUES (3, 2)', '{"app.user_id": 1}', 'mine'),
    true,
    'cannot(INSERT) in another''s name',
    'mine',
    ''
);
SELECT * FROM check_test(
    role_cannot('access_app', 'SELECT', 'access_empty'),
    false,
    'cannot() shows nothing of an empty table',
    NULL,
    '    there is no row to reach'
);
SELECT * FROM check_test(
    role_cannot('access_app', 'SELECT', 'access_none'),
    false,
    'cannot() of no table',
    NULL,
    '    42P01: relation "access_none" does not exist'
);
SELECT * FROM check_test(
    role_can('access_app', 'READ', 'access_tasks'),
    false,
    'can() of no command',
    NULL,
    '    no statement is made of ''READ'''
);
SELECT is((SELECT count(*) FROM access_tasks), 2::bigint, 'what was tried is undone');

SELECT * FROM check_test(
    rows_visible_are('access_app', '{"app.user_id": 1}',
        'SELECT id FROM access_tasks', 'SELECT id FROM access_tasks WHERE owner = 1'),
    true,
    'rows_visible_are()',
    'access_app should see the right rows',
    ''
);
SELECT * FROM check_test(
    rows_visible_are('access_app', '{"app.user_id": 2}',
        'SELECT id FROM access_tasks', 'SELECT id FROM access_tasks ORDER BY id DESC;', 'mine'),
    false,
    'rows_visible_are() of too few',
    'mine',
    E'        have: {(2)}\n        want: {(1),(2)}'
);
SELECT * FROM check_test(
    rows_visible_are('access_anon', '{}', 'SELECT id FROM access_tasks', 'SELECT 1 WHERE false', 'mine'),
    false,
    'rows_visible_are() of an error',
    'mine',
    E'        have: 42501: permission denied for table access_tasks\n        want: {}'
);

SELECT act_as('access_app', '{"app.user_id": 1, "request.jwt.claims": {"sub": "x"}}');
SELECT is(current_user::text, 'access_app', 'act_as() takes the role');
SELECT is((SELECT array_agg(id) FROM access_tasks), ARRAY[1], 'and its settings');
SELECT is(current_setting('request.jwt.claims')::jsonb ->> 'sub', 'x', 'claims among them');
SELECT act_as('access_app');
SELECT is((SELECT count(*) FROM access_tasks), 0::bigint, 'another one has none of them');
SELECT is(current_setting('app.user_id'), '', 'they are empty, as on a pooled connection');
SELECT act_as_owner();
SELECT is(current_user, session_user, 'act_as_owner() steps back');
-- pgTAP passes this: without a schema, it looks for missing policies among those of all tables.
CREATE POLICY far_policy ON access_s.far;
SELECT * FROM check_test(
    policies_are('access_tasks', ARRAY['own', 'far_policy']),
    false,
    'policies_are() with one of another table',
    'Table access_tasks should have the correct policies',
    E'    Missing policies:\n        far_policy'
);

SELECT finish();
ROLLBACK;
