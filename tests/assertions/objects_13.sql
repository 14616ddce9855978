-- Signatures that pgTAP has since 1.3, and types in spellings that it reads since then.
BEGIN;
SELECT plan(33);

CREATE SCHEMA one;
CREATE TYPE one."Pair" AS (a int, b int);

SELECT * FROM check_test(
    has_composite('one', 'Pair'::name),
    true,
    'has_composite(schema, type)',
    'Composite type one."Pair" should exist',
    ''
);
SELECT * FROM check_test(
    has_composite('public', 'Pair'::name),
    false,
    'has_composite(another schema, type)',
    'Composite type public."Pair" should exist',
    ''
);
SELECT * FROM check_test(
    hasnt_composite('one', 'Pair'::name),
    false,
    'hasnt_composite(schema, type)',
    'Composite type one."Pair" should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_composite('public', 'Pair'::name),
    true,
    'hasnt_composite(another schema, type)',
    'Composite type public."Pair" should not exist',
    ''
);

-- Types in any spelling.
CREATE SCHEMA "Two 2";
CREATE TYPE one.pair AS (a int, b int);
CREATE TYPE "Two 2"."Pair" AS (a int, b int);
CREATE FUNCTION one.same(one.pair, one.pair) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION one.swap(one.pair) RETURNS "Two 2"."Pair" LANGUAGE sql
AS 'SELECT NULL::"Two 2"."Pair"';
CREATE OPERATOR one.=== (LEFTARG = one.pair, RIGHTARG = one.pair, FUNCTION = one.same);
CREATE CAST (one.pair AS "Two 2"."Pair") WITH FUNCTION one.swap(one.pair);
CREATE DOMAIN one.age AS integer CHECK (VALUE > 0);
CREATE DOMAIN one.nick AS varchar(20);
-- The library is found through the search path, wherever it is.
DO $$
BEGIN
    PERFORM set_config('search_path', current_setting('search_path') || ', one', true);
END;
$$;

SELECT * FROM check_test(
    has_operator('one.pair', '===', 'one.pair'),
    true,
    $$has_operator('one.pair', '===', 'one.pair')$$,
    'Operator ===(one.pair,one.pair) should exist',
    ''
);
SELECT * FROM check_test(
    has_operator('int4', '<=', 'int4'),
    true,
    $$has_operator('int4', '<=', 'int4')$$,
    'Operator <=(int4,int4) should exist',
    ''
);
SELECT * FROM check_test(
    has_cast('int4', 'bigint'),
    true,
    $$has_cast('int4', 'bigint')$$,
    'Cast (int4 AS "bigint") should exist',
    ''
);
SELECT * FROM check_test(
    has_cast('pair', '"Two 2"."Pair"'),
    true,
    $$has_cast('pair', '"Two 2"."Pair"')$$,
    'Cast (pair AS """Two 2"".""Pair""") should exist',
    ''
);
SELECT * FROM check_test(
    hasnt_cast('int4', 'bigint'),
    false,
    $$hasnt_cast('int4', 'bigint')$$,
    'Cast (int4 AS "bigint") should not exist',
    ''
);
SELECT * FROM check_test(
    domain_type_is('age', 'int4'),
    true,
    $$domain_type_is('age', 'int4')$$,
    'Domain age should extend type int4',
    ''
);
SELECT * FROM check_test(
    domain_type_is('nick', 'character varying(20)'),
    true,
    $$domain_type_is('nick', 'character varying(20)')$$,
    'Domain nick should extend type character varying(20)',
    ''
);

SELECT * FROM finish();
ROLLBACK;
