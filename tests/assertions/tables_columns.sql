-- Columns: existence, NULL, types and defaults.
BEGIN;
SELECT plan(258);

CREATE SCHEMA one;
CREATE TYPE one.mood AS ENUM ('sad', 'ok');
CREATE TYPE public."Odd Type" AS (a int);
CREATE TABLE public.users (
    id int PRIMARY KEY,
    "Nick Name" text NOT NULL DEFAULT 'it''s',
    age int DEFAULT 42,
    price numeric(10,2) DEFAULT 1.50,
    code varchar(10),
    state one.mood DEFAULT 'sad',
    odd public."Odd Type",
    made timestamptz DEFAULT now(),
    day date DEFAULT ('now'::text)::date,
    tags text[] DEFAULT '{}',
    doubled int GENERATED ALWAYS AS (id * 2) STORED,
    gone int
);
ALTER TABLE users DROP COLUMN gone;
CREATE TABLE one.hidden (a int NOT NULL, b text DEFAULT 'b');
CREATE VIEW public.names AS SELECT id, "Nick Name" FROM users;

SELECT * FROM check_test(
    has_column('users', 'age'),
    true,
    'has_column(users, age)',
    'Column users.age should exist',
    ''
);
SELECT * FROM check_test(
    has_column('users', 'age', 'd'),
    true,
    'has_column(users, age, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    has_column('users', 'Nick Name'),
    true,
    'has_column(users, Nick Name)',
    'Column users."Nick Name" should exist',
    ''
);
SELECT * FROM check_test(
    has_column('names', 'id'),
    true,
    'has_column(names, id)',
    'Column names.id should exist',
    ''
);
SELECT * FROM check_test(
    has_column('one', 'hidden', 'a', 'd'),
    true,
    'has_column(one, hidden, a, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    has_column('users', 'gone'),
    false,
    'has_column(users, gone)',
    'Column users.gone should exist',
    ''
);
SELECT * FROM check_test(
    has_column('users', '........pg.dropped.12........'),
    false,
    'has_column(users, ........pg.dropped.12........)',
    'Column users."........pg.dropped.12........" should exist',
    ''
);
SELECT * FROM check_test(
    has_column('users', 'nope', 'd'),
    false,
    'has_column(users, nope, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    has_column('hidden', 'a'),
    false,
    'has_column(hidden, a)',
    'Column hidden.a should exist',
    ''
);
SELECT * FROM check_test(
    has_column('one', 'users', 'age', 'd'),
    false,
    'has_column(one, users, age, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    hasnt_column('users', 'nope'),
    true,
    'hasnt_column(users, nope)',
    'Column users.nope should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_column('users', 'nope', 'd'),
    true,
    'hasnt_column(users, nope, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    hasnt_column('one', 'hidden', 'nope', 'd'),
    true,
    'hasnt_column(one, hidden, nope, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    hasnt_column('users', 'age'),
    false,
    'hasnt_column(users, age)',
    'Column users.age should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_column('one', 'hidden', 'a', 'd'),
    false,
    'hasnt_column(one, hidden, a, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    columns_are('one', 'hidden', ARRAY['b', 'a']),
    true,
    'columns_are(one, hidden, ARRAY[b, a])',
    'Table one.hidden should have the correct columns',
    ''
);
SELECT * FROM check_test(
    columns_are('one', 'hidden', ARRAY['b', 'a'], 'd'),
    true,
    'columns_are(one, hidden, ARRAY[b, a], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    columns_are('names', ARRAY['id', 'Nick Name']),
    true,
    'columns_are(names, ARRAY[id, Nick Name])',
    'Table names should have the correct columns',
    ''
);
SELECT * FROM check_test(
    columns_are('names', ARRAY['id', 'Nick Name'], 'd'),
    true,
    'columns_are(names, ARRAY[id, Nick Name], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    columns_are('names', ARRAY['id', 'zz', 'Aa']),
    false,
    'columns_are(names, ARRAY[id, zz, Aa])',
    'Table names should have the correct columns',
    E'    Extra columns:\n        "Nick Name"\n    Missing columns:\n        "Aa"\n        zz'
);
SELECT * FROM check_test(
    columns_are('one', 'hidden', ARRAY['c'], 'd'),
    false,
    'columns_are(one, hidden, ARRAY[c], d)',
    'd',
    E'    Extra columns:\n        a\n        b\n    Missing columns:\n        c'
);
SELECT * FROM check_test(
    columns_are('hidden', ARRAY['a']),
    false,
    'columns_are(hidden, ARRAY[a])',
    'Table hidden should have the correct columns',
    E'    Missing columns:\n        a'
);
SELECT * FROM check_test(
    columns_are('pg_am', ARRAY[]::name[], 'd'),
    true,
    'columns_are(pg_am, ARRAY[]::name[], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_not_null('users', 'id'),
    true,
    'col_not_null(users, id)',
    'Column users.id should be NOT NULL',
    ''
);
SELECT * FROM check_test(
    col_not_null('users', 'id', 'd'),
    true,
    'col_not_null(users, id, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_not_null('one', 'hidden', 'a', 'd'),
    true,
    'col_not_null(one, hidden, a, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_not_null('one'::name, 'hidden'::name, 'a'::name),
    true,
    'col_not_null(one::name, hidden::name, a::name)',
    'Column one.hidden.a should be NOT NULL',
    ''
);
SELECT * FROM check_test(
    col_not_null('users', 'age'),
    false,
    'col_not_null(users, age)',
    'Column users.age should be NOT NULL',
    ''
);
SELECT * FROM check_test(
    col_not_null('users', 'nope'),
    false,
    'col_not_null(users, nope)',
    'Column users.nope should be NOT NULL',
    '    Column users.nope does not exist'
);
SELECT * FROM check_test(
    col_not_null('one', 'hidden', 'nope', 'd'),
    false,
    'col_not_null(one, hidden, nope, d)',
    'd',
    '    Column one.hidden.nope does not exist'
);
SELECT * FROM check_test(
    col_is_null('users', 'age'),
    true,
    'col_is_null(users, age)',
    'Column users.age should allow NULL',
    ''
);
SELECT * FROM check_test(
    col_is_null('users', 'age', 'd'),
    true,
    'col_is_null(users, age, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_is_null('one', 'hidden', 'b', 'd'),
    true,
    'col_is_null(one, hidden, b, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_is_null('one'::name, 'hidden'::name, 'b'::name),
    true,
    'col_is_null(one::name, hidden::name, b::name)',
    'Column one.hidden.b should allow NULL',
    ''
);
SELECT * FROM check_test(
    col_is_null('users', 'Nick Name'),
    false,
    'col_is_null(users, Nick Name)',
    'Column users."Nick Name" should allow NULL',
    ''
);
SELECT * FROM check_test(
    col_is_null('users', 'nope'),
    false,
    'col_is_null(users, nope)',
    'Column users.nope should allow NULL',
    '    Column users.nope does not exist'
);
SELECT * FROM check_test(
    col_has_default('users', 'age'),
    true,
    'col_has_default(users, age)',
    'Column users.age should have a default',
    ''
);
SELECT * FROM check_test(
    col_has_default('users', 'age', 'd'),
    true,
    'col_has_default(users, age, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_has_default('one', 'hidden', 'b', 'd'),
    true,
    'col_has_default(one, hidden, b, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_has_default('users', 'id'),
    false,
    'col_has_default(users, id)',
    'Column users.id should have a default',
    ''
);
SELECT * FROM check_test(
    col_has_default('users', 'nope'),
    false,
    'col_has_default(users, nope)',
    'Column users.nope should have a default',
    '    Column users.nope does not exist'
);
SELECT * FROM check_test(
    col_has_default('one', 'hidden', 'nope', 'd'),
    false,
    'col_has_default(one, hidden, nope, d)',
    'd',
    '    Column one.hidden.nope does not exist'
);
SELECT * FROM check_test(
    col_hasnt_default('users', 'id'),
    true,
    'col_hasnt_default(users, id)',
    'Column users.id should not have a default',
    ''
);
SELECT * FROM check_test(
    col_hasnt_default('users', 'id', 'd'),
    true,
    'col_hasnt_default(users, id, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_hasnt_default('one', 'hidden', 'a', 'd'),
    true,
    'col_hasnt_default(one, hidden, a, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_hasnt_default('users', 'age'),
    false,
    'col_hasnt_default(users, age)',
    'Column users.age should not have a default',
    ''
);
SELECT * FROM check_test(
    col_hasnt_default('users', 'nope'),
    false,
    'col_hasnt_default(users, nope)',
    'Column users.nope should not have a default',
    '    Column users.nope does not exist'
);
SELECT * FROM check_test(
    col_type_is('users', 'id', 'integer'),
    true,
    'col_type_is(users, id, integer)',
    'Column users.id should be type integer',
    ''
);
SELECT * FROM check_test(
    col_type_is('users', 'id', 'integer', 'd'),
    true,
    'col_type_is(users, id, integer, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_type_is('users', 'price', 'numeric(10,2)'),
    true,
    'col_type_is(users, price, numeric(10,2))',
    'Column users.price should be type numeric(10,2)',
    ''
);
SELECT * FROM check_test(
    col_type_is('users', 'price', 'numeric'),
    false,
    'col_type_is(users, price, numeric)',
    'Column users.price should be type numeric',
    E'        have: numeric(10,2)\n        want: numeric'
);
SELECT * FROM check_test(
    col_type_is('users', 'code', 'character varying(10)'),
    true,
    'col_type_is(users, code, character varying(10))',
    'Column users.code should be type character varying(10)',
    ''
);
SELECT * FROM check_test(
    col_type_is('users', 'state', 'one.mood'),
    true,
    'col_type_is(users, state, one.mood)',
    'Column users.state should be type one.mood',
    ''
);
SELECT * FROM check_test(
    col_type_is('users', 'tags', 'text[]'),
    true,
    'col_type_is(users, tags, text[])',
    'Column users.tags should be type text[]',
    ''
);
SELECT * FROM check_test(
    col_type_is('users', 'nope', 'integer'),
    false,
    'col_type_is(users, nope, integer)',
    'Column users.nope should be type integer',
    '   Column users.nope does not exist'
);
SELECT * FROM check_test(
    col_type_is('one'::name, 'hidden'::name, 'a'::name, 'integer'),
    true,
    'col_type_is(one::name, hidden::name, a::name, integer)',
    'Column one.hidden.a should be type integer',
    ''
);
SELECT * FROM check_test(
    col_type_is('one', 'hidden', 'a', 'text', 'd'),
    false,
    'col_type_is(one, hidden, a, text, d)',
    'd',
    E'        have: integer\n        want: text'
);
SELECT * FROM check_test(
    col_type_is('one'::name, 'hidden'::name, 'nope'::name, 'text'),
    false,
    'col_type_is(one::name, hidden::name, nope::name, text)',
    'Column one.hidden.nope should be type text',
    '   Column one.hidden.nope does not exist'
);
SELECT * FROM check_test(
    col_type_is('public'::name, 'users'::name, 'state'::name, 'one'::name, 'mood'),
    true,
    'col_type_is(public::name, users::name, state::name, one::...',
    'Column public.users.state should be type one.mood',
    ''
);
SELECT * FROM check_test(
    col_type_is('public', 'users', 'state', 'one', 'mood', 'd'),
    true,
    'col_type_is(public, users, state, one, mood, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_type_is('public'::name, 'users'::name, 'id'::name, 'one'::name, 'mood'),
    false,
    'col_type_is(public::name, users::name, id::name, one::nam...',
    'Column public.users.id should be type one.mood',
    E'        have: pg_catalog.integer\n        want: one.mood'
);
SELECT * FROM check_test(
    col_type_is('public', 'users', 'nope', 'pg_catalog', 'integer', 'd'),
    false,
    'col_type_is(public, users, nope, pg_catalog, integer, d)',
    'd',
    '   Column public.users.nope does not exist'
);
SELECT * FROM check_test(
    col_default_is('users', 'age', 42),
    true,
    'col_default_is(users, age, 42)',
    'Column users.age should default to ''42''',
    ''
);
SELECT * FROM check_test(
    col_default_is('users', 'age', 42, 'd'),
    true,
    'col_default_is(users, age, 42, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_default_is('users', 'age', '42'),
    true,
    'col_default_is(users, age, 42)',
    'Column users.age should default to ''42''',
    ''
);
SELECT * FROM check_test(
    col_default_is('users', 'age', '42', 'd'),
    true,
    'col_default_is(users, age, 42, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_default_is('users', 'age', 43),
    false,
    'col_default_is(users, age, 43)',
    'Column users.age should default to ''43''',
    E'        have: 42\n        want: 43'
);
SELECT * FROM check_test(
    col_default_is('users', 'age', NULL::int),
    false,
    'col_default_is(users, age, NULL::int)',
    'Column users.age should default to NULL',
    E'        have: 42\n        want: NULL'
);
SELECT * FROM check_test(
    col_default_is('users', 'Nick Name', 'it''s'),
    true,
    'col_default_is(users, Nick Name, its)',
    'Column users."Nick Name" should default to ''it''''s''',
    ''
);
SELECT * FROM check_test(
    col_default_is('users', 'Nick Name', 'its', 'd'),
    false,
    'col_default_is(users, Nick Name, its, d)',
    'd',
    E'        have: it''s\n        want: its'
);
SELECT * FROM check_test(
    col_default_is('users', 'price', 1.5),
    true,
    'col_default_is(users, price, 1.5)',
    'Column users.price should default to ''1.5''',
    ''
);
SELECT * FROM check_test(
    col_default_is('users', 'state', 'sad'::one.mood),
    true,
    'col_default_is(users, state, sad::one.mood)',
    'Column users.state should default to ''sad''',
    ''
);
SELECT * FROM check_test(
    col_default_is('users', 'state', 'ok'),
    false,
    'col_default_is(users, state, ok)',
    'Column users.state should default to ''ok''',
    E'        have: sad\n        want: ok'
);
SELECT * FROM check_test(
    col_default_is('users', 'made', 'now()'),
    true,
    'col_default_is(users, made, now())',
    'Column users.made should default to ''now()''',
    ''
);
SELECT * FROM check_test(
    col_default_is('users', 'made', 'today()'),
    false,
    'col_default_is(users, made, today())',
    'Column users.made should default to ''today()''',
    E'        have: now()\n        want: today()'
);
SELECT * FROM check_test(
    col_default_is('users', 'day', '(''now''::text)::date'),
    true,
    'col_default_is(users, day, (now::text)::date)',
    'Column users.day should default to ''(''''now''''::text)::date''',
    ''
);
SELECT * FROM check_test(
    col_default_is('users', 'day', 'today'),
    false,
    'col_default_is(users, day, today)',
    'Column users.day should default to ''today''',
    E'        have: (''now''::text)::date\n        want: today'
);
SELECT * FROM check_test(
    col_default_is('users', 'tags', '{}'::text[]),
    true,
    'col_default_is(users, tags, {}::text[])',
    'Column users.tags should default to ''{}''',
    ''
);
SELECT * FROM check_test(
    col_default_is('users', 'id', 1),
    false,
    'col_default_is(users, id, 1)',
    'Column users.id should default to ''1''',
    '    Column users.id has no default'
);
SELECT * FROM check_test(
    col_default_is('users', 'id', NULL),
    false,
    'col_default_is(users, id, NULL)',
    'Column users.id should default to NULL',
    '    Column users.id has no default'
);
SELECT * FROM check_test(
    col_default_is('users', 'nope', 'x'),
    false,
    'col_default_is(users, nope, x)',
    'Column users.nope should default to ''x''',
    '    Column users.nope does not exist'
);
SELECT * FROM check_test(
    col_default_is('public', 'users', 'age', 42, 'd'),
    true,
    'col_default_is(public, users, age, 42, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_default_is('public', 'users', 'age', '42', 'd'),
    true,
    'col_default_is(public, users, age, 42, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_default_is('one', 'hidden', 'b', 'c', 'd'),
    false,
    'col_default_is(one, hidden, b, c, d)',
    'd',
    E'        have: b\n        want: c'
);
SELECT * FROM check_test(
    col_default_is('one', 'hidden', 'a', 1, 'd'),
    false,
    'col_default_is(one, hidden, a, 1, d)',
    'd',
    '    Column one.hidden.a has no default'
);
SELECT * FROM check_test(
    col_default_is('one', 'hidden', 'nope', 1, 'd'),
    false,
    'col_default_is(one, hidden, nope, 1, d)',
    'd',
    '    Column one.hidden.nope does not exist'
);

SELECT * FROM finish();
ROLLBACK;
