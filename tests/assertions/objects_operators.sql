-- Operators, operator classes and casts.
BEGIN;
SELECT plan(300);

CREATE SCHEMA one;
CREATE SCHEMA "Two 2";
CREATE TYPE one.pair AS (a int, b int);
CREATE TYPE "Two 2"."Pair" AS (a int, b int);
CREATE FUNCTION one.same(one.pair, one.pair) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION one.length(one.pair) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
CREATE FUNCTION one.to_pair(int) RETURNS one.pair LANGUAGE sql AS 'SELECT NULL::one.pair';
CREATE FUNCTION one.swap(one.pair) RETURNS "Two 2"."Pair" LANGUAGE sql
AS 'SELECT NULL::"Two 2"."Pair"';
CREATE OPERATOR one.=== (LEFTARG = one.pair, RIGHTARG = one.pair, FUNCTION = one.same);
CREATE OPERATOR one.~~~ (RIGHTARG = one.pair, FUNCTION = one.length);
CREATE OPERATOR CLASS one.pair_ops FOR TYPE one.pair USING hash AS FUNCTION 1 hashchar("char");
CREATE CAST (int AS one.pair) WITH FUNCTION one.to_pair(int) AS ASSIGNMENT;
CREATE CAST (one.pair AS "Two 2"."Pair") WITH FUNCTION one.swap(one.pair);
-- The library is found through the search path, wherever it is.
DO $$
BEGIN
    PERFORM set_config('search_path', current_setting('search_path') || ', one', true);
END;
$$;

SELECT * FROM check_test(
    has_operator('pair', '===', 'pair'),
    true,
    $$has_operator('pair', '===', 'pair')$$,
    'Operator ===(pair,pair) should exist',
    ''
);
SELECT * FROM check_test(
    has_operator('integer', '<=', 'integer'),
    true,
    $$has_operator('integer', '<=', 'integer')$$,
    'Operator <=(integer,integer) should exist',
    ''
);
SELECT * FROM check_test(
    has_operator(NULL, '~~~', 'pair', 'a prefix operator has no left type'),
    true,
    $$has_operator(NULL, '~~~', 'pair', 'a prefix operator has no left type')$$,
    'a prefix operator has no left type',
    ''
);
SELECT * FROM check_test(
    has_operator('pair', '===', 'pair', 'here'),
    true,
    $$has_operator('pair', '===', 'pair', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_operator('pair', '===', 'pair', 'boolean'::name),
    true,
    $$has_operator('pair', '===', 'pair', 'boolean'::name)$$,
    'Operator ===(pair,pair) RETURNS boolean should exist',
    ''
);
SELECT * FROM check_test(
    has_operator('pair', '===', 'pair', 'text'::name),
    false,
    $$has_operator('pair', '===', 'pair', 'text'::name)$$,
    'Operator ===(pair,pair) RETURNS text should exist',
    ''
);
SELECT * FROM check_test(
    has_operator('pair', '===', 'pair', 'text'::name, 'another result'),
    false,
    $$has_operator('pair', '===', 'pair', 'text'::name, 'another result')$$,
    'another result',
    ''
);
SELECT * FROM check_test(
    has_operator('pair', 'one', '===', 'pair', 'boolean'::name),
    true,
    $$has_operator('pair', 'one', '===', 'pair', 'boolean'::name)$$,
    'Operator one.===(pair,pair) RETURNS boolean should exist',
    ''
);
SELECT * FROM check_test(
    has_operator('pair', 'Two 2', '===', 'pair', 'boolean'::name),
    false,
    $$has_operator('pair', 'Two 2', '===', 'pair', 'boolean'::name)$$,
    'Operator "Two 2".===(pair,pair) RETURNS boolean should exist',
    ''
);
SELECT * FROM check_test(
    has_operator('pair', 'one', '===', 'pair', 'boolean', 'there'),
    true,
    $$has_operator('pair', 'one', '===', 'pair', 'boolean', 'there')$$,
    'there',
    ''
);
SELECT * FROM check_test(
    hasnt_operator('pair', '===', 'pair'),
    false,
    $$hasnt_operator('pair', '===', 'pair')$$,
    'Operator ===(pair,pair) should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_operator('pair', '===', 'integer'),
    true,
    $$hasnt_operator('pair', '===', 'integer')$$,
    'Operator ===(pair,integer) should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_operator('pair', '===', 'pair', 'here'),
    false,
    $$hasnt_operator('pair', '===', 'pair', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_operator('pair', '===', 'pair', 'boolean'::name),
    false,
    $$hasnt_operator('pair', '===', 'pair', 'boolean'::name)$$,
    'Operator ===(pair,pair) RETURNS boolean should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_operator('pair', '===', 'pair', 'text'::name),
    true,
    $$hasnt_operator('pair', '===', 'pair', 'text'::name)$$,
    'Operator ===(pair,pair) RETURNS text should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_operator('pair', '===', 'pair', 'text'::name, 'another result'),
    true,
    $$hasnt_operator('pair', '===', 'pair', 'text'::name, 'another result')$$,
    'another result',
    ''
);
SELECT * FROM check_test(
    hasnt_operator('pair', 'one', '===', 'pair', 'boolean'::name),
    false,
    $$hasnt_operator('pair', 'one', '===', 'pair', 'boolean'::name)$$,
    'Operator one.===(pair,pair) RETURNS boolean should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_operator('pair', 'Two 2', '===', 'pair', 'boolean'::name),
    true,
    $$hasnt_operator('pair', 'Two 2', '===', 'pair', 'boolean'::name)$$,
    'Operator "Two 2".===(pair,pair) RETURNS boolean should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_operator('pair', 'one', '===', 'pair', 'boolean', 'there'),
    false,
    $$hasnt_operator('pair', 'one', '===', 'pair', 'boolean', 'there')$$,
    'there',
    ''
);
SELECT * FROM check_test(
    has_leftop('~~~', 'pair'),
    true,
    $$has_leftop('~~~', 'pair')$$,
    'Left operator ~~~(NONE,pair) should exist',
    ''
);
SELECT * FROM check_test(
    has_leftop('===', 'pair'),
    false,
    $$has_leftop('===', 'pair')$$,
    'Left operator ===(NONE,pair) should exist',
    ''
);
SELECT * FROM check_test(
    has_leftop('~~~', 'pair', 'here'),
    true,
    $$has_leftop('~~~', 'pair', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_leftop('~~~', 'pair', 'bigint'::name),
    true,
    $$has_leftop('~~~', 'pair', 'bigint'::name)$$,
    'Left operator ~~~(NONE,pair) RETURNS bigint should exist',
    ''
);
SELECT * FROM check_test(
    has_leftop('~~~', 'pair', 'text'::name),
    false,
    $$has_leftop('~~~', 'pair', 'text'::name)$$,
    'Left operator ~~~(NONE,pair) RETURNS text should exist',
    ''
);
SELECT * FROM check_test(
    has_leftop('~~~', 'pair', 'text'::name, 'another result'),
    false,
    $$has_leftop('~~~', 'pair', 'text'::name, 'another result')$$,
    'another result',
    ''
);
SELECT * FROM check_test(
    has_leftop('one', '~~~', 'pair', 'bigint'::name),
    true,
    $$has_leftop('one', '~~~', 'pair', 'bigint'::name)$$,
    'Left operator one.~~~(NONE,pair) RETURNS bigint should exist',
    ''
);
SELECT * FROM check_test(
    has_leftop('Two 2', '~~~', 'pair', 'bigint'::name),
    false,
    $$has_leftop('Two 2', '~~~', 'pair', 'bigint'::name)$$,
    'Left operator "Two 2".~~~(NONE,pair) RETURNS bigint should exist',
    ''
);
SELECT * FROM check_test(
    has_leftop('one', '~~~', 'pair', 'bigint', 'there'),
    true,
    $$has_leftop('one', '~~~', 'pair', 'bigint', 'there')$$,
    'there',
    ''
);
SELECT * FROM check_test(
    hasnt_leftop('~~~', 'pair'),
    false,
    $$hasnt_leftop('~~~', 'pair')$$,
    'Left operator ~~~(NONE,pair) should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_leftop('===', 'pair'),
    true,
    $$hasnt_leftop('===', 'pair')$$,
    'Left operator ===(NONE,pair) should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_leftop('~~~', 'pair', 'here'),
    false,
    $$hasnt_leftop('~~~', 'pair', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_leftop('~~~', 'pair', 'bigint'::name),
    false,
    $$hasnt_leftop('~~~', 'pair', 'bigint'::name)$$,
    'Left operator ~~~(NONE,pair) RETURNS bigint should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_leftop('~~~', 'pair', 'text'::name),
    true,
    $$hasnt_leftop('~~~', 'pair', 'text'::name)$$,
    'Left operator ~~~(NONE,pair) RETURNS text should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_leftop('~~~', 'pair', 'text'::name, 'another result'),
    true,
    $$hasnt_leftop('~~~', 'pair', 'text'::name, 'another result')$$,
    'another result',
    ''
);
SELECT * FROM check_test(
    hasnt_leftop('one', '~~~', 'pair', 'bigint'::name),
    false,
    $$hasnt_leftop('one', '~~~', 'pair', 'bigint'::name)$$,
    'Left operator one.~~~(NONE,pair) RETURNS bigint should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_leftop('Two 2', '~~~', 'pair', 'bigint'::name),
    true,
    $$hasnt_leftop('Two 2', '~~~', 'pair', 'bigint'::name)$$,
    'Left operator "Two 2".~~~(NONE,pair) RETURNS bigint should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_leftop('one', '~~~', 'pair', 'bigint', 'there'),
    false,
    $$hasnt_leftop('one', '~~~', 'pair', 'bigint', 'there')$$,
    'there',
    ''
);

-- There are no postfix operators since PostgreSQL 14.
SELECT * FROM check_test(
    has_rightop('pair', '~~~'),
    false,
    $$has_rightop('pair', '~~~')$$,
    'Right operator ~~~(pair,NONE) should exist',
    ''
);
SELECT * FROM check_test(
    has_rightop('pair', '~~~', 'here'),
    false,
    $$has_rightop('pair', '~~~', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_rightop('pair', '~~~', 'bigint'::name),
    false,
    $$has_rightop('pair', '~~~', 'bigint'::name)$$,
    'Right operator ~~~(pair,NONE) RETURNS bigint should exist',
    ''
);
SELECT * FROM check_test(
    has_rightop('pair', '~~~', 'bigint'::name, 'with a result'),
    false,
    $$has_rightop('pair', '~~~', 'bigint'::name, 'with a result')$$,
    'with a result',
    ''
);
SELECT * FROM check_test(
    has_rightop('pair', 'one', '~~~', 'bigint'::name),
    false,
    $$has_rightop('pair', 'one', '~~~', 'bigint'::name)$$,
    'Right operator one.~~~(pair,NONE) RETURNS bigint should exist',
    ''
);
SELECT * FROM check_test(
    has_rightop('pair', 'one', '~~~', 'bigint', 'there'),
    false,
    $$has_rightop('pair', 'one', '~~~', 'bigint', 'there')$$,
    'there',
    ''
);
SELECT * FROM check_test(
    hasnt_rightop('pair', '~~~'),
    true,
    $$hasnt_rightop('pair', '~~~')$$,
    'Right operator ~~~(pair,NONE) should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_rightop('pair', '~~~', 'here'),
    true,
    $$hasnt_rightop('pair', '~~~', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_rightop('pair', '~~~', 'bigint'::name),
    true,
    $$hasnt_rightop('pair', '~~~', 'bigint'::name)$$,
    'Right operator ~~~(pair,NONE) RETURNS bigint should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_rightop('pair', '~~~', 'bigint'::name, 'with a result'),
    true,
    $$hasnt_rightop('pair', '~~~', 'bigint'::name, 'with a result')$$,
    'with a result',
    ''
);
SELECT * FROM check_test(
    hasnt_rightop('pair', 'one', '~~~', 'bigint'::name),
    true,
    $$hasnt_rightop('pair', 'one', '~~~', 'bigint'::name)$$,
    'Right operator one.~~~(pair,NONE) RETURNS bigint should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_rightop('pair', 'one', '~~~', 'bigint', 'there'),
    true,
    $$hasnt_rightop('pair', 'one', '~~~', 'bigint', 'there')$$,
    'there',
    ''
);

SELECT * FROM check_test(
    operators_are('one', ARRAY['===(pair,pair) RETURNS boolean','~~~(NONE,pair) RETURNS bigint']),
    true,
    $$operators_are(one, both)$$,
    'Schema one should have the correct operators',
    ''
);
SELECT * FROM check_test(
    operators_are('one', ARRAY['===(pair,pair) RETURNS text', '+(NONE,"Odd") RETURNS text']),
    false,
    $$operators_are('one', ARRAY['===(pair,pair) RETURNS text', '+(NONE,"Odd") RETURNS text'])$$,
    'Schema one should have the correct operators',
    E'    Extra operators:\n'
        || E'        ===(pair,pair) RETURNS boolean\n'
        || E'        ~~~(NONE,pair) RETURNS bigint\n'
        || E'    Missing operators:\n'
        || E'        +(NONE,"Odd") RETURNS text\n'
        || E'        ===(pair,pair) RETURNS text'
);
SELECT * FROM check_test(
    operators_are(ARRAY['===(pair,pair) RETURNS boolean','~~~(NONE,pair) RETURNS bigint']),
    true,
    $$operators_are(ARRAY['===(pair,pair) RETURNS boolean','~~~(NONE,pair) RETURNS bigint'])$$,
    'There should be the correct operators',
    ''
);
SELECT * FROM check_test(
    operators_are(ARRAY['===(pair,pair) RETURNS boolean']),
    false,
    $$operators_are(ARRAY['===(pair,pair) RETURNS boolean'])$$,
    'There should be the correct operators',
    E'    Extra operators:\n        ~~~(NONE,pair) RETURNS bigint'
);
SELECT * FROM check_test(
    operators_are('Two 2', '{}'::text[], 'none'),
    true,
    $$operators_are('Two 2', '{}'::text[], 'none')$$,
    'none',
    ''
);
SELECT * FROM check_test(
    operators_are('{x}'::text[], 'others'),
    false,
    $$operators_are('{x}'::text[], 'others')$$,
    'others',
    E'    Extra operators:\n'
        || E'        ===(pair,pair) RETURNS boolean\n'
        || E'        ~~~(NONE,pair) RETURNS bigint\n'
        || E'    Missing operators:\n'
        || E'        x'
);
SELECT * FROM check_test(
    has_opclass('pair_ops'),
    true,
    $$has_opclass('pair_ops')$$,
    'Operator class pair_ops should exist',
    ''
);
SELECT * FROM check_test(
    has_opclass('text_ops'),
    true,
    $$has_opclass('text_ops')$$,
    'Operator class text_ops should exist',
    ''
);
SELECT * FROM check_test(
    has_opclass('nope'),
    false,
    $$has_opclass('nope')$$,
    'Operator class nope should exist',
    ''
);
SELECT * FROM check_test(
    has_opclass('one', 'pair_ops'::name),
    true,
    $$has_opclass('one', 'pair_ops'::name)$$,
    'Operator class one.pair_ops should exist',
    ''
);
SELECT * FROM check_test(
    has_opclass('Two 2', 'pair_ops'::name),
    false,
    $$has_opclass('Two 2', 'pair_ops'::name)$$,
    'Operator class "Two 2".pair_ops should exist',
    ''
);
SELECT * FROM check_test(
    has_opclass('pair_ops', 'here'),
    true,
    $$has_opclass('pair_ops', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_opclass('public', 'pair_ops', 'not there'),
    false,
    $$has_opclass('public', 'pair_ops', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    hasnt_opclass('pair_ops'),
    false,
    $$hasnt_opclass('pair_ops')$$,
    'Operator class pair_ops should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_opclass('nope'),
    true,
    $$hasnt_opclass('nope')$$,
    'Operator class nope should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_opclass('one', 'pair_ops'::name),
    false,
    $$hasnt_opclass('one', 'pair_ops'::name)$$,
    'Operator class one.pair_ops should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_opclass('Two 2', 'pair_ops'::name),
    true,
    $$hasnt_opclass('Two 2', 'pair_ops'::name)$$,
    'Operator class "Two 2".pair_ops should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_opclass('pair_ops', 'here'),
    false,
    $$hasnt_opclass('pair_ops', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_opclass('public', 'pair_ops', 'not there'),
    true,
    $$hasnt_opclass('public', 'pair_ops', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    opclasses_are('one', ARRAY['pair_ops']),
    true,
    $$opclasses_are('one', ARRAY['pair_ops'])$$,
    'Schema one should have the correct operator classes',
    ''
);
SELECT * FROM check_test(
    opclasses_are('one', ARRAY['Pair ops']),
    false,
    $$opclasses_are('one', ARRAY['Pair ops'])$$,
    'Schema one should have the correct operator classes',
    E'    Extra operator classes:\n'
        || E'        pair_ops\n'
        || E'    Missing operator classes:\n'
        || E'        "Pair ops"'
);
SELECT * FROM check_test(
    opclasses_are(ARRAY['pair_ops']),
    true,
    $$opclasses_are(ARRAY['pair_ops'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct operator classes',
    ''
);
SELECT * FROM check_test(
    opclasses_are(ARRAY['text_ops']),
    false,
    $$opclasses_are(ARRAY['text_ops'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct operator classes',
    E'    Extra operator classes:\n'
        || E'        pair_ops\n'
        || E'    Missing operator classes:\n'
        || E'        text_ops'
);
SELECT * FROM check_test(
    opclasses_are('Two 2', '{}'::name[], 'none'),
    true,
    $$opclasses_are('Two 2', '{}'::name[], 'none')$$,
    'none',
    ''
);
SELECT * FROM check_test(
    opclasses_are('{}'::name[], 'none'),
    false,
    $$opclasses_are('{}'::name[], 'none')$$,
    'none',
    E'    Extra operator classes:\n        pair_ops'
);

SELECT * FROM check_test(
    has_cast('integer', 'bigint'),
    true,
    $$has_cast('integer', 'bigint')$$,
    'Cast ("integer" AS "bigint") should exist',
    ''
);
SELECT * FROM check_test(
    has_cast('integer', 'pair'),
    true,
    $$has_cast('integer', 'pair')$$,
    'Cast ("integer" AS pair) should exist',
    ''
);
SELECT * FROM check_test(
    has_cast('integer', 'bigint', 'here'),
    true,
    $$has_cast('integer', 'bigint', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_cast('integer', 'bigint', 'int8'::name),
    true,
    $$has_cast('integer', 'bigint', 'int8'::name)$$,
    'Cast ("integer" AS "bigint") WITH FUNCTION int8() should exist',
    ''
);
SELECT * FROM check_test(
    has_cast('integer', 'bigint', 'int4'::name),
    false,
    $$has_cast('integer', 'bigint', 'int4'::name)$$,
    'Cast ("integer" AS "bigint") WITH FUNCTION int4() should exist',
    ''
);
SELECT * FROM check_test(
    has_cast('integer', 'bigint', 'int4'::name, 'another function'),
    false,
    $$has_cast('integer', 'bigint', 'int4'::name, 'another function')$$,
    'another function',
    ''
);
SELECT * FROM check_test(
    has_cast('integer', 'pair', 'one', 'to_pair'::name),
    true,
    $$has_cast('integer', 'pair', 'one', 'to_pair'::name)$$,
    'Cast ("integer" AS pair) WITH FUNCTION one.to_pair() should exist',
    ''
);
SELECT * FROM check_test(
    has_cast('integer', 'pair', 'Two 2', 'to_pair'::name),
    false,
    $$has_cast('integer', 'pair', 'Two 2', 'to_pair'::name)$$,
    'Cast ("integer" AS pair) WITH FUNCTION "Two 2".to_pair() should exist',
    ''
);
SELECT * FROM check_test(
    has_cast('integer', 'pair', 'one', 'to_pair', 'there'),
    true,
    $$has_cast('integer', 'pair', 'one', 'to_pair', 'there')$$,
    'there',
    ''
);
SELECT * FROM check_test(
    hasnt_cast('integer', 'bigint'),
    false,
    $$hasnt_cast('integer', 'bigint')$$,
    'Cast ("integer" AS "bigint") should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_cast('integer', 'bigint', 'here'),
    false,
    $$hasnt_cast('integer', 'bigint', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_cast('integer', 'bigint', 'int8'::name),
    false,
    $$hasnt_cast('integer', 'bigint', 'int8'::name)$$,
    'Cast ("integer" AS "bigint") WITH FUNCTION int8() should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_cast('integer', 'bigint', 'int4'::name),
    true,
    $$hasnt_cast('integer', 'bigint', 'int4'::name)$$,
    'Cast ("integer" AS "bigint") WITH FUNCTION int4() should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_cast('integer', 'bigint', 'int4'::name, 'another function'),
    true,
    $$hasnt_cast('integer', 'bigint', 'int4'::name, 'another function')$$,
    'another function',
    ''
);
SELECT * FROM check_test(
    hasnt_cast('integer', 'pair', 'one', 'to_pair'::name),
    false,
    $$hasnt_cast('integer', 'pair', 'one', 'to_pair'::name)$$,
    'Cast ("integer" AS pair) WITH FUNCTION one.to_pair() should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_cast('integer', 'pair', 'Two 2', 'to_pair'::name),
    true,
    $$hasnt_cast('integer', 'pair', 'Two 2', 'to_pair'::name)$$,
    'Cast ("integer" AS pair) WITH FUNCTION "Two 2".to_pair() should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_cast('integer', 'pair', 'one', 'to_pair', 'there'),
    false,
    $$hasnt_cast('integer', 'pair', 'one', 'to_pair', 'there')$$,
    'there',
    ''
);
SELECT * FROM check_test(
    cast_context_is('integer', 'bigint', 'implicit'),
    true,
    $$cast_context_is('integer', 'bigint', 'implicit')$$,
    'Cast ("integer" AS "bigint") context should be implicit',
    ''
);
SELECT * FROM check_test(
    cast_context_is('integer', 'pair', 'a'),
    true,
    $$cast_context_is('integer', 'pair', 'a')$$,
    'Cast ("integer" AS pair) context should be assignment',
    ''
);
SELECT * FROM check_test(
    cast_context_is('integer', 'pair', 'explicit'),
    false,
    $$cast_context_is('integer', 'pair', 'explicit')$$,
    'Cast ("integer" AS pair) context should be explicit',
    E'        have: assignment\n        want: explicit'
);
SELECT * FROM check_test(
    cast_context_is('integer', 'bigint', 'other'),
    false,
    $$cast_context_is('integer', 'bigint', 'other')$$,
    'Cast ("integer" AS "bigint") context should be unknown',
    E'        have: implicit\n        want: unknown'
);
SELECT * FROM check_test(
    cast_context_is('integer', 'nope', 'implicit'),
    false,
    $$cast_context_is('integer', 'nope', 'implicit')$$,
    'Cast ("integer" AS nope) context should be implicit',
    '    Cast ("integer" AS nope) does not exist'
);
SELECT * FROM check_test(
    cast_context_is('integer', 'bigint', 'explicit', 'widening'),
    false,
    $$cast_context_is('integer', 'bigint', 'explicit', 'widening')$$,
    'widening',
    E'        have: implicit\n        want: explicit'
);

CREATE FUNCTION one.casts() RETURNS SETOF text LANGUAGE sql AS
'SELECT castsource::regtype || '' AS '' || casttarget::regtype FROM pg_cast';
SELECT * FROM check_test(
    casts_are(ARRAY(SELECT casts())),
    true,
    $$casts_are(ARRAY(SELECT casts()))$$,
    'There should be the correct casts',
    ''
);
SELECT * FROM check_test(
    casts_are(ARRAY(SELECT casts()) || ARRAY['pair AS "No Pe"', 'Int AS pair'], 'more'),
    false,
    $$casts_are(ARRAY(SELECT casts()) || ARRAY['pair AS "No Pe"', 'Int AS pair'], 'more')$$,
    'more',
    E'    Missing casts:\n        Int AS pair\n        pair AS "No Pe"'
);
SELECT * FROM check_test(
    casts_are(ARRAY(SELECT c FROM casts() AS c WHERE c !~ 'pair|Pair'), 'fewer'),
    false,
    $$casts_are(ARRAY(SELECT c FROM casts() AS c WHERE c !~ 'pair|Pair'), 'fewer')$$,
    'fewer',
    E'    Extra casts:\n        integer AS pair\n        pair AS "Two 2"."Pair"'
);

SELECT * FROM finish();
ROLLBACK;
