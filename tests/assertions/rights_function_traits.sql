-- What a function is.
BEGIN;
SELECT plan(513);
CREATE SCHEMA "rights S";
CREATE SCHEMA rights_s;
SELECT set_config('search_path', 'rights_s, ' || current_setting('search_path'), true) AS path \gset
CREATE FUNCTION rights_s.rights_f(integer, text[]) RETURNS SETOF integer STABLE
LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION "rights S"."Odd F"(integer) RETURNS SETOF integer STABLE LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION rights_s.rights_strict_definer(integer) RETURNS integer STRICT SECURITY DEFINER
LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION rights_s.rights_many(text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION rights_s.rights_many() RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE PROCEDURE rights_s.rights_proc() LANGUAGE sql AS '';
CREATE AGGREGATE rights_s.rights_agg(integer) (sfunc = int4pl, stype = integer);

-- function_lang_is, function_returns, volatility_is: each signature
SELECT * FROM check_test(
    function_lang_is('rights_f', 'sql'::name),
    true,
    'function_lang_is(function)',
    'Function rights_f() should be written in sql',
    ''
);
SELECT * FROM check_test(
    function_lang_is('rights_f', 'plpgsql'::name),
    false,
    'function_lang_is(function) fails',
    'Function rights_f() should be written in plpgsql',
    E'        have: sql\n        want: plpgsql'
);
SELECT * FROM check_test(
    function_lang_is('rights_f', 'plpgsql'::name, 'my words'),
    false,
    'function_lang_is(function, description)',
    'my words',
    E'        have: sql\n        want: plpgsql'
);
SELECT * FROM check_test(
    function_lang_is('rights_f', ARRAY['integer', 'text[]'], 'sql'),
    true,
    'function_lang_is(function, args)',
    'Function rights_f(integer, text[]) should be written in sql',
    ''
);
SELECT * FROM check_test(
    function_lang_is('rights_f', ARRAY['int', 'text[]'], 'sql'),
    false,
    'function_lang_is(function, args of another spelling)',
    'Function rights_f(int, text[]) should be written in sql',
    '    Function rights_f(int, text[]) does not exist'
);
SELECT * FROM check_test(
    function_lang_is('rights_f', ARRAY['integer', 'text[]'], 'plpgsql', 'my words'),
    false,
    'function_lang_is(function, args, description)',
    'my words',
    E'        have: sql\n        want: plpgsql'
);
SELECT * FROM check_test(
    function_lang_is('rights S'::name, 'Odd F'::name, 'sql'::name),
    true,
    'function_lang_is(schema, function)',
    'Function "rights S"."Odd F"() should be written in sql',
    ''
);
SELECT * FROM check_test(
    function_lang_is('rights S', 'No F'::name, 'sql'::name, 'my words'),
    false,
    'function_lang_is(schema, absent function, description)',
    'my words',
    '    Function "rights S"."No F"() does not exist'
);
SELECT * FROM check_test(
    function_lang_is('rights S', 'Odd F', ARRAY['integer'], 'plpgsql'),
    false,
    'function_lang_is(schema, function, args)',
    'Function "rights S"."Odd F"(integer) should be written in plpgsql',
    E'        have: sql\n        want: plpgsql'
);
SELECT * FROM check_test(
    function_lang_is('rights S', 'Odd F', ARRAY['integer'], 'sql', 'my words'),
    true,
    'function_lang_is(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    function_lang_is(NULL::name, 'rights_f'::name, 'sql'::name),
    false,
    'function_lang_is(NULL, function)',
    '',
    '    Function rights_f() does not exist'
);
SELECT * FROM check_test(
    function_returns('rights_f', 'setof integer'::text),
    true,
    'function_returns(function)',
    'Function rights_f() should return setof integer',
    ''
);
SELECT * FROM check_test(
    function_returns('rights_f', 'text'::text),
    false,
    'function_returns(function) fails',
    'Function rights_f() should return text',
    E'        have: setof integer\n        want: text'
);
SELECT * FROM check_test(
    function_returns('rights_f', 'text'::text, 'my words'),
    false,
    'function_returns(function, description)',
    'my words',
    E'        have: setof integer\n        want: text'
);
SELECT * FROM check_test(
    function_returns('rights_f', ARRAY['integer', 'text[]'], 'setof integer'),
    true,
    'function_returns(function, args)',
    'Function rights_f(integer, text[]) should return setof integer',
    ''
);
SELECT * FROM check_test(
    function_returns('rights_f', ARRAY['int', 'text[]'], 'setof integer'),
    false,
    'function_returns(function, args of another spelling)',
    'Function rights_f(int, text[]) should return setof integer',
    '    Function rights_f(int, text[]) does not exist'
);
SELECT * FROM check_test(
    function_returns('rights_f', ARRAY['integer', 'text[]'], 'text', 'my words'),
    false,
    'function_returns(function, args, description)',
    'my words',
    E'        have: setof integer\n        want: text'
);
SELECT * FROM check_test(
    function_returns('rights S'::name, 'Odd F'::name, 'setof integer'::text),
    true,
    'function_returns(schema, function)',
    'Function "rights S"."Odd F"() should return setof integer',
    ''
);
SELECT * FROM check_test(
    function_returns('rights S', 'No F'::name, 'setof integer'::text, 'my words'),
    false,
    'function_returns(schema, absent function, description)',
    'my words',
    '    Function "rights S"."No F"() does not exist'
);
SELECT * FROM check_test(
    function_returns('rights S', 'Odd F', ARRAY['integer'], 'text'),
    false,
    'function_returns(schema, function, args)',
    'Function "rights S"."Odd F"(integer) should return text',
    E'        have: setof integer\n        want: text'
);
SELECT * FROM check_test(
    function_returns('rights S', 'Odd F', ARRAY['integer'], 'setof integer', 'my words'),
    true,
    'function_returns(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    function_returns(NULL::name, 'rights_f'::name, 'setof integer'::text),
    false,
    'function_returns(NULL, function)',
    '',
    '    Function rights_f() does not exist'
);
SELECT * FROM check_test(
    volatility_is('rights_f', 'stable'::text),
    true,
    'volatility_is(function)',
    'Function rights_f() should be STABLE',
    ''
);
SELECT * FROM check_test(
    volatility_is('rights_f', 'Immutable'::text),
    false,
    'volatility_is(function) fails',
    'Function rights_f() should be IMMUTABLE',
    E'        have: STABLE\n        want: IMMUTABLE'
);
SELECT * FROM check_test(
    volatility_is('rights_f', 'Immutable'::text, 'my words'),
    false,
    'volatility_is(function, description)',
    'my words',
    E'        have: STABLE\n        want: IMMUTABLE'
);
SELECT * FROM check_test(
    volatility_is('rights_f', ARRAY['integer', 'text[]'], 'stable'),
    true,
    'volatility_is(function, args)',
    'Function rights_f(integer, text[]) should be STABLE',
    ''
);
SELECT * FROM check_test(
    volatility_is('rights_f', ARRAY['int', 'text[]'], 'stable'),
    false,
    'volatility_is(function, args of another spelling)',
    'Function rights_f(int, text[]) should be STABLE',
    '    Function rights_f(int, text[]) does not exist'
);
SELECT * FROM check_test(
    volatility_is('rights_f', ARRAY['integer', 'text[]'], 'Immutable', 'my words'),
    false,
    'volatility_is(function, args, description)',
    'my words',
    E'        have: STABLE\n        want: IMMUTABLE'
);
SELECT * FROM check_test(
    volatility_is('rights S'::name, 'Odd F'::name, 'stable'::text),
    true,
    'volatility_is(schema, function)',
    'Function "rights S"."Odd F"() should be STABLE',
    ''
);
SELECT * FROM check_test(
    volatility_is('rights S', 'No F'::name, 'stable'::text, 'my words'),
    false,
    'volatility_is(schema, absent function, description)',
    'my words',
    '    Function "rights S"."No F"() does not exist'
);
SELECT * FROM check_test(
    volatility_is('rights S', 'Odd F', ARRAY['integer'], 'Immutable'),
    false,
    'volatility_is(schema, function, args)',
    'Function "rights S"."Odd F"(integer) should be IMMUTABLE',
    E'        have: STABLE\n        want: IMMUTABLE'
);
SELECT * FROM check_test(
    volatility_is('rights S', 'Odd F', ARRAY['integer'], 'stable', 'my words'),
    true,
    'volatility_is(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    volatility_is(NULL::name, 'rights_f'::name, 'stable'::text),
    false,
    'volatility_is(NULL, function)',
    '',
    '    Function rights_f() does not exist'
);
SELECT * FROM check_test(
    function_lang_is('rights_f', NULL::name),
    false,
    'function_lang_is(function, NULL)',
    '',
    E'        have: sql\n        want: NULL'
);
SELECT * FROM check_test(
    function_returns('rights_none', 'void'::text),
    false,
    'function_returns(absent function)',
    'Function rights_none() should return void',
    '    Function rights_none() does not exist'
);
SELECT * FROM check_test(
    function_returns('rights_proc', 'void'::text),
    true,
    'function_returns(procedure)',
    'Function rights_proc() should return void',
    ''
);
SELECT * FROM check_test(
    volatility_is('rights_f', 's'::text),
    true,
    'volatility_is(function, letter)',
    'Function rights_f() should be STABLE',
    ''
);
SELECT * FROM check_test(
    volatility_is('rights_f', 'fast'::text),
    false,
    'volatility_is(function, nonsense)',
    'Function rights_f() should be UNKNOWN',
    E'        have: STABLE\n        want: UNKNOWN'
);
SELECT * FROM check_test(
    function_returns('rights_many', 'boolean'::text),
    true,
    'function_returns(one of several)',
    'Function rights_many() should return boolean',
    ''
);

-- the kind of a function, and whether it is strict or a security definer: each signature
SELECT * FROM check_test(
    is_normal_function('rights_f'),
    true,
    'is_normal_function(function)',
    'Function rights_f() should be a normal function',
    ''
);
SELECT * FROM check_test(
    is_normal_function('rights_agg'),
    false,
    'is_normal_function(other function)',
    'Function rights_agg() should be a normal function',
    ''
);
SELECT * FROM check_test(
    is_normal_function('rights_agg', 'my words'),
    false,
    'is_normal_function(other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_normal_function('rights_f', ARRAY['integer', 'text[]']),
    true,
    'is_normal_function(function, args)',
    'Function rights_f(integer, text[]) should be a normal function',
    ''
);
SELECT * FROM check_test(
    is_normal_function('rights_agg', ARRAY['integer'], 'my words'),
    false,
    'is_normal_function(other function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_normal_function('rights_s', 'rights_f'::name),
    true,
    'is_normal_function(schema, function)',
    'Function rights_s.rights_f() should be a normal function',
    ''
);
SELECT * FROM check_test(
    is_normal_function('rights_s', 'rights_agg'::name, 'my words'),
    false,
    'is_normal_function(schema, other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_normal_function('rights_s', 'rights_agg', ARRAY['integer']),
    false,
    'is_normal_function(schema, other function, args)',
    'Function rights_s.rights_agg(integer) should be a normal function',
    ''
);
SELECT * FROM check_test(
    is_normal_function('rights_s', 'rights_f', ARRAY['integer', 'text[]'], 'my words'),
    true,
    'is_normal_function(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_normal_function('rights S', 'No F', ARRAY['a b', 'c']),
    false,
    'is_normal_function(absent function)',
    'Function "rights S"."No F"(a b, c) should be a normal function',
    '    Function "rights S"."No F"(a b, c) does not exist'
);
SELECT * FROM check_test(
    is_normal_function('No F', 'my words'),
    false,
    'is_normal_function(absent function, description)',
    'my words',
    '    Function "No F"() does not exist'
);
SELECT * FROM check_test(
    isnt_normal_function('rights_agg'),
    true,
    'isnt_normal_function(function)',
    'Function rights_agg() should not be a normal function',
    ''
);
SELECT * FROM check_test(
    isnt_normal_function('rights_f'),
    false,
    'isnt_normal_function(other function)',
    'Function rights_f() should not be a normal function',
    ''
);
SELECT * FROM check_test(
    isnt_normal_function('rights_f', 'my words'),
    false,
    'isnt_normal_function(other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_normal_function('rights_agg', ARRAY['integer']),
    true,
    'isnt_normal_function(function, args)',
    'Function rights_agg(integer) should not be a normal function',
    ''
);
SELECT * FROM check_test(
    isnt_normal_function('rights_f', ARRAY['integer', 'text[]'], 'my words'),
    false,
    'isnt_normal_function(other function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_normal_function('rights_s', 'rights_agg'::name),
    true,
    'isnt_normal_function(schema, function)',
    'Function rights_s.rights_agg() should not be a normal function',
    ''
);
SELECT * FROM check_test(
    isnt_normal_function('rights_s', 'rights_f'::name, 'my words'),
    false,
    'isnt_normal_function(schema, other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_normal_function('rights_s', 'rights_f', ARRAY['integer', 'text[]']),
    false,
    'isnt_normal_function(schema, other function, args)',
    'Function rights_s.rights_f(integer, text[]) should not be a normal function',
    ''
);
SELECT * FROM check_test(
    isnt_normal_function('rights_s', 'rights_agg', ARRAY['integer'], 'my words'),
    true,
    'isnt_normal_function(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_normal_function('rights S', 'No F', ARRAY['a b', 'c']),
    false,
    'isnt_normal_function(absent function)',
    'Function "rights S"."No F"(a b, c) should not be a normal function',
    '    Function "rights S"."No F"(a b, c) does not exist'
);
SELECT * FROM check_test(
    isnt_normal_function('No F', 'my words'),
    false,
    'isnt_normal_function(absent function, description)',
    'my words',
    '    Function "No F"() does not exist'
);
SELECT * FROM check_test(
    is_aggregate('rights_agg'),
    true,
    'is_aggregate(function)',
    'Function rights_agg() should be an aggregate function',
    ''
);
SELECT * FROM check_test(
    is_aggregate('rights_f'),
    false,
    'is_aggregate(other function)',
    'Function rights_f() should be an aggregate function',
    ''
);
SELECT * FROM check_test(
    is_aggregate('rights_f', 'my words'),
    false,
    'is_aggregate(other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_aggregate('rights_agg', ARRAY['integer']),
    true,
    'is_aggregate(function, args)',
    'Function rights_agg(integer) should be an aggregate function',
    ''
);
SELECT * FROM check_test(
    is_aggregate('rights_f', ARRAY['integer', 'text[]'], 'my words'),
    false,
    'is_aggregate(other function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_aggregate('rights_s', 'rights_agg'::name),
    true,
    'is_aggregate(schema, function)',
    'Function rights_s.rights_agg() should be an aggregate function',
    ''
);
SELECT * FROM check_test(
    is_aggregate('rights_s', 'rights_f'::name, 'my words'),
    false,
    'is_aggregate(schema, other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_aggregate('rights_s', 'rights_f', ARRAY['integer', 'text[]']),
    false,
    'is_aggregate(schema, other function, args)',
    'Function rights_s.rights_f(integer, text[]) should be an aggregate function',
    ''
);
SELECT * FROM check_test(
    is_aggregate('rights_s', 'rights_agg', ARRAY['integer'], 'my words'),
    true,
    'is_aggregate(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_aggregate('rights S', 'No F', ARRAY['a b', 'c']),
    false,
    'is_aggregate(absent function)',
    'Function "rights S"."No F"(a b, c) should be an aggregate function',
    '    Function "rights S"."No F"(a b, c) does not exist'
);
SELECT * FROM check_test(
    is_aggregate('No F', 'my words'),
    false,
    'is_aggregate(absent function, description)',
    'my words',
    '    Function "No F"() does not exist'
);
SELECT * FROM check_test(
    isnt_aggregate('rights_f'),
    true,
    'isnt_aggregate(function)',
    'Function rights_f() should not be an aggregate function',
    ''
);
SELECT * FROM check_test(
    isnt_aggregate('rights_agg'),
    false,
    'isnt_aggregate(other function)',
    'Function rights_agg() should not be an aggregate function',
    ''
);
SELECT * FROM check_test(
    isnt_aggregate('rights_agg', 'my words'),
    false,
    'isnt_aggregate(other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_aggregate('rights_f', ARRAY['integer', 'text[]']),
    true,
    'isnt_aggregate(function, args)',
    'Function rights_f(integer, text[]) should not be an aggregate function',
    ''
);
SELECT * FROM check_test(
    isnt_aggregate('rights_agg', ARRAY['integer'], 'my words'),
    false,
    'isnt_aggregate(other function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_aggregate('rights_s', 'rights_f'::name),
    true,
    'isnt_aggregate(schema, function)',
    'Function rights_s.rights_f() should not be an aggregate function',
    ''
);
SELECT * FROM check_test(
    isnt_aggregate('rights_s', 'rights_agg'::name, 'my words'),
    false,
    'isnt_aggregate(schema, other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_aggregate('rights_s', 'rights_agg', ARRAY['integer']),
    false,
    'isnt_aggregate(schema, other function, args)',
    'Function rights_s.rights_agg(integer) should not be an aggregate function',
    ''
);
SELECT * FROM check_test(
    isnt_aggregate('rights_s', 'rights_f', ARRAY['integer', 'text[]'], 'my words'),
    true,
    'isnt_aggregate(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_aggregate('rights S', 'No F', ARRAY['a b', 'c']),
    false,
    'isnt_aggregate(absent function)',
    'Function "rights S"."No F"(a b, c) should not be an aggregate function',
    '    Function "rights S"."No F"(a b, c) does not exist'
);
SELECT * FROM check_test(
    isnt_aggregate('No F', 'my words'),
    false,
    'isnt_aggregate(absent function, description)',
    'my words',
    '    Function "No F"() does not exist'
);
SELECT * FROM check_test(
    is_window('row_number'),
    true,
    'is_window(function)',
    'Function row_number() should be a window function',
    ''
);
SELECT * FROM check_test(
    is_window('rights_f'),
    false,
    'is_window(other function)',
    'Function rights_f() should be a window function',
    ''
);
SELECT * FROM check_test(
    is_window('rights_f', 'my words'),
    false,
    'is_window(other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_window('row_number', '{}'::name[]),
    true,
    'is_window(function, args)',
    'Function row_number() should be a window function',
    ''
);
SELECT * FROM check_test(
    is_window('rights_f', ARRAY['integer', 'text[]'], 'my words'),
    false,
    'is_window(other function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_window('pg_catalog', 'row_number'::name),
    true,
    'is_window(schema, function)',
    'Function pg_catalog.row_number() should be a window function',
    ''
);
SELECT * FROM check_test(
    is_window('rights_s', 'rights_f'::name, 'my words'),
    false,
    'is_window(schema, other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_window('rights_s', 'rights_f', ARRAY['integer', 'text[]']),
    false,
    'is_window(schema, other function, args)',
    'Function rights_s.rights_f(integer, text[]) should be a window function',
    ''
);
SELECT * FROM check_test(
    is_window('pg_catalog', 'row_number', '{}'::name[], 'my words'),
    true,
    'is_window(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_window('rights S', 'No F', ARRAY['a b', 'c']),
    false,
    'is_window(absent function)',
    'Function "rights S"."No F"(a b, c) should be a window function',
    '    Function "rights S"."No F"(a b, c) does not exist'
);
SELECT * FROM check_test(
    is_window('No F', 'my words'),
    false,
    'is_window(absent function, description)',
    'my words',
    '    Function "No F"() does not exist'
);
SELECT * FROM check_test(
    isnt_window('rights_f'),
    true,
    'isnt_window(function)',
    'Function rights_f() should not be a window function',
    ''
);
SELECT * FROM check_test(
    isnt_window('row_number'),
    false,
    'isnt_window(other function)',
    'Function row_number() should not be a window function',
    ''
);
SELECT * FROM check_test(
    isnt_window('row_number', 'my words'),
    false,
    'isnt_window(other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_window('rights_f', ARRAY['integer', 'text[]']),
    true,
    'isnt_window(function, args)',
    'Function rights_f(integer, text[]) should not be a window function',
    ''
);
SELECT * FROM check_test(
    isnt_window('row_number', '{}'::name[], 'my words'),
    false,
    'isnt_window(other function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_window('rights_s', 'rights_f'::name),
    true,
    'isnt_window(schema, function)',
    'Function rights_s.rights_f() should not be a window function',
    ''
);
SELECT * FROM check_test(
    isnt_window('pg_catalog', 'row_number'::name, 'my words'),
    false,
    'isnt_window(schema, other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_window('pg_catalog', 'row_number', '{}'::name[]),
    false,
    'isnt_window(schema, other function, args)',
    'Function pg_catalog.row_number() should not be a window function',
    ''
);
SELECT * FROM check_test(
    isnt_window('rights_s', 'rights_f', ARRAY['integer', 'text[]'], 'my words'),
    true,
    'isnt_window(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_window('rights S', 'No F', ARRAY['a b', 'c']),
    false,
    'isnt_window(absent function)',
    'Function "rights S"."No F"(a b, c) should not be a window function',
    '    Function "rights S"."No F"(a b, c) does not exist'
);
SELECT * FROM check_test(
    isnt_window('No F', 'my words'),
    false,
    'isnt_window(absent function, description)',
    'my words',
    '    Function "No F"() does not exist'
);
SELECT * FROM check_test(
    is_procedure('rights_proc'),
    true,
    'is_procedure(function)',
    'Function rights_proc() should be a procedure',
    ''
);
SELECT * FROM check_test(
    is_procedure('rights_f'),
    false,
    'is_procedure(other function)',
    'Function rights_f() should be a procedure',
    ''
);
SELECT * FROM check_test(
    is_procedure('rights_f', 'my words'),
    false,
    'is_procedure(other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_procedure('rights_proc', '{}'::name[]),
    true,
    'is_procedure(function, args)',
    'Function rights_proc() should be a procedure',
    ''
);
SELECT * FROM check_test(
    is_procedure('rights_f', ARRAY['integer', 'text[]'], 'my words'),
    false,
    'is_procedure(other function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_procedure('rights_s', 'rights_proc'::name),
    true,
    'is_procedure(schema, function)',
    'Function rights_s.rights_proc() should be a procedure',
    ''
);
SELECT * FROM check_test(
    is_procedure('rights_s', 'rights_f'::name, 'my words'),
    false,
    'is_procedure(schema, other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_procedure('rights_s', 'rights_f', ARRAY['integer', 'text[]']),
    false,
    'is_procedure(schema, other function, args)',
    'Function rights_s.rights_f(integer, text[]) should be a procedure',
    ''
);
SELECT * FROM check_test(
    is_procedure('rights_s', 'rights_proc', '{}'::name[], 'my words'),
    true,
    'is_procedure(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_procedure('rights S', 'No F', ARRAY['a b', 'c']),
    false,
    'is_procedure(absent function)',
    'Function "rights S"."No F"(a b, c) should be a procedure',
    '    Function "rights S"."No F"(a b, c) does not exist'
);
SELECT * FROM check_test(
    is_procedure('No F', 'my words'),
    false,
    'is_procedure(absent function, description)',
    'my words',
    '    Function "No F"() does not exist'
);
SELECT * FROM check_test(
    isnt_procedure('rights_f'),
    true,
    'isnt_procedure(function)',
    'Function rights_f() should not be a procedure',
    ''
);
SELECT * FROM check_test(
    isnt_procedure('rights_proc'),
    false,
    'isnt_procedure(other function)',
    'Function rights_proc() should not be a procedure',
    ''
);
SELECT * FROM check_test(
    isnt_procedure('rights_proc', 'my words'),
    false,
    'isnt_procedure(other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_procedure('rights_f', ARRAY['integer', 'text[]']),
    true,
    'isnt_procedure(function, args)',
    'Function rights_f(integer, text[]) should not be a procedure',
    ''
);
SELECT * FROM check_test(
    isnt_procedure('rights_proc', '{}'::name[], 'my words'),
    false,
    'isnt_procedure(other function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_procedure('rights_s', 'rights_f'::name),
    true,
    'isnt_procedure(schema, function)',
    'Function rights_s.rights_f() should not be a procedure',
    ''
);
SELECT * FROM check_test(
    isnt_procedure('rights_s', 'rights_proc'::name, 'my words'),
    false,
    'isnt_procedure(schema, other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_procedure('rights_s', 'rights_proc', '{}'::name[]),
    false,
    'isnt_procedure(schema, other function, args)',
    'Function rights_s.rights_proc() should not be a procedure',
    ''
);
SELECT * FROM check_test(
    isnt_procedure('rights_s', 'rights_f', ARRAY['integer', 'text[]'], 'my words'),
    true,
    'isnt_procedure(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_procedure('rights S', 'No F', ARRAY['a b', 'c']),
    false,
    'isnt_procedure(absent function)',
    'Function "rights S"."No F"(a b, c) should not be a procedure',
    '    Function "rights S"."No F"(a b, c) does not exist'
);
SELECT * FROM check_test(
    isnt_procedure('No F', 'my words'),
    false,
    'isnt_procedure(absent function, description)',
    'my words',
    '    Function "No F"() does not exist'
);
SELECT * FROM check_test(
    is_definer('rights_strict_definer'),
    true,
    'is_definer(function)',
    'Function rights_strict_definer() should be security definer',
    ''
);
SELECT * FROM check_test(
    is_definer('rights_f'),
    false,
    'is_definer(other function)',
    'Function rights_f() should be security definer',
    ''
);
SELECT * FROM check_test(
    is_definer('rights_f', 'my words'),
    false,
    'is_definer(other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_definer('rights_strict_definer', ARRAY['integer']),
    true,
    'is_definer(function, args)',
    'Function rights_strict_definer(integer) should be security definer',
    ''
);
SELECT * FROM check_test(
    is_definer('rights_f', ARRAY['integer', 'text[]'], 'my words'),
    false,
    'is_definer(other function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_definer('rights_s', 'rights_strict_definer'::name),
    true,
    'is_definer(schema, function)',
    'Function rights_s.rights_strict_definer() should be security definer',
    ''
);
SELECT * FROM check_test(
    is_definer('rights_s', 'rights_f'::name, 'my words'),
    false,
    'is_definer(schema, other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_definer('rights_s', 'rights_f', ARRAY['integer', 'text[]']),
    false,
    'is_definer(schema, other function, args)',
    'Function rights_s.rights_f(integer, text[]) should be security definer',
    ''
);
SELECT * FROM check_test(
    is_definer('rights_s', 'rights_strict_definer', ARRAY['integer'], 'my words'),
    true,
    'is_definer(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_definer('rights S', 'No F', ARRAY['a b', 'c']),
    false,
    'is_definer(absent function)',
    'Function "rights S"."No F"(a b, c) should be security definer',
    '    (test result was NULL)'
);
SELECT * FROM check_test(
    is_definer('No F', 'my words'),
    false,
    'is_definer(absent function, description)',
    'my words',
    '    Function "No F"() does not exist'
);
SELECT * FROM check_test(
    isnt_definer('rights_f'),
    true,
    'isnt_definer(function)',
    'Function rights_f() should not be security definer',
    ''
);
SELECT * FROM check_test(
    isnt_definer('rights_strict_definer'),
    false,
    'isnt_definer(other function)',
    'Function rights_strict_definer() should not be security definer',
    ''
);
SELECT * FROM check_test(
    isnt_definer('rights_strict_definer', 'my words'),
    false,
    'isnt_definer(other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_definer('rights_f', ARRAY['integer', 'text[]']),
    true,
    'isnt_definer(function, args)',
    'Function rights_f(integer, text[]) should not be security definer',
    ''
);
SELECT * FROM check_test(
    isnt_definer('rights_strict_definer', ARRAY['integer'], 'my words'),
    false,
    'isnt_definer(other function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_definer('rights_s', 'rights_f'::name),
    true,
    'isnt_definer(schema, function)',
    'Function rights_s.rights_f() should not be security definer',
    ''
);
SELECT * FROM check_test(
    isnt_definer('rights_s', 'rights_strict_definer'::name, 'my words'),
    false,
    'isnt_definer(schema, other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_definer('rights_s', 'rights_strict_definer', ARRAY['integer']),
    false,
    'isnt_definer(schema, other function, args)',
    'Function rights_s.rights_strict_definer(integer) should not be security definer',
    ''
);
SELECT * FROM check_test(
    isnt_definer('rights_s', 'rights_f', ARRAY['integer', 'text[]'], 'my words'),
    true,
    'isnt_definer(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_definer('rights S', 'No F', ARRAY['a b', 'c']),
    false,
    'isnt_definer(absent function)',
    'Function "rights S"."No F"(a b, c) should not be security definer',
    '    (test result was NULL)'
);
SELECT * FROM check_test(
    isnt_definer('No F', 'my words'),
    false,
    'isnt_definer(absent function, description)',
    'my words',
    '    Function "No F"() does not exist'
);
SELECT * FROM check_test(
    is_strict('rights_strict_definer'),
    true,
    'is_strict(function)',
    'Function rights_strict_definer() should be strict',
    ''
);
SELECT * FROM check_test(
    is_strict('rights_f'),
    false,
    'is_strict(other function)',
    'Function rights_f() should be strict',
    ''
);
SELECT * FROM check_test(
    is_strict('rights_f', 'my words'),
    false,
    'is_strict(other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_strict('rights_strict_definer', ARRAY['integer']),
    true,
    'is_strict(function, args)',
    'Function rights_strict_definer(integer) should be strict',
    ''
);
SELECT * FROM check_test(
    is_strict('rights_f', ARRAY['integer', 'text[]'], 'my words'),
    false,
    'is_strict(other function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_strict('rights_s', 'rights_strict_definer'::name),
    true,
    'is_strict(schema, function)',
    'Function rights_s.rights_strict_definer() should be strict',
    ''
);
SELECT * FROM check_test(
    is_strict('rights_s', 'rights_f'::name, 'my words'),
    false,
    'is_strict(schema, other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_strict('rights_s', 'rights_f', ARRAY['integer', 'text[]']),
    false,
    'is_strict(schema, other function, args)',
    'Function rights_s.rights_f(integer, text[]) should be strict',
    ''
);
SELECT * FROM check_test(
    is_strict('rights_s', 'rights_strict_definer', ARRAY['integer'], 'my words'),
    true,
    'is_strict(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    is_strict('rights S', 'No F', ARRAY['a b', 'c']),
    false,
    'is_strict(absent function)',
    'Function "rights S"."No F"(a b, c) should be strict',
    '    (test result was NULL)'
);
SELECT * FROM check_test(
    is_strict('No F', 'my words'),
    false,
    'is_strict(absent function, description)',
    'my words',
    '    Function "No F"() does not exist'
);
SELECT * FROM check_test(
    isnt_strict('rights_f'),
    true,
    'isnt_strict(function)',
    'Function rights_f() should not be strict',
    ''
);
SELECT * FROM check_test(
    isnt_strict('rights_strict_definer'),
    false,
    'isnt_strict(other function)',
    'Function rights_strict_definer() should not be strict',
    ''
);
SELECT * FROM check_test(
    isnt_strict('rights_strict_definer', 'my words'),
    false,
    'isnt_strict(other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_strict('rights_f', ARRAY['integer', 'text[]']),
    true,
    'isnt_strict(function, args)',
    'Function rights_f(integer, text[]) should not be strict',
    ''
);
SELECT * FROM check_test(
    isnt_strict('rights_strict_definer', ARRAY['integer'], 'my words'),
    false,
    'isnt_strict(other function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_strict('rights_s', 'rights_f'::name),
    true,
    'isnt_strict(schema, function)',
    'Function rights_s.rights_f() should not be strict',
    ''
);
SELECT * FROM check_test(
    isnt_strict('rights_s', 'rights_strict_definer'::name, 'my words'),
    false,
    'isnt_strict(schema, other function, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_strict('rights_s', 'rights_strict_definer', ARRAY['integer']),
    false,
    'isnt_strict(schema, other function, args)',
    'Function rights_s.rights_strict_definer(integer) should not be strict',
    ''
);
SELECT * FROM check_test(
    isnt_strict('rights_s', 'rights_f', ARRAY['integer', 'text[]'], 'my words'),
    true,
    'isnt_strict(schema, function, args, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    isnt_strict('rights S', 'No F', ARRAY['a b', 'c']),
    false,
    'isnt_strict(absent function)',
    'Function "rights S"."No F"(a b, c) should not be strict',
    '    (test result was NULL)'
);
SELECT * FROM check_test(
    isnt_strict('No F', 'my words'),
    false,
    'isnt_strict(absent function, description)',
    'my words',
    '    Function "No F"() does not exist'
);

SELECT * FROM finish();
ROLLBACK;
