-- Schemas, extensions, languages, tablespaces and roles.
BEGIN;
SELECT plan(306);

CREATE SCHEMA one;
CREATE SCHEMA "Two 2";
CREATE EXTENSION citext SCHEMA one;
CREATE ROLE objects_club;
CREATE ROLE objects_guest LOGIN;
CREATE ROLE "Objects boss" LOGIN SUPERUSER IN ROLE objects_club;
CREATE ROLE objects_friend IN ROLE "Objects boss";

SELECT * FROM check_test(
    has_schema('one'),
    true,
    $$has_schema('one')$$,
    'Schema one should exist',
    ''
);
SELECT * FROM check_test(
    has_schema('nope'),
    false,
    $$has_schema('nope')$$,
    'Schema nope should exist',
    ''
);
SELECT * FROM check_test(
    has_schema('Two 2', 'here'),
    true,
    $$has_schema('Two 2', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_schema('two 2', 'not here'),
    false,
    $$has_schema('two 2', 'not here')$$,
    'not here',
    ''
);
SELECT * FROM check_test(
    hasnt_schema('one'),
    false,
    $$hasnt_schema('one')$$,
    'Schema one should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_schema('nope'),
    true,
    $$hasnt_schema('nope')$$,
    'Schema nope should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_schema('Two 2', 'here'),
    false,
    $$hasnt_schema('Two 2', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_schema('two 2', 'not here'),
    true,
    $$hasnt_schema('two 2', 'not here')$$,
    'not here',
    ''
);
SELECT * FROM check_test(
    schemas_are(ARRAY['one', 'public', 'Two 2']),
    true,
    $$schemas_are(ARRAY['one', 'public', 'Two 2'])$$,
    'There should be the correct schemas',
    ''
);
SELECT * FROM check_test(
    schemas_are(ARRAY['one', 'public', 'three']),
    false,
    $$schemas_are(ARRAY['one', 'public', 'three'])$$,
    'There should be the correct schemas',
    E'    Extra schemas:\n        "Two 2"\n    Missing schemas:\n        three'
);
SELECT * FROM check_test(
    schemas_are(ARRAY['one'], 'fewer'),
    false,
    $$schemas_are(ARRAY['one'], 'fewer')$$,
    'fewer',
    E'    Extra schemas:\n        "Two 2"\n        public'
);

SELECT * FROM check_test(
    has_language('plpgsql'),
    true,
    $$has_language('plpgsql')$$,
    'Procedural language plpgsql should exist',
    ''
);
SELECT * FROM check_test(
    has_language('Nope'),
    false,
    $$has_language('Nope')$$,
    'Procedural language "Nope" should exist',
    ''
);
SELECT * FROM check_test(
    has_language('sql', 'here'),
    true,
    $$has_language('sql', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_language('Nope', 'not here'),
    false,
    $$has_language('Nope', 'not here')$$,
    'not here',
    ''
);
SELECT * FROM check_test(
    hasnt_language('plpgsql'),
    false,
    $$hasnt_language('plpgsql')$$,
    'Procedural language plpgsql should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_language('Nope'),
    true,
    $$hasnt_language('Nope')$$,
    'Procedural language "Nope" should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_language('sql', 'here'),
    false,
    $$hasnt_language('sql', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_language('Nope', 'not here'),
    true,
    $$hasnt_language('Nope', 'not here')$$,
    'not here',
    ''
);
SELECT * FROM check_test(
    languages_are(ARRAY['plpgsql']),
    true,
    $$languages_are(ARRAY['plpgsql'])$$,
    'There should be the correct procedural languages',
    ''
);
SELECT * FROM check_test(
    languages_are(ARRAY['plpgsql', 'sql']),
    false,
    $$languages_are(ARRAY['plpgsql', 'sql'])$$,
    'There should be the correct procedural languages',
    E'    Missing languages:\n        sql'
);
SELECT * FROM check_test(
    languages_are('{}'::name[], 'none'),
    false,
    $$languages_are('{}'::name[], 'none')$$,
    'none',
    E'    Extra languages:\n        plpgsql'
);
SELECT * FROM check_test(
    language_is_trusted('plpgsql'),
    true,
    $$language_is_trusted('plpgsql')$$,
    'Procedural language plpgsql should be trusted',
    ''
);
SELECT * FROM check_test(
    language_is_trusted('c'),
    false,
    $$language_is_trusted('c')$$,
    'Procedural language c should be trusted',
    ''
);
SELECT * FROM check_test(
    language_is_trusted('Nope'),
    false,
    $$language_is_trusted('Nope')$$,
    'Procedural language "Nope" should be trusted',
    '    Procedural language "Nope" does not exist'
);
SELECT * FROM check_test(
    language_is_trusted('plpgsql', 'ours'),
    true,
    $$language_is_trusted('plpgsql', 'ours')$$,
    'ours',
    ''
);
SELECT * FROM check_test(
    language_is_trusted('Nope', 'not ours'),
    false,
    $$language_is_trusted('Nope', 'not ours')$$,
    'not ours',
    '    Procedural language "Nope" does not exist'
);

SELECT * FROM check_test(
    has_tablespace('pg_default'),
    true,
    $$has_tablespace('pg_default')$$,
    'Tablespace pg_default should exist',
    ''
);
SELECT * FROM check_test(
    has_tablespace('Nope'),
    false,
    $$has_tablespace('Nope')$$,
    'Tablespace "Nope" should exist',
    ''
);
SELECT * FROM check_test(
    has_tablespace('pg_default', 'here'),
    true,
    $$has_tablespace('pg_default', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_tablespace('pg_default', '', 'without a location'),
    true,
    $$has_tablespace('pg_default', '', 'without a location')$$,
    'without a location',
    ''
);
SELECT * FROM check_test(
    has_tablespace('pg_default', '/else', 'elsewhere'),
    false,
    $$has_tablespace('pg_default', '/else', 'elsewhere')$$,
    'elsewhere',
    ''
);
SELECT * FROM check_test(
    hasnt_tablespace('pg_default'),
    false,
    $$hasnt_tablespace('pg_default')$$,
    'Tablespace pg_default should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_tablespace('Nope'),
    true,
    $$hasnt_tablespace('Nope')$$,
    'Tablespace "Nope" should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_tablespace('pg_default', 'here'),
    false,
    $$hasnt_tablespace('pg_default', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    tablespaces_are(ARRAY['pg_default', 'pg_global']),
    true,
    $$tablespaces_are(ARRAY['pg_default', 'pg_global'])$$,
    'There should be the correct tablespaces',
    ''
);
SELECT * FROM check_test(
    tablespaces_are(ARRAY['pg_default', 'other']),
    false,
    $$tablespaces_are(ARRAY['pg_default', 'other'])$$,
    'There should be the correct tablespaces',
    E'    Extra tablespaces:\n        pg_global\n    Missing tablespaces:\n        other'
);
SELECT * FROM check_test(
    tablespaces_are('{pg_global}'::name[], 'one'),
    false,
    $$tablespaces_are('{pg_global}'::name[], 'one')$$,
    'one',
    E'    Extra tablespaces:\n        pg_default'
);

SELECT * FROM check_test(
    has_extension('citext'),
    true,
    $$has_extension('citext')$$,
    'Extension citext should exist',
    ''
);
SELECT * FROM check_test(
    has_extension('no-pe'),
    false,
    $$has_extension('no-pe')$$,
    'Extension "no-pe" should exist',
    ''
);
SELECT * FROM check_test(
    has_extension('one', 'citext'::name),
    true,
    $$has_extension('one', 'citext'::name)$$,
    'Extension citext should exist in schema one',
    ''
);
SELECT * FROM check_test(
    has_extension('Two 2', 'citext'::name),
    false,
    $$has_extension('Two 2', 'citext'::name)$$,
    'Extension citext should exist in schema "Two 2"',
    ''
);
SELECT * FROM check_test(
    has_extension('citext', 'here'),
    true,
    $$has_extension('citext', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_extension('Two 2', 'citext', 'not there'),
    false,
    $$has_extension('Two 2', 'citext', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    has_extension('pgtap'),
    true,
    $$has_extension('pgtap')$$,
    'Extension pgtap should exist',
    ''
);
SELECT * FROM check_test(
    hasnt_extension('citext'),
    false,
    $$hasnt_extension('citext')$$,
    'Extension citext should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_extension('no-pe'),
    true,
    $$hasnt_extension('no-pe')$$,
    'Extension "no-pe" should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_extension('one', 'citext'::name),
    false,
    $$hasnt_extension('one', 'citext'::name)$$,
    'Extension citext should not exist in schema one',
    ''
);
SELECT * FROM check_test(
    hasnt_extension('Two 2', 'citext'::name),
    true,
    $$hasnt_extension('Two 2', 'citext'::name)$$,
    'Extension citext should not exist in schema "Two 2"',
    ''
);
SELECT * FROM check_test(
    hasnt_extension('citext', 'here'),
    false,
    $$hasnt_extension('citext', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_extension('Two 2', 'citext', 'not there'),
    true,
    $$hasnt_extension('Two 2', 'citext', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    extensions_are(ARRAY['citext', 'pgtap', 'plpgsql']),
    true,
    $$extensions_are(ARRAY['citext', 'pgtap', 'plpgsql'])$$,
    'Should have the correct extensions',
    ''
);
SELECT * FROM check_test(
    extensions_are(ARRAY['pgtap', 'plpgsql', 'no-pe']),
    false,
    $$extensions_are(ARRAY['pgtap', 'plpgsql', 'no-pe'])$$,
    'Should have the correct extensions',
    E'    Extra extensions:\n        citext\n    Missing extensions:\n        "no-pe"'
);
SELECT * FROM check_test(
    extensions_are('one', ARRAY['citext']),
    true,
    $$extensions_are('one', ARRAY['citext'])$$,
    'Schema one should have the correct extensions',
    ''
);
SELECT * FROM check_test(
    extensions_are('one', ARRAY['pgtap']),
    false,
    $$extensions_are('one', ARRAY['pgtap'])$$,
    'Schema one should have the correct extensions',
    E'    Extra extensions:\n        citext\n    Missing extensions:\n        pgtap'
);
SELECT * FROM check_test(
    extensions_are('{citext}'::name[], 'fewer'),
    false,
    $$extensions_are('{citext}'::name[], 'fewer')$$,
    'fewer',
    E'    Extra extensions:\n        pgtap\n        plpgsql'
);
SELECT * FROM check_test(
    extensions_are('Two 2', '{}'::name[], 'none'),
    true,
    $$extensions_are('Two 2', '{}'::name[], 'none')$$,
    'none',
    ''
);

SELECT * FROM check_test(
    has_role('objects_club'),
    true,
    $$has_role('objects_club')$$,
    'Role objects_club should exist',
    ''
);
SELECT * FROM check_test(
    has_role('Nope'),
    false,
    $$has_role('Nope')$$,
    'Role "Nope" should exist',
    ''
);
SELECT * FROM check_test(
    has_role('objects_guest', 'here'),
    true,
    $$has_role('objects_guest', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_role('Nope', 'not here'),
    false,
    $$has_role('Nope', 'not here')$$,
    'not here',
    ''
);
SELECT * FROM check_test(
    has_role(NULL),
    false,
    $$has_role(NULL)$$,
    '',
    '    (test result was NULL)'
);
SELECT * FROM check_test(
    hasnt_role('objects_club'),
    false,
    $$hasnt_role('objects_club')$$,
    'Role objects_club should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_role('Nope'),
    true,
    $$hasnt_role('Nope')$$,
    'Role "Nope" should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_role('objects_guest', 'here'),
    false,
    $$hasnt_role('objects_guest', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_user('Objects boss'),
    true,
    $$has_user('Objects boss')$$,
    'User "Objects boss" should exist',
    ''
);
SELECT * FROM check_test(
    has_user('objects_club'),
    false,
    $$has_user('objects_club')$$,
    'User objects_club should exist',
    ''
);
SELECT * FROM check_test(
    has_user('objects_guest', 'here'),
    true,
    $$has_user('objects_guest', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_user('objects_club', 'not here'),
    false,
    $$has_user('objects_club', 'not here')$$,
    'not here',
    ''
);
SELECT * FROM check_test(
    hasnt_user('Objects boss'),
    false,
    $$hasnt_user('Objects boss')$$,
    'User "Objects boss" should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_user('objects_club'),
    true,
    $$hasnt_user('objects_club')$$,
    'User objects_club should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_user('objects_guest', 'here'),
    false,
    $$hasnt_user('objects_guest', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_group('objects_club'),
    true,
    $$has_group('objects_club')$$,
    'Group objects_club should exist',
    ''
);
SELECT * FROM check_test(
    has_group('Objects boss'),
    false,
    $$has_group('Objects boss')$$,
    'Group "Objects boss" should exist',
    ''
);
SELECT * FROM check_test(
    has_group('objects_club', 'here'),
    true,
    $$has_group('objects_club', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_group('objects_guest', 'not here'),
    false,
    $$has_group('objects_guest', 'not here')$$,
    'not here',
    ''
);
SELECT * FROM check_test(
    hasnt_group('objects_club'),
    false,
    $$hasnt_group('objects_club')$$,
    'Group objects_club should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_group('Objects boss'),
    true,
    $$hasnt_group('Objects boss')$$,
    'Group "Objects boss" should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_group('objects_club', 'here'),
    false,
    $$hasnt_group('objects_club', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    is_superuser('Objects boss'),
    true,
    $$is_superuser('Objects boss')$$,
    'User "Objects boss" should be a super user',
    ''
);
SELECT * FROM check_test(
    is_superuser('objects_guest'),
    false,
    $$is_superuser('objects_guest')$$,
    'User objects_guest should be a super user',
    ''
);
SELECT * FROM check_test(
    is_superuser('Nope'),
    false,
    $$is_superuser('Nope')$$,
    'User "Nope" should be a super user',
    '    User "Nope" does not exist'
);
SELECT * FROM check_test(
    is_superuser('Objects boss', 'of course'),
    true,
    $$is_superuser('Objects boss', 'of course')$$,
    'of course',
    ''
);
SELECT * FROM check_test(
    is_superuser('Nope', 'who?'),
    false,
    $$is_superuser('Nope', 'who?')$$,
    'who?',
    '    User "Nope" does not exist'
);
SELECT * FROM check_test(
    isnt_superuser('Objects boss'),
    false,
    $$isnt_superuser('Objects boss')$$,
    'User "Objects boss" should not be a super user',
    ''
);
SELECT * FROM check_test(
    isnt_superuser('objects_guest'),
    true,
    $$isnt_superuser('objects_guest')$$,
    'User objects_guest should not be a super user',
    ''
);
SELECT * FROM check_test(
    isnt_superuser('Nope'),
    false,
    $$isnt_superuser('Nope')$$,
    'User "Nope" should not be a super user',
    '    User "Nope" does not exist'
);
SELECT * FROM check_test(
    isnt_superuser('Objects boss', 'of course'),
    false,
    $$isnt_superuser('Objects boss', 'of course')$$,
    'of course',
    ''
);
SELECT * FROM check_test(
    is_member_of('objects_club', 'Objects boss'),
    true,
    $$is_member_of('objects_club', 'Objects boss')$$,
    'Should have members of role objects_club',
    ''
);
SELECT * FROM check_test(
    is_member_of('objects_club', 'objects_guest'),
    false,
    $$is_member_of('objects_club', 'objects_guest')$$,
    'Should have members of role objects_club',
    E'    Members missing from the objects_club role:\n        objects_guest'
);
SELECT * FROM check_test(
    is_member_of('objects_club', ARRAY['objects_guest', 'Objects boss', 'objects_friend']),
    false,
    $$is_member_of('objects_club', ARRAY['objects_guest', 'Objects boss', 'objects_friend'])$$,
    'Should have members of role objects_club',
    E'    Members missing from the objects_club role:\n'
        || E'        objects_guest\n'
        || E'        objects_friend'
);
SELECT * FROM check_test(
    is_member_of('Nope', 'objects_guest'),
    false,
    $$is_member_of('Nope', 'objects_guest')$$,
    'Should have members of role "Nope"',
    '    Role "Nope" does not exist'
);
SELECT * FROM check_test(
    is_member_of('Nope', ARRAY['objects_guest'], 'of what?'),
    false,
    $$is_member_of('Nope', ARRAY['objects_guest'], 'of what?')$$,
    'of what?',
    '    Role "Nope" does not exist'
);
SELECT * FROM check_test(
    is_member_of('objects_club', 'Objects boss', 'of course'),
    true,
    $$is_member_of('objects_club', 'Objects boss', 'of course')$$,
    'of course',
    ''
);
SELECT * FROM check_test(
    is_member_of('Objects boss', ARRAY['Objects club'], 'other way round'),
    false,
    $$is_member_of('Objects boss', ARRAY['Objects club'], 'other way round')$$,
    'other way round',
    E'    Members missing from the "Objects boss" role:\n        "Objects club"'
);
SELECT * FROM check_test(
    isnt_member_of('objects_club', 'Objects boss'),
    false,
    $$isnt_member_of('objects_club', 'Objects boss')$$,
    'Should not have members of role objects_club',
    E'    Members, who should not be in objects_club role:\n        "Objects boss"'
);
SELECT * FROM check_test(
    isnt_member_of('objects_club', 'objects_guest'),
    true,
    $$isnt_member_of('objects_club', 'objects_guest')$$,
    'Should not have members of role objects_club',
    ''
);
SELECT * FROM check_test(
    isnt_member_of('objects_club', ARRAY['objects_guest', 'Objects boss', 'objects_friend']),
    false,
    $$isnt_member_of('objects_club', ARRAY['objects_guest', 'Objects boss', 'objects_friend'])$$,
    'Should not have members of role objects_club',
    E'    Members, who should not be in objects_club role:\n        "Objects boss"'
);
SELECT * FROM check_test(
    isnt_member_of('Nope', 'objects_guest'),
    false,
    $$isnt_member_of('Nope', 'objects_guest')$$,
    'Should not have members of role "Nope"',
    '    Role "Nope" does not exist'
);
SELECT * FROM check_test(
    isnt_member_of('Nope', ARRAY['objects_guest'], 'of what?'),
    false,
    $$isnt_member_of('Nope', ARRAY['objects_guest'], 'of what?')$$,
    'of what?',
    '    Role "Nope" does not exist'
);
SELECT * FROM check_test(
    isnt_member_of('objects_club', 'objects_friend', 'only of a member'),
    true,
    $$isnt_member_of('objects_club', 'objects_friend', 'only of a member')$$,
    'only of a member',
    ''
);
SELECT * FROM check_test(
    isnt_member_of('Objects boss', ARRAY['objects_friend'], 'a friend'),
    false,
    $$isnt_member_of('Objects boss', ARRAY['objects_friend'], 'a friend')$$,
    'a friend',
    E'    Members, who should not be in "Objects boss" role:\n        objects_friend'
);

SELECT * FROM finish();
ROLLBACK;
