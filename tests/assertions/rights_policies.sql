-- Row security policies.
BEGIN;
SELECT plan(57);
CREATE ROLE rights_bob;
CREATE ROLE "rights Ann";
CREATE SCHEMA "rights S";
CREATE SCHEMA rights_s;
SELECT set_config('search_path', 'rights_s, ' || current_setting('search_path'), true) AS path \gset
CREATE TABLE rights_s.rights_t (a integer);
CREATE TABLE "rights S"."T b" (a integer);
CREATE POLICY rights_all ON rights_s.rights_t;
CREATE POLICY "Odd P" ON rights_s.rights_t FOR UPDATE TO rights_bob, "rights Ann";
CREATE POLICY ins ON "rights S"."T b" FOR INSERT TO "rights Ann";
CREATE TABLE rights_s.rights_twice (a integer);
CREATE TABLE "rights S".rights_twice (a integer);
CREATE POLICY here ON rights_s.rights_twice;
CREATE POLICY there ON "rights S".rights_twice;

SELECT * FROM check_test(
    policies_are('rights_t', ARRAY['rights_all', 'Odd P']),
    true,
    'policies_are(table, policies)',
    'Table rights_t should have the correct policies',
    ''
);
SELECT * FROM check_test(
    policies_are('rights_t', ARRAY['No P', 'Odd P', 'a']),
    false,
    'policies_are(table, other policies)',
    'Table rights_t should have the correct policies',
    E'    Extra policies:\n        rights_all\n    Missing policies:\n        "No P"\n        a'
);
SELECT * FROM check_test(
    policies_are('rights_t', '{}'::name[], 'my words'),
    false,
    'policies_are(table, no policies, description)',
    'my words',
    E'    Extra policies:\n        "Odd P"\n        rights_all'
);
SELECT * FROM check_test(
    policies_are('rights S', 'T b', ARRAY['ins']),
    true,
    'policies_are(schema, table, policies)',
    'Table "rights S"."T b" should have the correct policies',
    ''
);
SELECT * FROM check_test(
    policies_are('rights S', 'No T', ARRAY['ins'], 'my words'),
    false,
    'policies_are(schema, absent table, policies, description)',
    'my words',
    E'    Missing policies:\n        ins'
);
SELECT * FROM check_test(
    policies_are('rights_s', 'rights_twice', ARRAY['here']),
    true,
    'policies_are(schema, table of that and other schemas, policies)',
    'Table rights_s.rights_twice should have the correct policies',
    ''
);
SELECT * FROM check_test(
    policies_are('rights_twice', ARRAY['here', 'there']),
    true,
    'policies_are(tables of any schema, policies)',
    'Table rights_twice should have the correct policies',
    ''
);
SELECT * FROM check_test(
    policy_roles_are('rights_t', 'Odd P', ARRAY['rights Ann', 'rights_bob']),
    true,
    'policy_roles_are(table, policy, roles)',
    'Policy "Odd P" for table rights_t should have the correct roles',
    ''
);
SELECT * FROM check_test(
    policy_roles_are('rights_t', 'Odd P', ARRAY['No Role', 'rights_bob']),
    false,
    'policy_roles_are(table, policy, other roles)',
    'Policy "Odd P" for table rights_t should have the correct roles',
    E'    Extra policy roles:\n        "rights Ann"\n    Missing policy roles:\n        "No Role"'
);
SELECT * FROM check_test(
    policy_roles_are('rights_t', 'rights_all', '{}'::name[], 'my words'),
    true,
    'policy_roles_are(table, policy of PUBLIC, no roles, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    policy_roles_are('rights_t', 'rights_all', ARRAY['public']),
    false,
    'policy_roles_are(table, policy of PUBLIC, public)',
    'Policy rights_all for table rights_t should have the correct roles',
    E'    Missing policy roles:\n        public'
);
SELECT * FROM check_test(
    policy_roles_are('rights S', 'T b', 'ins', ARRAY['rights Ann']),
    true,
    'policy_roles_are(schema, table, policy, roles)',
    'Policy ins for table "rights S"."T b" should have the correct roles',
    ''
);
SELECT * FROM check_test(
    policy_roles_are('rights S', 'T b', 'No P', ARRAY['rights Ann'], 'my words'),
    false,
    'policy_roles_are(schema, table, absent policy, roles, description)',
    'my words',
    E'    Missing policy roles:\n        "rights Ann"'
);
SELECT * FROM check_test(
    policy_cmd_is('rights_t', 'Odd P', 'update'),
    true,
    'policy_cmd_is(table, policy, command)',
    'Policy "Odd P" for table rights_t should apply to UPDATE command',
    ''
);
SELECT * FROM check_test(
    policy_cmd_is('rights_t', 'rights_all', 'select'::text, 'my words'),
    false,
    'policy_cmd_is(table, policy, other command, description)',
    'my words',
    E'        have: ALL\n        want: SELECT'
);
SELECT * FROM check_test(
    policy_cmd_is('rights_t', 'rights_all', 'All'),
    true,
    'policy_cmd_is(table, policy, ALL)',
    'Policy rights_all for table rights_t should apply to ALL command',
    ''
);
SELECT * FROM check_test(
    policy_cmd_is('rights_t', 'No P', 'All'),
    false,
    'policy_cmd_is(table, absent policy, command)',
    'Policy "No P" for table rights_t should apply to ALL command',
    E'        have: NULL\n        want: ALL'
);
SELECT * FROM check_test(
    policy_cmd_is('rights S', 'T b', 'ins'::name, 'delete'),
    false,
    'policy_cmd_is(schema, table, policy, other command)',
    'Policy ins for table "rights S"."T b" should apply to DELETE command',
    E'        have: INSERT\n        want: DELETE'
);
SELECT * FROM check_test(
    policy_cmd_is('rights S', 'T b', 'ins'::name, 'insert', 'my words'),
    true,
    'policy_cmd_is(schema, table, policy, command, description)',
    'my words',
    ''
);

SELECT * FROM finish();
ROLLBACK;
