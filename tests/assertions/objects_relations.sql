-- Relations: that they exist, and that no others do.
BEGIN;
SELECT plan(336);

CREATE SCHEMA one;
CREATE SCHEMA "Two 2";
CREATE TABLE public.person (id int);
CREATE TABLE one.pet (id int);
CREATE TABLE one.parted (id int) PARTITION BY LIST (id);
CREATE TABLE one.part PARTITION OF one.parted FOR VALUES IN (1);
CREATE TABLE "Two 2"."Odd ""name""" (id int);
CREATE VIEW one.overview AS SELECT 1 AS a;
CREATE MATERIALIZED VIEW one.summary AS SELECT 1 AS a;
CREATE SEQUENCE one.numbers;
CREATE TYPE one.pair AS (a int, b int);
CREATE INDEX pet_id ON one.pet (id);
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE one.far (a int) SERVER nowhere;
-- The library is found through the search path, wherever it is.
DO $$
BEGIN
    PERFORM set_config('search_path', current_setting('search_path') || ', one', true);
END;
$$;

SELECT * FROM check_test(
    has_relation('pet'),
    true,
    $$has_relation('pet')$$,
    'Relation pet should exist',
    ''
);
SELECT * FROM check_test(
    has_relation('pet_id'),
    true,
    $$has_relation('pet_id')$$,
    'Relation pet_id should exist',
    ''
);
SELECT * FROM check_test(
    has_relation('nope'),
    false,
    $$has_relation('nope')$$,
    'Relation nope should exist',
    ''
);
SELECT * FROM check_test(
    has_relation('pet', 'here'),
    true,
    $$has_relation('pet', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_relation('one', 'pet', 'there'),
    true,
    $$has_relation('one', 'pet', 'there')$$,
    'there',
    ''
);
SELECT * FROM check_test(
    has_relation('public', 'pet', 'not there'),
    false,
    $$has_relation('public', 'pet', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    hasnt_relation('pet'),
    false,
    $$hasnt_relation('pet')$$,
    'Relation pet should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_relation('nope'),
    true,
    $$hasnt_relation('nope')$$,
    'Relation nope should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_relation('pet', 'here'),
    false,
    $$hasnt_relation('pet', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_relation('one', 'pet', 'there'),
    false,
    $$hasnt_relation('one', 'pet', 'there')$$,
    'there',
    ''
);
SELECT * FROM check_test(
    hasnt_relation('public', 'pet', 'not there'),
    true,
    $$hasnt_relation('public', 'pet', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    has_table('person'),
    true,
    $$has_table('person')$$,
    'Table person should exist',
    ''
);
SELECT * FROM check_test(
    has_table('parted'),
    true,
    $$has_table('parted')$$,
    'Table parted should exist',
    ''
);
SELECT * FROM check_test(
    has_table('part'),
    true,
    $$has_table('part')$$,
    'Table part should exist',
    ''
);
SELECT * FROM check_test(
    has_table('overview'),
    false,
    $$has_table('overview')$$,
    'Table overview should exist',
    ''
);
SELECT * FROM check_test(
    has_table('far'),
    false,
    $$has_table('far')$$,
    'Table far should exist',
    ''
);
SELECT * FROM check_test(
    has_table('Odd "name"'),
    false,
    $$has_table('Odd "name"')$$,
    'Table "Odd ""name""" should exist',
    ''
);
SELECT * FROM check_test(
    has_table('Two 2', 'Odd "name"'::name),
    true,
    $$has_table('Two 2', 'Odd "name"'::name)$$,
    'Table "Two 2"."Odd ""name""" should exist',
    ''
);
SELECT * FROM check_test(
    has_table('one', 'nope'::name),
    false,
    $$has_table('one', 'nope'::name)$$,
    'Table one.nope should exist',
    ''
);
SELECT * FROM check_test(
    has_table('person', 'here'),
    true,
    $$has_table('person', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_table('one', 'person', 'not there'),
    false,
    $$has_table('one', 'person', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(has_table(NULL::name), false, $$has_table(NULL::name)$$, '', '');
SELECT * FROM check_test(
    hasnt_table('person'),
    false,
    $$hasnt_table('person')$$,
    'Table person should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_table('nope'),
    true,
    $$hasnt_table('nope')$$,
    'Table nope should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_table('Two 2', 'Odd "name"'::name),
    false,
    $$hasnt_table('Two 2', 'Odd "name"'::name)$$,
    'Table "Two 2"."Odd ""name""" should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_table('one', 'nope'::name),
    true,
    $$hasnt_table('one', 'nope'::name)$$,
    'Table one.nope should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_table('person', 'here'),
    false,
    $$hasnt_table('person', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_table('one', 'person', 'not there'),
    true,
    $$hasnt_table('one', 'person', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    has_view('overview'),
    true,
    $$has_view('overview')$$,
    'View overview should exist',
    ''
);
SELECT * FROM check_test(
    has_view('summary'),
    false,
    $$has_view('summary')$$,
    'View summary should exist',
    ''
);
SELECT * FROM check_test(
    has_view('one', 'overview'::name),
    true,
    $$has_view('one', 'overview'::name)$$,
    'View one.overview should exist',
    ''
);
SELECT * FROM check_test(
    has_view('public', 'overview'::name),
    false,
    $$has_view('public', 'overview'::name)$$,
    'View public.overview should exist',
    ''
);
SELECT * FROM check_test(
    has_view('overview', 'here'),
    true,
    $$has_view('overview', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_view('public', 'overview', 'not there'),
    false,
    $$has_view('public', 'overview', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    hasnt_view('overview'),
    false,
    $$hasnt_view('overview')$$,
    'View overview should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_view('person'),
    true,
    $$hasnt_view('person')$$,
    'View person should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_view('one', 'overview'::name),
    false,
    $$hasnt_view('one', 'overview'::name)$$,
    'View one.overview should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_view('public', 'overview'::name),
    true,
    $$hasnt_view('public', 'overview'::name)$$,
    'View public.overview should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_view('overview', 'here'),
    false,
    $$hasnt_view('overview', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_view('public', 'overview', 'not there'),
    true,
    $$hasnt_view('public', 'overview', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    has_materialized_view('summary'),
    true,
    $$has_materialized_view('summary')$$,
    'Materialized view summary should exist',
    ''
);
SELECT * FROM check_test(
    has_materialized_view('overview'),
    false,
    $$has_materialized_view('overview')$$,
    'Materialized view overview should exist',
    ''
);
SELECT * FROM check_test(
    has_materialized_view('summary', 'here'),
    true,
    $$has_materialized_view('summary', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_materialized_view('public', 'summary', 'not there'),
    false,
    $$has_materialized_view('public', 'summary', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    hasnt_materialized_view('summary'),
    false,
    $$hasnt_materialized_view('summary')$$,
    'Materialized view summary should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_materialized_view('overview'),
    true,
    $$hasnt_materialized_view('overview')$$,
    'Materialized view overview should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_materialized_view('summary', 'here'),
    false,
    $$hasnt_materialized_view('summary', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_materialized_view('public', 'summary', 'not there'),
    true,
    $$hasnt_materialized_view('public', 'summary', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    has_sequence('numbers'),
    true,
    $$has_sequence('numbers')$$,
    'Sequence numbers should exist',
    ''
);
SELECT * FROM check_test(
    has_sequence('person'),
    false,
    $$has_sequence('person')$$,
    'Sequence person should exist',
    ''
);
SELECT * FROM check_test(
    has_sequence('one', 'numbers'::name),
    true,
    $$has_sequence('one', 'numbers'::name)$$,
    'Sequence one.numbers should exist',
    ''
);
SELECT * FROM check_test(
    has_sequence('public', 'numbers'::name),
    false,
    $$has_sequence('public', 'numbers'::name)$$,
    'Sequence public.numbers should exist',
    ''
);
SELECT * FROM check_test(
    has_sequence('numbers', 'here'),
    true,
    $$has_sequence('numbers', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_sequence('public', 'numbers', 'not there'),
    false,
    $$has_sequence('public', 'numbers', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    hasnt_sequence('numbers'),
    false,
    $$hasnt_sequence('numbers')$$,
    'Sequence numbers should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_sequence('person'),
    true,
    $$hasnt_sequence('person')$$,
    'Sequence person should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_sequence('numbers', 'here'),
    false,
    $$hasnt_sequence('numbers', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_sequence('public', 'numbers', 'not there'),
    true,
    $$hasnt_sequence('public', 'numbers', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    has_foreign_table('far'),
    true,
    $$has_foreign_table('far')$$,
    'Foreign table far should exist',
    ''
);
SELECT * FROM check_test(
    has_foreign_table('person'),
    false,
    $$has_foreign_table('person')$$,
    'Foreign table person should exist',
    ''
);
SELECT * FROM check_test(
    has_foreign_table('one', 'far'::name),
    true,
    $$has_foreign_table('one', 'far'::name)$$,
    'Foreign table one.far should exist',
    ''
);
SELECT * FROM check_test(
    has_foreign_table('public', 'far'::name),
    false,
    $$has_foreign_table('public', 'far'::name)$$,
    'Foreign table public.far should exist',
    ''
);
SELECT * FROM check_test(
    has_foreign_table('far', 'here'),
    true,
    $$has_foreign_table('far', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_foreign_table('public', 'far', 'not there'),
    false,
    $$has_foreign_table('public', 'far', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    hasnt_foreign_table('far'),
    false,
    $$hasnt_foreign_table('far')$$,
    'Foreign table far should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_foreign_table('person'),
    true,
    $$hasnt_foreign_table('person')$$,
    'Foreign table person should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_foreign_table('one', 'far'::name),
    false,
    $$hasnt_foreign_table('one', 'far'::name)$$,
    'Foreign table one.far should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_foreign_table('public', 'far'::name),
    true,
    $$hasnt_foreign_table('public', 'far'::name)$$,
    'Foreign table public.far should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_foreign_table('far', 'here'),
    false,
    $$hasnt_foreign_table('far', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_foreign_table('public', 'far', 'not there'),
    true,
    $$hasnt_foreign_table('public', 'far', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    has_composite('pair'),
    true,
    $$has_composite('pair')$$,
    'Composite type pair should exist',
    ''
);
SELECT * FROM check_test(
    has_composite('person'),
    false,
    $$has_composite('person')$$,
    'Composite type person should exist',
    ''
);
SELECT * FROM check_test(
    has_composite('pair', 'here'),
    true,
    $$has_composite('pair', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_composite('public', 'pair', 'not there'),
    false,
    $$has_composite('public', 'pair', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    hasnt_composite('pair'),
    false,
    $$hasnt_composite('pair')$$,
    'Composite type pair should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_composite('person'),
    true,
    $$hasnt_composite('person')$$,
    'Composite type person should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_composite('pair', 'here'),
    false,
    $$hasnt_composite('pair', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_composite('public', 'pair', 'not there'),
    true,
    $$hasnt_composite('public', 'pair', 'not there')$$,
    'not there',
    ''
);

-- A relation that is hidden by another of the same name is not there.
CREATE VIEW public.pet AS SELECT 1 AS a;
SELECT * FROM check_test(
    has_table('pet'),
    false,
    $$has_table('pet')$$,
    'Table pet should exist',
    ''
);
SELECT * FROM check_test(
    has_view('pet'),
    true,
    $$has_view('pet')$$,
    'View pet should exist',
    ''
);
DROP VIEW public.pet;

SELECT * FROM check_test(
    tables_are('one', ARRAY['part', 'parted', 'pet']),
    true,
    $$tables_are('one', ARRAY['part', 'parted', 'pet'])$$,
    'Schema one should have the correct tables',
    ''
);
SELECT * FROM check_test(
    tables_are('one', ARRAY['pet', 'Cat', 'dog']),
    false,
    $$tables_are('one', ARRAY['pet', 'Cat', 'dog'])$$,
    'Schema one should have the correct tables',
    E'    Extra tables:\n'
        || E'        part\n'
        || E'        parted\n'
        || E'    Missing tables:\n'
        || E'        "Cat"\n'
        || E'        dog'
);
SELECT * FROM check_test(
    tables_are(ARRAY['person', 'pet', 'parted', 'part']),
    true,
    $$tables_are(ARRAY['person', 'pet', 'parted', 'part'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct tables',
    ''
);
SELECT * FROM check_test(
    tables_are(ARRAY['person', 'far']),
    false,
    $$tables_are(ARRAY['person', 'far'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct tables',
    E'    Extra tables:\n'
        || E'        part\n'
        || E'        parted\n'
        || E'        pet\n'
        || E'    Missing tables:\n'
        || E'        far'
);
SELECT * FROM check_test(
    tables_are('one', '{}'::name[], 'none'),
    false,
    $$tables_are('one', '{}'::name[], 'none')$$,
    'none',
    E'    Extra tables:\n        part\n        parted\n        pet'
);
SELECT * FROM check_test(
    tables_are('{person}'::name[], 'one'),
    false,
    $$tables_are('{person}'::name[], 'one')$$,
    'one',
    E'    Extra tables:\n        part\n        parted\n        pet'
);
SELECT * FROM check_test(
    tables_are('nope', '{}'::name[]),
    true,
    $$tables_are('nope', '{}'::name[])$$,
    'Schema nope should have the correct tables',
    ''
);
SELECT * FROM check_test(
    tables_are('Two 2', '{}'::name[]),
    false,
    $$tables_are('Two 2', '{}'::name[])$$,
    'Schema "Two 2" should have the correct tables',
    E'    Extra tables:\n        "Odd ""name"""'
);
SELECT * FROM check_test(
    views_are('one', ARRAY['overview']),
    true,
    $$views_are('one', ARRAY['overview'])$$,
    'Schema one should have the correct views',
    ''
);
SELECT * FROM check_test(
    views_are('one', ARRAY['summary']),
    false,
    $$views_are('one', ARRAY['summary'])$$,
    'Schema one should have the correct views',
    E'    Extra views:\n        overview\n    Missing views:\n        summary'
);
SELECT * FROM check_test(
    views_are(ARRAY['overview']),
    true,
    $$views_are(ARRAY['overview'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct views',
    ''
);
SELECT * FROM check_test(
    views_are(ARRAY['nope']),
    false,
    $$views_are(ARRAY['nope'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct views',
    E'    Extra views:\n        overview\n    Missing views:\n        nope'
);
SELECT * FROM check_test(
    views_are('public', '{}'::name[], 'none'),
    true,
    $$views_are('public', '{}'::name[], 'none')$$,
    'none',
    ''
);
SELECT * FROM check_test(
    views_are('{}'::name[], 'none'),
    false,
    $$views_are('{}'::name[], 'none')$$,
    'none',
    E'    Extra views:\n        overview'
);
SELECT * FROM check_test(
    materialized_views_are('one', ARRAY['summary']),
    true,
    $$materialized_views_are('one', ARRAY['summary'])$$,
    'Schema one should have the correct materialized views',
    ''
);
SELECT * FROM check_test(
    materialized_views_are('one', ARRAY['overview']),
    false,
    $$materialized_views_are('one', ARRAY['overview'])$$,
    'Schema one should have the correct materialized views',
    E'    Extra Materialized views:\n'
        || E'        summary\n'
        || E'    Missing Materialized views:\n'
        || E'        overview'
);
SELECT * FROM check_test(
    materialized_views_are(ARRAY['summary']),
    true,
    $$materialized_views_are(ARRAY['summary'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct materialized views',
    ''
);
SELECT * FROM check_test(
    materialized_views_are(ARRAY['nope']),
    false,
    $$materialized_views_are(ARRAY['nope'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct materialized views',
    E'    Extra Materialized views:\n'
        || E'        summary\n'
        || E'    Missing Materialized views:\n'
        || E'        nope'
);
SELECT * FROM check_test(
    materialized_views_are('public', '{}'::name[], 'none'),
    true,
    $$materialized_views_are('public', '{}'::name[], 'none')$$,
    'none',
    ''
);
SELECT * FROM check_test(
    materialized_views_are('{}'::name[], 'none'),
    false,
    $$materialized_views_are('{}'::name[], 'none')$$,
    'none',
    E'    Extra Materialized views:\n        summary'
);
SELECT * FROM check_test(
    sequences_are('one', ARRAY['numbers']),
    true,
    $$sequences_are('one', ARRAY['numbers'])$$,
    'Schema one should have the correct sequences',
    ''
);
SELECT * FROM check_test(
    sequences_are('one', ARRAY['letters']),
    false,
    $$sequences_are('one', ARRAY['letters'])$$,
    'Schema one should have the correct sequences',
    E'    Extra sequences:\n        numbers\n    Missing sequences:\n        letters'
);
SELECT * FROM check_test(
    sequences_are(ARRAY['numbers']),
    true,
    $$sequences_are(ARRAY['numbers'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct sequences',
    ''
);
SELECT * FROM check_test(
    sequences_are(ARRAY['letters']),
    false,
    $$sequences_are(ARRAY['letters'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct sequences',
    E'    Extra sequences:\n        numbers\n    Missing sequences:\n        letters'
);
SELECT * FROM check_test(
    sequences_are('public', '{}'::name[], 'none'),
    true,
    $$sequences_are('public', '{}'::name[], 'none')$$,
    'none',
    ''
);
SELECT * FROM check_test(
    sequences_are('{}'::name[], 'none'),
    false,
    $$sequences_are('{}'::name[], 'none')$$,
    'none',
    E'    Extra sequences:\n        numbers'
);
SELECT * FROM check_test(
    foreign_tables_are('one', ARRAY['far']),
    true,
    $$foreign_tables_are('one', ARRAY['far'])$$,
    'Schema one should have the correct foreign tables',
    ''
);
SELECT * FROM check_test(
    foreign_tables_are('one', ARRAY['near']),
    false,
    $$foreign_tables_are('one', ARRAY['near'])$$,
    'Schema one should have the correct foreign tables',
    E'    Extra foreign tables:\n        far\n    Missing foreign tables:\n        near'
);
SELECT * FROM check_test(
    foreign_tables_are(ARRAY['far']),
    true,
    $$foreign_tables_are(ARRAY['far'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct foreign tables',
    ''
);
SELECT * FROM check_test(
    foreign_tables_are(ARRAY['near']),
    false,
    $$foreign_tables_are(ARRAY['near'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct foreign tables',
    E'    Extra foreign tables:\n        far\n    Missing foreign tables:\n        near'
);
SELECT * FROM check_test(
    foreign_tables_are('public', '{}'::name[], 'none'),
    true,
    $$foreign_tables_are('public', '{}'::name[], 'none')$$,
    'none',
    ''
);
SELECT * FROM check_test(
    foreign_tables_are('{}'::name[], 'none'),
    false,
    $$foreign_tables_are('{}'::name[], 'none')$$,
    'none',
    E'    Extra foreign tables:\n        far'
);

SELECT * FROM finish();
ROLLBACK;
