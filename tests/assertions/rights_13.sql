-- Types of arguments in spellings that pgTAP reads since 1.3.
BEGIN;
SELECT plan(12);
CREATE ROLE rights_bob;
CREATE SCHEMA rights_s;
SELECT set_config('search_path', 'rights_s, ' || current_setting('search_path'), true) AS path \gset
CREATE FUNCTION rights_s.rights_f(integer, text[]) RETURNS SETOF integer STABLE
LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION rights_s.rights_owned(integer, text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION rights_s.rights_owned(integer, text) OWNER TO rights_bob;

SELECT * FROM check_test(
    function_lang_is('rights_f', ARRAY['int', 'text[]'], 'sql'),
    true,
    'function_lang_is(function, args of another spelling)',
    'Function rights_f(int, text[]) should be written in sql',
    ''
);
SELECT * FROM check_test(
    function_returns('rights_f', ARRAY['int', 'text[]'], 'setof integer'),
    true,
    'function_returns(function, args of another spelling)',
    'Function rights_f(int, text[]) should return setof integer',
    ''
);
SELECT * FROM check_test(
    volatility_is('rights_f', ARRAY['int', 'text[]'], 'stable'),
    true,
    'volatility_is(function, args of another spelling)',
    'Function rights_f(int, text[]) should be STABLE',
    ''
);
SELECT * FROM check_test(
    function_owner_is('rights_owned', ARRAY['int', 'text'], 'rights_bob'),
    true,
    'function_owner_is(function, args of another spelling, owner)',
    'Function rights_owned(int, text) should be owned by rights_bob',
    ''
);

SELECT * FROM finish();
ROLLBACK;
