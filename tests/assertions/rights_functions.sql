-- Which functions there are.
BEGIN;
SELECT plan(129);
CREATE SCHEMA "rights S";
CREATE SCHEMA rights_s;
SELECT set_config('search_path', 'rights_s, ' || current_setting('search_path'), true) AS path \gset
CREATE TYPE "rights S"."Odd T" AS ENUM ('a');
CREATE FUNCTION "rights S"."Odd F"("rights S"."Odd T") RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION rights_s.rights_f(integer, varchar[]) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE VIEW rights_s.rights_visible AS
SELECT DISTINCT p.proname AS name
FROM pg_catalog.pg_proc AS p
WHERE p.pronamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
    AND pg_function_is_visible(p.oid);

-- has_function, hasnt_function: each signature, and any spelling of the arguments
SELECT * FROM check_test(
    has_function('rights_f'),
    true,
    'has_function(function)',
    'Function rights_f() should exist',
    ''
);
SELECT * FROM check_test(
    has_function('rights_none'),
    false,
    'has_function(absent function)',
    'Function rights_none() should exist',
    ''
);
SELECT * FROM check_test(
    has_function('rights_f', 'my words'),
    true,
    'has_function(function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    has_function('rights_f', ARRAY['int', 'varchar[]']),
    true,
    'has_function(function, args)',
    'Function rights_f(int, varchar[]) should exist',
    ''
);
SELECT * FROM check_test(
    has_function('rights_f', ARRAY['integer', 'character varying[]'], 'my words'),
    true,
    'has_function(function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    has_function('rights_f', ARRAY['text']),
    false,
    'has_function(function, other args)',
    'Function rights_f(text) should exist',
    ''
);
SELECT * FROM check_test(
    has_function('rights_f', ARRAY['rights_no_type']),
    false,
    'has_function(function, absent type)',
    'Function rights_f(rights_no_type) should exist',
    ''
);
SELECT * FROM check_test(
    has_function('rights_f', '{}'::name[]),
    false,
    'has_function(function, no args)',
    'Function rights_f() should exist',
    ''
);
SELECT * FROM check_test(
    has_function('rights S', 'Odd F'::name),
    true,
    'has_function(schema, function)',
    'Function "rights S"."Odd F"() should exist',
    ''
);
SELECT * FROM check_test(
    has_function('rights S', 'rights_f'::name),
    false,
    'has_function(other schema, function)',
    'Function "rights S".rights_f() should exist',
    ''
);
SELECT * FROM check_test(
    has_function('rights S', 'Odd F'::name, 'my words'),
    true,
    'has_function(schema, function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    has_function('rights S', 'Odd F', ARRAY['"rights S"."Odd T"']),
    true,
    'has_function(schema, function, args)',
    'Function "rights S"."Odd F"("rights S"."Odd T") should exist',
    ''
);
SELECT * FROM check_test(
    has_function('rights S', 'Odd F', ARRAY['int'], 'my words'),
    false,
    'has_function(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    has_function('Odd F'),
    false,
    'has_function(function off the search path)',
    'Function "Odd F"() should exist',
    ''
);
SELECT * FROM check_test(
    has_function(NULL::name, 'rights_f'::name),
    false,
    'has_function(NULL, function)',
    '',
    ''
);
SELECT * FROM check_test(
    has_function('rights_f', NULL::name[]),
    false,
    'has_function(function, NULL)',
    '',
    ''
);
SELECT * FROM check_test(
    hasnt_function('rights_f'),
    false,
    'hasnt_function(function)',
    'Function rights_f() should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_function('rights_none'),
    true,
    'hasnt_function(absent function)',
    'Function rights_none() should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_function('rights_f', 'my words'),
    false,
    'hasnt_function(function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    hasnt_function('rights_f', ARRAY['int', 'varchar[]']),
    false,
    'hasnt_function(function, args)',
    'Function rights_f(int, varchar[]) should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_function('rights_f', ARRAY['integer', 'character varying[]'], 'my words'),
    false,
    'hasnt_function(function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    hasnt_function('rights_f', ARRAY['text']),
    true,
    'hasnt_function(function, other args)',
    'Function rights_f(text) should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_function('rights_f', ARRAY['rights_no_type']),
    true,
    'hasnt_function(function, absent type)',
    'Function rights_f(rights_no_type) should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_function('rights_f', '{}'::name[]),
    true,
    'hasnt_function(function, no args)',
    'Function rights_f() should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_function('rights S', 'Odd F'::name),
    false,
    'hasnt_function(schema, function)',
    'Function "rights S"."Odd F"() should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_function('rights S', 'rights_f'::name),
    true,
    'hasnt_function(other schema, function)',
    'Function "rights S".rights_f() should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_function('rights S', 'Odd F'::name, 'my words'),
    false,
    'hasnt_function(schema, function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    hasnt_function('rights S', 'Odd F', ARRAY['"rights S"."Odd T"']),
    false,
    'hasnt_function(schema, function, args)',
    'Function "rights S"."Odd F"("rights S"."Odd T") should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_function('rights S', 'Odd F', ARRAY['int'], 'my words'),
    true,
    'hasnt_function(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    hasnt_function('Odd F'),
    true,
    'hasnt_function(function off the search path)',
    'Function "Odd F"() should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_function(NULL::name, 'rights_f'::name),
    true,
    'hasnt_function(NULL, function)',
    '',
    ''
);
SELECT * FROM check_test(
    hasnt_function('rights_f', NULL::name[]),
    true,
    'hasnt_function(function, NULL)',
    '',
    ''
);

-- can, functions_are
SELECT * FROM check_test(
    can('rights S', ARRAY['Odd F']),
    true,
    'can(schema, functions)',
    'Schema "rights S" can',
    ''
);
SELECT * FROM check_test(
    can('rights S', ARRAY['b', 'Odd F', 'A b', 'b']),
    false,
    'can(schema, absent functions)',
    'Schema "rights S" can',
    E'    "rights S".b() missing\n    "rights S"."A b"() missing\n    "rights S".b() missing'
);
SELECT * FROM check_test(
    can('rights S', ARRAY['Odd F'], 'my words'),
    true,
    'can(schema, functions, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    can(ARRAY['rights_f', 'lower']),
    true,
    'can(functions)',
    (SELECT 'Schema ' || string_agg(quote_ident(s), ' or ') || ' can'
        FROM unnest(current_schemas(true)) AS s),
    ''
);
SELECT * FROM check_test(
    can(ARRAY['rights_f', 'Odd F'], 'my words'),
    false,
    'can(functions, description)',
    'my words',
    '    "Odd F"() missing'
);
SELECT * FROM check_test(
    functions_are('rights S', ARRAY['Odd F', 'Odd F']),
    true,
    'functions_are(schema, functions)',
    'Schema "rights S" should have the correct functions',
    ''
);
SELECT * FROM check_test(
    functions_are('rights S', ARRAY['b', 'A b']),
    false,
    'functions_are(schema, other functions)',
    'Schema "rights S" should have the correct functions',
    E'    Extra functions:\n        "Odd F"\n    Missing functions:\n        "A b"\n        b'
);
SELECT * FROM check_test(
    functions_are('rights S', ARRAY['Odd F'], 'my words'),
    true,
    'functions_are(schema, functions, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    functions_are((SELECT array_agg(name) FROM rights_visible)),
    true,
    'functions_are(functions)',
    'Search path ' || current_setting('search_path') || ' should have the correct functions',
    ''
);
SELECT * FROM check_test(
    functions_are((SELECT array_agg(name) || '{No F}'::name[]
        FROM rights_visible WHERE name <> 'rights_f')),
    false,
    'functions_are(other functions)',
    'Search path ' || current_setting('search_path') || ' should have the correct functions',
    E'    Extra functions:\n        rights_f\n    Missing functions:\n        "No F"'
);
SELECT * FROM check_test(
    functions_are((SELECT array_agg(name) FROM rights_visible), 'my words'),
    true,
    'functions_are(functions, description)',
    'my words',
    ''
);

SELECT * FROM finish();
ROLLBACK;
