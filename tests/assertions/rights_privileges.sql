-- What a role may do with a database object.
BEGIN;
SELECT plan(218);
CREATE ROLE rights_owner;
CREATE ROLE rights_bob;
CREATE ROLE "rights Ann";
CREATE ROLE rights_super SUPERUSER;
CREATE ROLE rights_group;
CREATE ROLE rights_member IN ROLE rights_group;
CREATE ROLE rights_aloof NOINHERIT IN ROLE rights_group;
CREATE SCHEMA "rights S";
CREATE SCHEMA rights_s;
SELECT set_config('search_path', 'rights_s, ' || current_setting('search_path'), true) AS path \gset
CREATE FOREIGN DATA WRAPPER rights_fdw;
CREATE SERVER "Odd Srv" FOREIGN DATA WRAPPER rights_fdw;
CREATE TABLE rights_s.rights_t (a integer);
CREATE TABLE rights_s.rights_open (a integer);
CREATE TABLE rights_s.rights_c (a integer, b integer);
CREATE SEQUENCE rights_s.rights_sq;
CREATE FUNCTION rights_s.rights_f(integer, text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TABLE "rights S"."T b" ("C b" integer);
CREATE SEQUENCE "rights S"."S q";
CREATE FUNCTION "rights S"."Odd F"() RETURNS integer LANGUAGE sql AS 'SELECT 1';
ALTER TABLE rights_s.rights_open OWNER TO rights_owner;
GRANT SELECT, INSERT ON rights_s.rights_t TO rights_bob WITH GRANT OPTION;
GRANT UPDATE ON rights_s.rights_t TO rights_group;
GRANT SELECT ON rights_s.rights_open TO PUBLIC;
GRANT SELECT (a), UPDATE (b) ON rights_s.rights_c TO rights_bob;
GRANT USAGE ON SEQUENCE rights_s.rights_sq TO rights_bob;
REVOKE EXECUTE ON FUNCTION "rights S"."Odd F"() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION "rights S"."Odd F"() TO rights_bob;
GRANT USAGE ON SCHEMA "rights S" TO rights_bob;
GRANT USAGE ON FOREIGN DATA WRAPPER rights_fdw TO rights_bob;
GRANT USAGE ON FOREIGN SERVER "Odd Srv" TO rights_bob;
CREATE VIEW rights_s.rights_all AS
SELECT '{DELETE,INSERT,REFERENCES,SELECT,TRIGGER,TRUNCATE,UPDATE}'::name[] AS seven;

-- tables: how a role comes to a privilege
SELECT * FROM check_test(
    table_privs_are('rights_t', 'rights_bob', ARRAY['SELECT', 'INSERT']),
    true,
    'table_privs_are(table, role, privileges)',
    'Role rights_bob should be granted SELECT, INSERT on table rights_t',
    ''
);
SELECT * FROM check_test(
    table_privs_are('rights_t', 'rights_bob', ARRAY['SELECT', 'UPDATE', 'a B']),
    false,
    'table_privs_are(table, role, other privileges)',
    'Role rights_bob should be granted SELECT, UPDATE, a B on table rights_t',
    E'    Extra privileges:\n        INSERT\n    Missing privileges:\n        UPDATE\n        a B'
);
SELECT * FROM check_test(
    table_privs_are('rights_t', 'rights_bob', ARRAY['SELECT'], 'my words'::text),
    false,
    'table_privs_are(table, role, privileges, description)',
    'my words',
    E'    Extra privileges:\n        INSERT'
);
SELECT * FROM check_test(
    table_privs_are('rights S', 'T b', 'rights Ann', '{}'::name[]),
    true,
    'table_privs_are(schema, table, role, no privileges)',
    'Role "rights Ann" should be granted no privileges on table "rights S"."T b"',
    ''
);
SELECT * FROM check_test(
    table_privs_are('rights S', 'T b', 'rights Ann', ARRAY['SELECT'], 'my words'),
    false,
    'table_privs_are(schema, table, role, privileges, description)',
    'my words',
    E'    Missing privileges:\n        SELECT'
);
SELECT * FROM check_test(
    table_privs_are('rights_t', 'rights_member', ARRAY['UPDATE']),
    true,
    'table_privs_are(table, member of a group, privileges)',
    'Role rights_member should be granted UPDATE on table rights_t',
    ''
);
SELECT * FROM check_test(
    table_privs_are('rights_t', 'rights_aloof', '{}'::name[]),
    true,
    'table_privs_are(table, member that inherits nothing, privileges)',
    'Role rights_aloof should be granted no privileges on table rights_t',
    ''
);
SELECT * FROM check_test(
    table_privs_are('rights_open', 'rights Ann', ARRAY['SELECT']),
    true,
    'table_privs_are(table, role, privileges of PUBLIC)',
    'Role "rights Ann" should be granted SELECT on table rights_open',
    ''
);
SELECT * FROM check_test(
    table_privs_are('rights_open', 'public', ARRAY['SELECT']),
    true,
    'table_privs_are(table, public, privileges)',
    'Role public should be granted SELECT on table rights_open',
    ''
);
SELECT * FROM check_test(
    table_privs_are('rights_open', 'rights_owner', ARRAY['SELECT']),
    false,
    'table_privs_are(table, owner, privileges)',
    'Role rights_owner should be granted SELECT on table rights_open',
    E'    Extra privileges:\n        DELETE\n        INSERT\n        REFERENCES\n'
    '        TRIGGER\n        TRUNCATE\n        UPDATE'
);
SELECT * FROM check_test(
    table_privs_are('rights_open', 'rights_owner', (SELECT seven
        FROM rights_all), 'my words'::text),
    true,
    'table_privs_are(table, owner, all privileges)',
    'my words',
    ''
);
SELECT * FROM check_test(
    table_privs_are('rights_t', 'rights_super', '{}'::name[]),
    false,
    'table_privs_are(table, superuser, privileges)',
    'Role rights_super should be granted no privileges on table rights_t',
    E'    Extra privileges:\n        DELETE\n        INSERT\n        REFERENCES\n'
    '        SELECT\n        TRIGGER\n        TRUNCATE\n        UPDATE'
);
SELECT * FROM check_test(
    table_privs_are('rights_t', 'No Role', ARRAY['SELECT']),
    false,
    'table_privs_are(table, absent role, privileges)',
    'Role "No Role" should be granted SELECT on table rights_t',
    '    Role "No Role" does not exist'
);
SELECT * FROM check_test(
    table_privs_are('No T', 'rights_bob', ARRAY['SELECT']),
    false,
    'table_privs_are(absent table, role, privileges)',
    'Role rights_bob should be granted SELECT on table "No T"',
    '    Table "No T".rights_bob does not exist'
);
SELECT * FROM check_test(
    table_privs_are('rights S', 'No T', 'rights_bob', ARRAY['SELECT']),
    false,
    'table_privs_are(schema, absent table, role, privileges)',
    'Role rights_bob should be granted SELECT on table "rights S"."No T"',
    '    Table "rights S"."No T" does not exist'
);
SELECT * FROM check_test(
    table_privs_are('rights_t', NULL, '{}'::name[]),
    true,
    'table_privs_are(table, NULL, no privileges)',
    '',
    ''
);
SELECT * FROM check_test(
    table_privs_are('rights_t', 'rights_bob', NULL::name[]),
    false,
    'table_privs_are(table, role, NULL)',
    'Role rights_bob should be granted no privileges on table rights_t',
    E'    Extra privileges:\n        INSERT\n        SELECT'
);
SELECT * FROM check_test(
    table_privs_are('rights_open', 'rights Ann', ARRAY['SELECT', 'MAINTAIN']),
    false,
    'table_privs_are(table, role, MAINTAIN)',
    'Role "rights Ann" should be granted SELECT, MAINTAIN on table rights_open',
    E'    Missing privileges:\n        MAINTAIN'
);
SELECT * FROM check_test(
    table_privs_are(
        'rights_open', 'rights_owner', ARRAY['MAINTAIN']::name[] || (SELECT seven FROM rights_all)
    ),
    current_setting('server_version_num')::integer >= 170000,
    'table_privs_are(table, owner, all privileges and MAINTAIN, of PostgreSQL 17)',
    'Role rights_owner should be granted MAINTAIN, DELETE, INSERT, REFERENCES, SELECT, TRIGGER, '
    'TRUNCATE, UPDATE on table rights_open'
);

-- sequences, columns, functions: each signature, and what does not exist
SELECT * FROM check_test(
    sequence_privs_are('rights_sq', 'rights_bob', ARRAY['USAGE']),
    true,
    'sequence_privs_are(sequence, role, privileges)',
    'Role rights_bob should be granted USAGE on sequence rights_sq',
    ''
);
SELECT * FROM check_test(
    sequence_privs_are('rights_sq', 'rights_bob', ARRAY['SELECT'], 'my words'::text),
    false,
    'sequence_privs_are(sequence, role, other privileges, description)',
    'my words',
    E'    Extra privileges:\n        USAGE\n    Missing privileges:\n        SELECT'
);
SELECT * FROM check_test(
    sequence_privs_are('rights S', 'S q', 'rights_super', ARRAY['USAGE']),
    false,
    'sequence_privs_are(schema, sequence, superuser, privileges)',
    'Role rights_super should be granted USAGE on sequence "rights S"."S q"',
    E'    Extra privileges:\n        SELECT\n        UPDATE'
);
SELECT * FROM check_test(
    sequence_privs_are('rights S', 'No S', 'rights_bob', ARRAY['USAGE'], 'my words'),
    false,
    'sequence_privs_are(schema, absent sequence, role, privileges, description)',
    'my words',
    '    Sequence "rights S"."No S" does not exist'
);
SELECT * FROM check_test(
    sequence_privs_are('No S', 'rights_bob', ARRAY['USAGE']),
    false,
    'sequence_privs_are(absent sequence, role, privileges)',
    'Role rights_bob should be granted USAGE on sequence "No S"',
    '    Sequence "No S".rights_bob does not exist'
);
SELECT * FROM check_test(
    sequence_privs_are('rights_sq', 'No Role', ARRAY['USAGE']),
    false,
    'sequence_privs_are(sequence, absent role, privileges)',
    'Role "No Role" should be granted USAGE on sequence rights_sq',
    '    Role "No Role" does not exist'
);
SELECT * FROM check_test(
    any_column_privs_are('rights_c', 'rights_bob', ARRAY['SELECT', 'UPDATE']),
    true,
    'any_column_privs_are(table, role, privileges)',
    'Role rights_bob should be granted SELECT, UPDATE on any column in rights_c',
    ''
);
SELECT * FROM check_test(
    any_column_privs_are('rights_c', 'rights_bob', ARRAY['INSERT'], 'my words'::text),
    false,
    'any_column_privs_are(table, role, other privileges, description)',
    'my words',
    E'    Extra privileges:\n        SELECT\n        UPDATE\n    Missing privileges:\n'
    '        INSERT'
);
SELECT * FROM check_test(
    any_column_privs_are('rights S', 'T b', 'rights_super', '{}'::name[]),
    false,
    'any_column_privs_are(schema, table, superuser, privileges)',
    'Role rights_super should be granted no privileges on any column in "rights S"."T b"',
    E'    Extra privileges:\n        INSERT\n        REFERENCES\n        SELECT\n        UPDATE'
);
SELECT * FROM check_test(
    any_column_privs_are('rights S', 'No T', 'rights_bob', '{}'::name[], 'my words'),
    false,
    'any_column_privs_are(schema, absent table, role, privileges, description)',
    'my words',
    '    Table "rights S"."No T" does not exist'
);
SELECT * FROM check_test(
    any_column_privs_are('rights_c', 'No Role', ARRAY['SELECT']),
    false,
    'any_column_privs_are(table, absent role, privileges)',
    'Role "No Role" should be granted SELECT on any column in rights_c',
    '    Role "No Role" does not exist'
);
SELECT * FROM check_test(
    column_privs_are('rights_c', 'a', 'rights_bob', ARRAY['SELECT']),
    true,
    'column_privs_are(table, column, role, privileges)',
    'Role rights_bob should be granted SELECT on column rights_c.a',
    ''
);
SELECT * FROM check_test(
    column_privs_are('rights_c', 'b', 'rights_bob', ARRAY['SELECT'], 'my words'::text),
    false,
    'column_privs_are(table, column, role, other privileges, description)',
    'my words',
    E'    Extra privileges:\n        UPDATE\n    Missing privileges:\n        SELECT'
);
SELECT * FROM check_test(
    column_privs_are('rights_c', 'No C', 'rights_bob', ARRAY['SELECT']),
    false,
    'column_privs_are(table, absent column, role, privileges)',
    'Role rights_bob should be granted SELECT on column rights_c."No C"',
    '    Column rights_c."No C" does not exist'
);
SELECT * FROM check_test(
    column_privs_are('No T', 'No C', 'rights_bob', ARRAY['SELECT']),
    false,
    'column_privs_are(absent table, absent column, role, privileges)',
    'Role rights_bob should be granted SELECT on column "No T"."No C"',
    '    Table "No T" does not exist'
);
SELECT * FROM check_test(
    column_privs_are('rights S', 'T b', 'C b', 'rights_super', ARRAY['SELECT']),
    false,
    'column_privs_are(schema, table, column, superuser, privileges)',
    'Role rights_super should be granted SELECT on column "rights S"."T b"."C b"',
    E'    Extra privileges:\n        INSERT\n        REFERENCES\n        UPDATE'
);
SELECT * FROM check_test(
    column_privs_are('rights S', 'T b', 'C b', 'No Role', '{}'::name[], 'my words'),
    false,
    'column_privs_are(schema, table, column, absent role, privileges, description)',
    'my words',
    '    Role "No Role" does not exist'
);
SELECT * FROM check_test(
    function_privs_are('rights_f', ARRAY['int', 'text'], 'rights Ann', ARRAY['EXECUTE']),
    true,
    'function_privs_are(function, args, role, privileges)',
    'Role "rights Ann" should be granted EXECUTE on function rights_f(int, text)',
    ''
);
SELECT * FROM check_test(
    function_privs_are('rights_f', ARRAY['int', 'text'], 'rights Ann', '{}', 'my words'::text),
    false,
    'function_privs_are(function, args, role, no privileges, description)',
    'my words',
    E'    Extra privileges:\n        EXECUTE'
);
SELECT * FROM check_test(
    function_privs_are('rights S', 'Odd F', '{}'::name[], 'rights Ann', ARRAY['EXECUTE']),
    false,
    'function_privs_are(schema, function, args, role, privileges)',
    'Role "rights Ann" should be granted EXECUTE on function "rights S"."Odd F"()',
    E'    Missing privileges:\n        EXECUTE'
);
SELECT * FROM check_test(
    function_privs_are('rights S', 'Odd F', '{}', 'rights_bob', ARRAY['EXECUTE'], 'my words'),
    true,
    'function_privs_are(schema, function, args, role, privileges, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    function_privs_are('rights_f', ARRAY['int'], 'rights Ann', ARRAY['EXECUTE']),
    false,
    'function_privs_are(absent function, args, role, privileges)',
    'Role "rights Ann" should be granted EXECUTE on function rights_f(int)',
    '    Function rights_f(int) does not exist'
);
SELECT * FROM check_test(
    function_privs_are('rights_f', ARRAY['no_type'], 'rights_bob', ARRAY['EXECUTE']),
    false,
    'function_privs_are(function, absent type, role, privileges)',
    'Role rights_bob should be granted EXECUTE on function rights_f(no_type)',
    '    Role rights_bob does not exist'
);
SELECT * FROM check_test(
    function_privs_are('rights_f', ARRAY['a b'], 'No Role', ARRAY['EXECUTE']),
    false,
    'function_privs_are(function, args, absent role, privileges)',
    'Role "No Role" should be granted EXECUTE on function rights_f(a b)',
    '    Role "No Role" does not exist'
);

-- what has no schema: each signature, and what does not exist
SELECT * FROM check_test(
    database_privs_are('template0', 'rights_bob', ARRAY['CONNECT']),
    true,
    'database_privs_are(name, role, privileges)',
    'Role rights_bob should be granted CONNECT on database template0',
    ''
);
SELECT * FROM check_test(
    database_privs_are('template0', 'rights_super', ARRAY['DELETE'], 'my words'),
    false,
    'database_privs_are(name, superuser, privileges, description)',
    'my words',
    E'    Extra privileges:\n        CONNECT\n        CREATE\n        TEMPORARY\n'
    '    Missing privileges:\n        DELETE'
);
SELECT * FROM check_test(
    database_privs_are('template0', 'No Role', ARRAY['USAGE']),
    false,
    'database_privs_are(name, absent role, privileges)',
    'Role "No Role" should be granted USAGE on database template0',
    '    Role "No Role" does not exist'
);
SELECT * FROM check_test(
    database_privs_are('No Such', 'rights_bob', ARRAY['USAGE']),
    false,
    'database_privs_are(absent name, role, privileges)',
    'Role rights_bob should be granted USAGE on database "No Such"',
    '    Database "No Such" does not exist'
);
SELECT * FROM check_test(
    database_privs_are(NULL, 'rights_bob', ARRAY['USAGE']),
    false,
    'database_privs_are(NULL, role, privileges)',
    '',
    E'    Missing privileges:\n        USAGE'
);
SELECT * FROM check_test(
    schema_privs_are('rights S', 'rights_bob', ARRAY['USAGE']),
    true,
    'schema_privs_are(name, role, privileges)',
    'Role rights_bob should be granted USAGE on schema "rights S"',
    ''
);
SELECT * FROM check_test(
    schema_privs_are('rights S', 'rights_super', ARRAY['DELETE'], 'my words'),
    false,
    'schema_privs_are(name, superuser, privileges, description)',
    'my words',
    E'    Extra privileges:\n        CREATE\n        USAGE\n    Missing privileges:\n'
    '        DELETE'
);
SELECT * FROM check_test(
    schema_privs_are('rights S', 'No Role', ARRAY['USAGE']),
    false,
    'schema_privs_are(name, absent role, privileges)',
    'Role "No Role" should be granted USAGE on schema "rights S"',
    '    Role "No Role" does not exist'
);
SELECT * FROM check_test(
    schema_privs_are('No Such', 'rights_bob', ARRAY['USAGE']),
    false,
    'schema_privs_are(absent name, role, privileges)',
    'Role rights_bob should be granted USAGE on schema "No Such"',
    '    Schema "No Such" does not exist'
);
SELECT * FROM check_test(
    schema_privs_are(NULL, 'rights_bob', ARRAY['USAGE']),
    false,
    'schema_privs_are(NULL, role, privileges)',
    '',
    E'    Missing privileges:\n        USAGE'
);
SELECT * FROM check_test(
    tablespace_privs_are('pg_default', 'rights_bob', '{}'::name[]),
    true,
    'tablespace_privs_are(name, role, privileges)',
    'Role rights_bob should be granted no privileges on tablespace pg_default',
    ''
);
SELECT * FROM check_test(
    tablespace_privs_are('pg_default', 'rights_super', ARRAY['DELETE'], 'my words'),
    false,
    'tablespace_privs_are(name, superuser, privileges, description)',
    'my words',
    E'    Extra privileges:\n        CREATE\n    Missing privileges:\n        DELETE'
);
SELECT * FROM check_test(
    tablespace_privs_are('pg_default', 'No Role', ARRAY['USAGE']),
    false,
    'tablespace_privs_are(name, absent role, privileges)',
    'Role "No Role" should be granted USAGE on tablespace pg_default',
    '    Role "No Role" does not exist'
);
SELECT * FROM check_test(
    tablespace_privs_are('No Such', 'rights_bob', ARRAY['USAGE']),
    false,
    'tablespace_privs_are(absent name, role, privileges)',
    'Role rights_bob should be granted USAGE on tablespace "No Such"',
    '    Tablespace "No Such" does not exist'
);
SELECT * FROM check_test(
    tablespace_privs_are(NULL, 'rights_bob', ARRAY['USAGE']),
    false,
    'tablespace_privs_are(NULL, role, privileges)',
    '',
    E'    Missing privileges:\n        USAGE'
);
SELECT * FROM check_test(
    language_privs_are('sql', 'rights_bob', ARRAY['USAGE']),
    true,
    'language_privs_are(name, role, privileges)',
    'Role rights_bob should be granted USAGE on language sql',
    ''
);
SELECT * FROM check_test(
    language_privs_are('sql', 'rights_super', ARRAY['DELETE'], 'my words'),
    false,
    'language_privs_are(name, superuser, privileges, description)',
    'my words',
    E'    Extra privileges:\n        USAGE\n    Missing privileges:\n        DELETE'
);
SELECT * FROM check_test(
    language_privs_are('sql', 'No Role', ARRAY['USAGE']),
    false,
    'language_privs_are(name, absent role, privileges)',
    'Role "No Role" should be granted USAGE on language sql',
    '    Role "No Role" does not exist'
);
SELECT * FROM check_test(
    language_privs_are('No Such', 'rights_bob', ARRAY['USAGE']),
    false,
    'language_privs_are(absent name, role, privileges)',
    'Role rights_bob should be granted USAGE on language "No Such"',
    '    Language "No Such" does not exist'
);
SELECT * FROM check_test(
    language_privs_are(NULL, 'rights_bob', ARRAY['USAGE']),
    false,
    'language_privs_are(NULL, role, privileges)',
    '',
    E'    Missing privileges:\n        USAGE'
);
SELECT * FROM check_test(
    fdw_privs_are('rights_fdw', 'rights_bob', ARRAY['USAGE']),
    true,
    'fdw_privs_are(name, role, privileges)',
    'Role rights_bob should be granted USAGE on FDW rights_fdw',
    ''
);
SELECT * FROM check_test(
    fdw_privs_are('rights_fdw', 'rights_super', ARRAY['DELETE'], 'my words'),
    false,
    'fdw_privs_are(name, superuser, privileges, description)',
    'my words',
    E'    Extra privileges:\n        USAGE\n    Missing privileges:\n        DELETE'
);
SELECT * FROM check_test(
    fdw_privs_are('rights_fdw', 'No Role', ARRAY['USAGE']),
    false,
    'fdw_privs_are(name, absent role, privileges)',
    'Role "No Role" should be granted USAGE on FDW rights_fdw',
    '    Role "No Role" does not exist'
);
SELECT * FROM check_test(
    fdw_privs_are('No Such', 'rights_bob', ARRAY['USAGE']),
    false,
    'fdw_privs_are(absent name, role, privileges)',
    'Role rights_bob should be granted USAGE on FDW "No Such"',
    '    FDW "No Such" does not exist'
);
SELECT * FROM check_test(
    fdw_privs_are(NULL, 'rights_bob', ARRAY['USAGE']),
    false,
    'fdw_privs_are(NULL, role, privileges)',
    '',
    E'    Missing privileges:\n        USAGE'
);
SELECT * FROM check_test(
    server_privs_are('Odd Srv', 'rights_bob', ARRAY['USAGE']),
    true,
    'server_privs_are(name, role, privileges)',
    'Role rights_bob should be granted USAGE on server "Odd Srv"',
    ''
);
SELECT * FROM check_test(
    server_privs_are('Odd Srv', 'rights_super', ARRAY['DELETE'], 'my words'),
    false,
    'server_privs_are(name, superuser, privileges, description)',
    'my words',
    E'    Extra privileges:\n        USAGE\n    Missing privileges:\n        DELETE'
);
SELECT * FROM check_test(
    server_privs_are('Odd Srv', 'No Role', ARRAY['USAGE']),
    false,
    'server_privs_are(name, absent role, privileges)',
    'Role "No Role" should be granted USAGE on server "Odd Srv"',
    '    Role "No Role" does not exist'
);
SELECT * FROM check_test(
    server_privs_are('No Such', 'rights_bob', ARRAY['USAGE']),
    false,
    'server_privs_are(absent name, role, privileges)',
    'Role rights_bob should be granted USAGE on server "No Such"',
    '    Server "No Such" does not exist'
);
SELECT * FROM check_test(
    server_privs_are(NULL, 'rights_bob', ARRAY['USAGE']),
    false,
    'server_privs_are(NULL, role, privileges)',
    '',
    E'    Missing privileges:\n        USAGE'
);

SELECT * FROM finish();
ROLLBACK;
