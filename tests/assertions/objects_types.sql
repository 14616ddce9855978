-- Types, domains and enums.
BEGIN;
SELECT plan(294);

CREATE SCHEMA one;
CREATE SCHEMA "Two 2";
CREATE TYPE one.pair AS (a int, b int);
CREATE TYPE one.mood AS ENUM ('sad', 'ok', 'Very happy');
CREATE TYPE "Two 2"."Mood" AS ENUM ('bad');
CREATE TYPE one.span AS RANGE (subtype = int);
CREATE TYPE "Two 2".later;
CREATE DOMAIN one.age AS integer CHECK (VALUE > 0);
CREATE DOMAIN one.nick AS varchar(20);
CREATE DOMAIN one.old_age AS one.age;
CREATE DOMAIN one.odd AS "Two 2"."Mood";
CREATE DOMAIN one.flags AS bit(4);
CREATE TABLE one.person (id int);
-- The library is found through the search path, wherever it is.
DO $$
BEGIN
    PERFORM set_config('search_path', current_setting('search_path') || ', one', true);
END;
$$;

SELECT * FROM check_test(
    has_type('pair'),
    true,
    $$has_type('pair')$$,
    'Type pair should exist',
    ''
);
SELECT * FROM check_test(
    has_type('mood'),
    true,
    $$has_type('mood')$$,
    'Type mood should exist',
    ''
);
SELECT * FROM check_test(
    has_type('age'),
    true,
    $$has_type('age')$$,
    'Type age should exist',
    ''
);
SELECT * FROM check_test(
    has_type('person'),
    true,
    $$has_type('person')$$,
    'Type person should exist',
    ''
);
SELECT * FROM check_test(
    has_type('int4'),
    true,
    $$has_type('int4')$$,
    'Type int4 should exist',
    ''
);
SELECT * FROM check_test(
    has_type('integer'),
    false,
    $$has_type('integer')$$,
    'Type "integer" should exist',
    ''
);
SELECT * FROM check_test(
    has_type('span'),
    false,
    $$has_type('span')$$,
    'Type span should exist',
    ''
);
SELECT * FROM check_test(
    has_type('nope'),
    false,
    $$has_type('nope')$$,
    'Type nope should exist',
    ''
);
SELECT * FROM check_test(
    has_type('Two 2', 'later'::name),
    false,
    $$has_type('Two 2', 'later'::name)$$,
    'Type "Two 2".later should exist',
    ''
);
SELECT * FROM check_test(
    has_type('one', 'pair'::name),
    true,
    $$has_type('one', 'pair'::name)$$,
    'Type one.pair should exist',
    ''
);
SELECT * FROM check_test(
    has_type('Two 2', 'pair'::name),
    false,
    $$has_type('Two 2', 'pair'::name)$$,
    'Type "Two 2".pair should exist',
    ''
);
SELECT * FROM check_test(
    has_type('pair', 'here'),
    true,
    $$has_type('pair', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_type('public', 'pair', 'not there'),
    false,
    $$has_type('public', 'pair', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    hasnt_type('pair'),
    false,
    $$hasnt_type('pair')$$,
    'Type pair should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_type('nope'),
    true,
    $$hasnt_type('nope')$$,
    'Type nope should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_type('one', 'pair'::name),
    false,
    $$hasnt_type('one', 'pair'::name)$$,
    'Type one.pair should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_type('Two 2', 'pair'::name),
    true,
    $$hasnt_type('Two 2', 'pair'::name)$$,
    'Type "Two 2".pair should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_type('pair', 'here'),
    false,
    $$hasnt_type('pair', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_type('public', 'pair', 'not there'),
    true,
    $$hasnt_type('public', 'pair', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    has_domain('age'),
    true,
    $$has_domain('age')$$,
    'Domain age should exist',
    ''
);
SELECT * FROM check_test(
    has_domain('mood'),
    false,
    $$has_domain('mood')$$,
    'Domain mood should exist',
    ''
);
SELECT * FROM check_test(
    has_domain('one', 'age'::name),
    true,
    $$has_domain('one', 'age'::name)$$,
    'Domain one.age should exist',
    ''
);
SELECT * FROM check_test(
    has_domain('Two 2', 'age'::name),
    false,
    $$has_domain('Two 2', 'age'::name)$$,
    'Domain "Two 2".age should exist',
    ''
);
SELECT * FROM check_test(
    has_domain('age', 'here'),
    true,
    $$has_domain('age', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_domain('public', 'age', 'not there'),
    false,
    $$has_domain('public', 'age', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    hasnt_domain('age'),
    false,
    $$hasnt_domain('age')$$,
    'Domain age should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_domain('mood'),
    true,
    $$hasnt_domain('mood')$$,
    'Domain mood should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_domain('one', 'age'::name),
    false,
    $$hasnt_domain('one', 'age'::name)$$,
    'Domain one.age should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_domain('Two 2', 'age'::name),
    true,
    $$hasnt_domain('Two 2', 'age'::name)$$,
    'Domain "Two 2".age should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_domain('age', 'here'),
    false,
    $$hasnt_domain('age', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_domain('public', 'age', 'not there'),
    true,
    $$hasnt_domain('public', 'age', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    has_enum('mood'),
    true,
    $$has_enum('mood')$$,
    'Enum mood should exist',
    ''
);
SELECT * FROM check_test(
    has_enum('age'),
    false,
    $$has_enum('age')$$,
    'Enum age should exist',
    ''
);
SELECT * FROM check_test(
    has_enum('one', 'mood'::name),
    true,
    $$has_enum('one', 'mood'::name)$$,
    'Enum one.mood should exist',
    ''
);
SELECT * FROM check_test(
    has_enum('Two 2', 'mood'::name),
    false,
    $$has_enum('Two 2', 'mood'::name)$$,
    'Enum "Two 2".mood should exist',
    ''
);
SELECT * FROM check_test(
    has_enum('mood', 'here'),
    true,
    $$has_enum('mood', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_enum('Two 2', 'Mood', 'there'),
    true,
    $$has_enum('Two 2', 'Mood', 'there')$$,
    'there',
    ''
);
SELECT * FROM check_test(
    hasnt_enum('mood'),
    false,
    $$hasnt_enum('mood')$$,
    'Enum mood should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_enum('age'),
    true,
    $$hasnt_enum('age')$$,
    'Enum age should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_enum('one', 'mood'::name),
    false,
    $$hasnt_enum('one', 'mood'::name)$$,
    'Enum one.mood should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_enum('Two 2', 'mood'::name),
    true,
    $$hasnt_enum('Two 2', 'mood'::name)$$,
    'Enum "Two 2".mood should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_enum('mood', 'here'),
    false,
    $$hasnt_enum('mood', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_enum('Two 2', 'Mood', 'there'),
    false,
    $$hasnt_enum('Two 2', 'Mood', 'there')$$,
    'there',
    ''
);

SELECT * FROM check_test(
    types_are('Two 2', ARRAY['Mood', 'later']),
    true,
    $$types_are('Two 2', ARRAY['Mood', 'later'])$$,
    'Schema "Two 2" should have the correct types',
    ''
);
SELECT * FROM check_test(
    types_are('one', ARRAY['pair', 'age', 'person']),
    false,
    $$types_are('one', ARRAY['pair', 'age', 'person'])$$,
    'Schema one should have the correct types',
    E'    Extra types:\n'
        || E'        flags\n'
        || E'        mood\n'
        || E'        nick\n'
        || E'        odd\n'
        || E'        old_age\n'
        || E'    Missing types:\n'
        || E'        person'
);
SELECT * FROM check_test(
    types_are('one', '{pair,mood,age,nick,old_age,odd,flags}'::name[], 'all'),
    true,
    $$types_are('one', '{pair,mood,age,nick,old_age,odd,flags}'::name[], 'all')$$,
    'all',
    ''
);
SELECT * FROM check_test(
    types_are('{pair,mood,age,nick,old_age,odd,flags,_time_trial_type}'::name[]),
    true,
    $$types_are('{pair,mood,age,nick,old_age,odd,flags,_time_trial_type}'::name[])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct types',
    ''
);
SELECT * FROM check_test(
    types_are('{pair,mood,age,nick,old_age,odd,_time_trial_type}'::name[], 'all but one'),
    false,
    $$types_are('{pair,mood,age,nick,old_age,odd,_time_trial_type}'::name[], 'all but one')$$,
    'all but one',
    E'    Extra types:\n        flags'
);
SELECT * FROM check_test(
    domains_are('one', ARRAY['age', 'nick', 'old_age', 'odd', 'flags']),
    true,
    $$domains_are('one', ARRAY['age', 'nick', 'old_age', 'odd', 'flags'])$$,
    'Schema one should have the correct domains',
    ''
);
SELECT * FROM check_test(
    domains_are('one', ARRAY['age', 'mood']),
    false,
    $$domains_are('one', ARRAY['age', 'mood'])$$,
    'Schema one should have the correct domains',
    E'    Extra types:\n'
        || E'        flags\n'
        || E'        nick\n'
        || E'        odd\n'
        || E'        old_age\n'
        || E'    Missing types:\n'
        || E'        mood'
);
SELECT * FROM check_test(
    domains_are(ARRAY['age', 'nick', 'old_age', 'odd', 'flags']),
    true,
    $$domains_are(ARRAY['age', 'nick', 'old_age', 'odd', 'flags'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct domains',
    ''
);
SELECT * FROM check_test(
    domains_are(ARRAY['mood']),
    false,
    $$domains_are(ARRAY['mood'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct domains',
    E'    Extra types:\n'
        || E'        age\n'
        || E'        flags\n'
        || E'        nick\n'
        || E'        odd\n'
        || E'        old_age\n'
        || E'    Missing types:\n'
        || E'        mood'
);
SELECT * FROM check_test(
    domains_are('Two 2', '{}'::name[], 'none'),
    true,
    $$domains_are('Two 2', '{}'::name[], 'none')$$,
    'none',
    ''
);
SELECT * FROM check_test(
    domains_are('{x}'::name[], 'others'),
    false,
    $$domains_are('{x}'::name[], 'others')$$,
    'others',
    E'    Extra types:\n'
        || E'        age\n'
        || E'        flags\n'
        || E'        nick\n'
        || E'        odd\n'
        || E'        old_age\n'
        || E'    Missing types:\n'
        || E'        x'
);
SELECT * FROM check_test(
    enums_are('one', ARRAY['mood']),
    true,
    $$enums_are('one', ARRAY['mood'])$$,
    'Schema one should have the correct enums',
    ''
);
SELECT * FROM check_test(
    enums_are('one', ARRAY['Mood']),
    false,
    $$enums_are('one', ARRAY['Mood'])$$,
    'Schema one should have the correct enums',
    E'    Extra types:\n        mood\n    Missing types:\n        "Mood"'
);
SELECT * FROM check_test(
    enums_are(ARRAY['mood']),
    true,
    $$enums_are(ARRAY['mood'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct enums',
    ''
);
SELECT * FROM check_test(
    enums_are(ARRAY['age']),
    false,
    $$enums_are(ARRAY['age'])$$,
    'Search path ' || current_setting('search_path') || ' should have the correct enums',
    E'    Extra types:\n        mood\n    Missing types:\n        age'
);
SELECT * FROM check_test(
    enums_are('Two 2', '{}'::name[], 'none'),
    false,
    $$enums_are('Two 2', '{}'::name[], 'none')$$,
    'none',
    E'    Extra types:\n        "Mood"'
);
SELECT * FROM check_test(
    enums_are('{mood}'::name[], 'one'),
    true,
    $$enums_are('{mood}'::name[], 'one')$$,
    'one',
    ''
);

SELECT * FROM check_test(
    enum_has_labels('mood', ARRAY['sad', 'ok', 'Very happy']),
    true,
    $$enum_has_labels('mood', ARRAY['sad', 'ok', 'Very happy'])$$,
    'Enum mood should have labels (sad, ok, Very happy)',
    ''
);
SELECT * FROM check_test(
    enum_has_labels('mood', ARRAY['ok', 'sad', 'Very happy']),
    false,
    $$enum_has_labels('mood', ARRAY['ok', 'sad', 'Very happy'])$$,
    'Enum mood should have labels (ok, sad, Very happy)',
    E'        have: {sad,ok,"Very happy"}\n        want: {ok,sad,"Very happy"}'
);
SELECT * FROM check_test(
    enum_has_labels('Two 2', 'Mood', ARRAY['bad']),
    true,
    $$enum_has_labels('Two 2', 'Mood', ARRAY['bad'])$$,
    'Enum "Two 2"."Mood" should have labels (bad)',
    ''
);
SELECT * FROM check_test(
    enum_has_labels('Two 2', 'Mood', ARRAY['bad', 'worse']),
    false,
    $$enum_has_labels('Two 2', 'Mood', ARRAY['bad', 'worse'])$$,
    'Enum "Two 2"."Mood" should have labels (bad, worse)',
    E'        have: {bad}\n        want: {bad,worse}'
);
SELECT * FROM check_test(
    enum_has_labels('nope', ARRAY['a']),
    false,
    $$enum_has_labels('nope', ARRAY['a'])$$,
    'Enum nope should have labels (a)',
    E'        have: {}\n        want: {a}'
);
SELECT * FROM check_test(
    enum_has_labels('mood', ARRAY['sad'], 'one of them'),
    false,
    $$enum_has_labels('mood', ARRAY['sad'], 'one of them')$$,
    'one of them',
    E'        have: {sad,ok,"Very happy"}\n        want: {sad}'
);
SELECT * FROM check_test(
    enum_has_labels('Two 2', 'Mood', ARRAY['bad'], 'the only one'),
    true,
    $$enum_has_labels('Two 2', 'Mood', ARRAY['bad'], 'the only one')$$,
    'the only one',
    ''
);

SELECT * FROM check_test(
    domain_type_is('age', 'integer'),
    true,
    $$domain_type_is('age', 'integer')$$,
    'Domain age should extend type integer',
    ''
);
SELECT * FROM check_test(
    domain_type_is('nick', 'character varying'),
    true,
    $$domain_type_is('nick', 'character varying')$$,
    'Domain nick should extend type character varying',
    ''
);
SELECT * FROM check_test(
    domain_type_is('old_age', 'age'),
    true,
    $$domain_type_is('old_age', 'age')$$,
    'Domain old_age should extend type age',
    ''
);
SELECT * FROM check_test(
    domain_type_is('odd', 'Mood'),
    false,
    $$domain_type_is('odd', 'Mood')$$,
    'Domain odd should extend type Mood',
    E'        have: "Two 2"."Mood"\n        want: "Mood"'
);
SELECT * FROM check_test(
    domain_type_is('flags', 'bit'),
    true,
    $$domain_type_is('flags', 'bit')$$,
    'Domain flags should extend type bit',
    ''
);
SELECT * FROM check_test(
    domain_type_is('flags', 'bits(4)'),
    false,
    $$domain_type_is('flags', 'bits(4)')$$,
    'Domain flags should extend type bits(4)',
    E'        have: "bit"\n        want: "bits(4)"'
);
SELECT * FROM check_test(
    domain_type_is('nope', 'integer'),
    false,
    $$domain_type_is('nope', 'integer')$$,
    'Domain nope should extend type integer',
    '   Domain nope does not exist'
);
SELECT * FROM check_test(
    domain_type_is('mood', 'integer'),
    false,
    $$domain_type_is('mood', 'integer')$$,
    'Domain mood should extend type integer',
    '   Domain mood does not exist'
);
SELECT * FROM check_test(
    domain_type_is('age', 'integer', 'a number'),
    true,
    $$domain_type_is('age', 'integer', 'a number')$$,
    'a number',
    ''
);
SELECT * FROM check_test(
    domain_type_is('age', 'text', 'a text'),
    false,
    $$domain_type_is('age', 'text', 'a text')$$,
    'a text',
    E'        have: integer\n        want: text'
);
SELECT * FROM check_test(
    domain_type_is('one'::name, 'age'::text, 'integer'),
    true,
    $$domain_type_is('one'::name, 'age'::text, 'integer')$$,
    'Domain one.age should extend type integer',
    ''
);
SELECT * FROM check_test(
    domain_type_is('one'::name, 'age'::text, 'text'),
    false,
    $$domain_type_is('one'::name, 'age'::text, 'text')$$,
    'Domain one.age should extend type text',
    E'        have: integer\n        want: text'
);
SELECT * FROM check_test(
    domain_type_is('public'::name, 'age'::text, 'integer'),
    false,
    $$domain_type_is('public'::name, 'age'::text, 'integer')$$,
    'Domain public.age should extend type integer',
    '   Domain public.age does not exist'
);
SELECT * FROM check_test(
    domain_type_is('one'::name, 'age'::text, 'text', 'a text'),
    false,
    $$domain_type_is('one'::name, 'age'::text, 'text', 'a text')$$,
    'a text',
    E'        have: integer\n        want: text'
);
SELECT * FROM check_test(
    domain_type_is('one'::name, 'age', 'pg_catalog'::name, 'integer'),
    true,
    $$domain_type_is('one'::name, 'age', 'pg_catalog'::name, 'integer')$$,
    'Domain one.age should extend type pg_catalog.integer',
    ''
);
SELECT * FROM check_test(
    domain_type_is('one'::name, 'age', 'one'::name, 'integer'),
    false,
    $$domain_type_is('one'::name, 'age', 'one'::name, 'integer')$$,
    'Domain one.age should extend type one.integer',
    E'        have: pg_catalog.integer\n        want: one.integer'
);
SELECT * FROM check_test(
    domain_type_is('one'::name, 'odd', 'Two 2'::name, 'Mood'),
    true,
    $$domain_type_is('one'::name, 'odd', 'Two 2'::name, 'Mood')$$,
    'Domain one.odd should extend type "Two 2".Mood',
    ''
);
SELECT * FROM check_test(
    domain_type_is('one'::name, 'odd', 'Two 2'::name, 'mood'),
    false,
    $$domain_type_is('one'::name, 'odd', 'Two 2'::name, 'mood')$$,
    'Domain one.odd should extend type "Two 2".mood',
    E'        have: "Two 2"."Mood"\n        want: "Two 2".mood'
);
SELECT * FROM check_test(
    domain_type_is('one', 'old_age', 'one', 'age', 'of the same schema'),
    true,
    $$domain_type_is('one', 'old_age', 'one', 'age', 'of the same schema')$$,
    'of the same schema',
    ''
);
SELECT * FROM check_test(
    domain_type_isnt('age', 'text'),
    true,
    $$domain_type_isnt('age', 'text')$$,
    'Domain age should not extend type text',
    ''
);
SELECT * FROM check_test(
    domain_type_isnt('age', 'integer'),
    false,
    $$domain_type_isnt('age', 'integer')$$,
    'Domain age should not extend type integer',
    E'        have: integer\n        want: anything else'
);
SELECT * FROM check_test(
    domain_type_isnt('nope', 'integer'),
    false,
    $$domain_type_isnt('nope', 'integer')$$,
    'Domain nope should not extend type integer',
    '   Domain nope does not exist'
);
SELECT * FROM check_test(
    domain_type_isnt('age', 'integer', 'a number'),
    false,
    $$domain_type_isnt('age', 'integer', 'a number')$$,
    'a number',
    E'        have: integer\n        want: anything else'
);
SELECT * FROM check_test(
    domain_type_isnt('age', 'text', 'a text'),
    true,
    $$domain_type_isnt('age', 'text', 'a text')$$,
    'a text',
    ''
);
SELECT * FROM check_test(
    domain_type_isnt('one'::name, 'age'::text, 'text'),
    true,
    $$domain_type_isnt('one'::name, 'age'::text, 'text')$$,
    'Domain one.age should not extend type text',
    ''
);
SELECT * FROM check_test(
    domain_type_isnt('one'::name, 'age'::text, 'integer'),
    false,
    $$domain_type_isnt('one'::name, 'age'::text, 'integer')$$,
    'Domain one.age should not extend type integer',
    E'        have: integer\n        want: anything else'
);
SELECT * FROM check_test(
    domain_type_isnt('public'::name, 'age'::text, 'integer'),
    false,
    $$domain_type_isnt('public'::name, 'age'::text, 'integer')$$,
    'Domain public.age should not extend type integer',
    '   Domain public.age does not exist'
);
SELECT * FROM check_test(
    domain_type_isnt('one'::name, 'age'::text, 'text', 'no text'),
    true,
    $$domain_type_isnt('one'::name, 'age'::text, 'text', 'no text')$$,
    'no text',
    ''
);
SELECT * FROM check_test(
    domain_type_isnt('one'::name, 'age', 'pg_catalog'::name, 'integer'),
    false,
    $$domain_type_isnt('one'::name, 'age', 'pg_catalog'::name, 'integer')$$,
    'Domain one.age should not extend type pg_catalog.integer',
    E'        have: pg_catalog.integer\n        want: anything else'
);
SELECT * FROM check_test(
    domain_type_isnt('one'::name, 'age', 'one'::name, 'integer'),
    true,
    $$domain_type_isnt('one'::name, 'age', 'one'::name, 'integer')$$,
    'Domain one.age should not extend type one.integer',
    ''
);
SELECT * FROM check_test(
    domain_type_isnt('one', 'odd', 'Two 2', 'Mood', 'of another schema'),
    false,
    $$domain_type_isnt('one', 'odd', 'Two 2', 'Mood', 'of another schema')$$,
    'of another schema',
    E'        have: "Two 2"."Mood"\n        want: anything else'
);

SELECT * FROM finish();
ROLLBACK;
