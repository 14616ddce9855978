-- What a function is.
BEGIN;
SELECT plan(792);
CREATE SCHEMA "rights S";
CREATE SCHEMA rights_s;
SELECT set_config('search_path', 'rights_s, ' || current_setting('search_path'), true) AS path \gset
CREATE FUNCTION rights_s.rights_f(integer, text[]) RETURNS SETOF integer STABLE
LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION "rights S"."Odd F"(integer) RETURNS SETOF integer STABLE
LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION rights_s.rights_many(text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION rights_s.rights_many() RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION rights_s.rights_normal() RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION rights_s.rights_strict() RETURNS integer STRICT LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION rights_s.rights_definer() RETURNS integer SECURITY DEFINER
LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION rights_s.rights_window() RETURNS bigint LANGUAGE internal WINDOW
AS 'window_row_number';
CREATE PROCEDURE rights_s.rights_procedure() LANGUAGE sql AS '';
CREATE AGGREGATE rights_s.rights_aggregate(*) (sfunc = int8inc, stype = bigint, initcond = '0');
CREATE FUNCTION rights_s.output_of(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    output text;
BEGIN
    EXECUTE 'SELECT ' || call INTO output;
    RETURN output;
END;
$$;

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
    function_returns('rights_procedure', 'void'::text),
    true,
    'function_returns(procedure)',
    'Function rights_procedure() should return void',
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

-- The kind of a function, and whether it is strict or a security definer: each assertion in each
-- signature, once for a function that passes and once for one that fails.
SELECT t.*
FROM (
    VALUES
    ('is_normal_function', 'be a normal function', 'normal', 'aggregate'),
    ('isnt_normal_function', 'not be a normal function', 'aggregate', 'normal'),
    ('is_aggregate', 'be an aggregate function', 'aggregate', 'normal'),
    ('isnt_aggregate', 'not be an aggregate function', 'normal', 'aggregate'),
    ('is_window', 'be a window function', 'window', 'aggregate'),
    ('isnt_window', 'not be a window function', 'aggregate', 'window'),
    ('is_procedure', 'be a procedure', 'procedure', 'normal'),
    ('isnt_procedure', 'not be a procedure', 'normal', 'procedure'),
    ('is_definer', 'be security definer', 'definer', 'strict'),
    ('isnt_definer', 'not be security definer', 'strict', 'definer'),
    ('is_strict', 'be strict', 'strict', 'definer'),
    ('isnt_strict', 'not be strict', 'definer', 'strict')
) AS a (assertion, be, good, bad),
(
    VALUES
    ('(''rights_%s'')', 'Function rights_%s() should %s'),
    ('(''rights_%s'', ''my words'')', 'my words'),
    ('(''rights_%s'', ''{}''::name[])', 'Function rights_%s() should %s'),
    ('(''rights_%s'', ''{}''::name[], ''my words'')', 'my words'),
    ('(''rights_s'', ''rights_%s''::name)', 'Function rights_s.rights_%s() should %s'),
    ('(''rights_s'', ''rights_%s''::name, ''my words'')', 'my words'),
    ('(''rights_s'', ''rights_%s'', ''{}''::name[])', 'Function rights_s.rights_%s() should %s'),
    ('(''rights_s'', ''rights_%s'', ''{}''::name[], ''my words'')', 'my words')
) AS s (arguments, description),
(VALUES (true), (false)) AS p (passes),
LATERAL (SELECT CASE WHEN passes THEN good ELSE bad END) AS f (function),
LATERAL (SELECT assertion || format(arguments, function)) AS c (call),
LATERAL check_test(
    rights_s.output_of(call), passes, call, format(description, function, be), ''
) AS t;

-- A function that does not exist has no kind. Whether it is strict or a security definer is
-- unknown, and why is only said where there is a description.
SELECT t.*
FROM (
    VALUES
    ('is_normal_function', 'be a normal function', true),
    ('isnt_normal_function', 'not be a normal function', true),
    ('is_aggregate', 'be an aggregate function', true),
    ('isnt_aggregate', 'not be an aggregate function', true),
    ('is_window', 'be a window function', true),
    ('isnt_window', 'not be a window function', true),
    ('is_procedure', 'be a procedure', true),
    ('isnt_procedure', 'not be a procedure', true),
    ('is_definer', 'be security definer', false),
    ('isnt_definer', 'not be security definer', false),
    ('is_strict', 'be strict', false),
    ('isnt_strict', 'not be strict', false)
) AS a (assertion, be, explained),
(
    VALUES
    ('(''No F'')', true, 'Function "No F"() should %s', 'Function "No F"()'),
    ('(''No F'', ''{a b,c}''::name[], ''my words'')', false, 'my words', 'Function "No F"(a b, c)'),
    ('(''No S'', ''rights_normal''::name, '''')', false, '', 'Function "No S".rights_normal()')
) AS s (arguments, short, description, called),
LATERAL (SELECT assertion || arguments) AS c (call),
LATERAL check_test(
    rights_s.output_of(call),
    false,
    call,
    format(description, be),
    CASE
        WHEN short AND NOT explained THEN '    (test result was NULL)'
        ELSE '    ' || called || ' does not exist'
    END
) AS t;

SELECT * FROM finish();
ROLLBACK;
