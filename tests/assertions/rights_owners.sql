-- Who owns a database object.
BEGIN;
SELECT plan(333);
CREATE ROLE rights_bob;
CREATE ROLE "rights Ann";
CREATE SCHEMA "rights S" AUTHORIZATION "rights Ann";
CREATE SCHEMA rights_s AUTHORIZATION rights_bob;
SELECT set_config('search_path', 'rights_s, ' || current_setting('search_path'), true) AS path \gset
CREATE FUNCTION rights_s.output_of(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    output text;
BEGIN
    EXECUTE 'SELECT ' || call INTO output;
    RETURN output;
END;
$$;
CREATE FOREIGN DATA WRAPPER rights_fdw;
CREATE SERVER rights_server FOREIGN DATA WRAPPER rights_fdw;

CREATE TABLE rights_s.rights_relation (a integer) PARTITION BY LIST (a);
CREATE TABLE rights_s.rights_table (a integer);
CREATE INDEX rights_index ON rights_s.rights_table (a);
CREATE VIEW rights_s.rights_view AS SELECT 1 AS a;
CREATE MATERIALIZED VIEW rights_s.rights_materialized_view AS SELECT 1 AS a;
CREATE SEQUENCE rights_s.rights_sequence;
CREATE TYPE rights_s.rights_composite AS (a integer);
CREATE FOREIGN TABLE rights_s.rights_foreign_table (a integer) SERVER rights_server;
CREATE TYPE rights_s.rights_type AS ENUM ('a');
CREATE OPERATOR CLASS rights_s.rights_opclass FOR TYPE integer USING btree
AS OPERATOR 1 <, FUNCTION 1 btint4cmp(integer, integer);
CREATE FUNCTION rights_s.rights_f(integer, text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
ALTER TABLE rights_s.rights_relation OWNER TO rights_bob;
ALTER TABLE rights_s.rights_table OWNER TO rights_bob;
ALTER VIEW rights_s.rights_view OWNER TO rights_bob;
ALTER MATERIALIZED VIEW rights_s.rights_materialized_view OWNER TO rights_bob;
ALTER SEQUENCE rights_s.rights_sequence OWNER TO rights_bob;
ALTER TYPE rights_s.rights_composite OWNER TO rights_bob;
ALTER FOREIGN TABLE rights_s.rights_foreign_table OWNER TO rights_bob;
ALTER TYPE rights_s.rights_type OWNER TO rights_bob;
ALTER OPERATOR CLASS rights_s.rights_opclass USING btree OWNER TO rights_bob;
ALTER FUNCTION rights_s.rights_f(integer, text) OWNER TO rights_bob;

CREATE TABLE "rights S".rights_relation (a integer) PARTITION BY LIST (a);
CREATE TABLE "rights S".rights_table (a integer);
CREATE INDEX "Odd I" ON "rights S".rights_table (a);
CREATE VIEW "rights S".rights_view AS SELECT 1 AS a;
CREATE MATERIALIZED VIEW "rights S".rights_materialized_view AS SELECT 1 AS a;
CREATE SEQUENCE "rights S".rights_sequence;
CREATE TYPE "rights S".rights_composite AS (a integer);
CREATE FOREIGN TABLE "rights S".rights_foreign_table (a integer) SERVER rights_server;
CREATE TYPE "rights S".rights_type AS ENUM ('a');
CREATE OPERATOR CLASS "rights S".rights_opclass FOR TYPE integer USING btree
AS OPERATOR 1 <, FUNCTION 1 btint4cmp(integer, integer);
CREATE FUNCTION "rights S"."Odd F"(integer, text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
ALTER TABLE "rights S".rights_relation OWNER TO "rights Ann";
ALTER TABLE "rights S".rights_table OWNER TO "rights Ann";
ALTER VIEW "rights S".rights_view OWNER TO "rights Ann";
ALTER MATERIALIZED VIEW "rights S".rights_materialized_view OWNER TO "rights Ann";
ALTER SEQUENCE "rights S".rights_sequence OWNER TO "rights Ann";
ALTER TYPE "rights S".rights_composite OWNER TO "rights Ann";
ALTER FOREIGN TABLE "rights S".rights_foreign_table OWNER TO "rights Ann";
ALTER TYPE "rights S".rights_type OWNER TO "rights Ann";
ALTER OPERATOR CLASS "rights S".rights_opclass USING btree OWNER TO "rights Ann";
ALTER FUNCTION "rights S"."Odd F"(integer, text) OWNER TO "rights Ann";
CREATE TABLE "rights S"."Hidden" (a integer);

-- databases, schemas, tablespaces, languages: each signature, and what does not exist
SELECT * FROM check_test(
    db_owner_is('template0', pg_get_userbyid(10)),
    true,
    'db_owner_is(name, owner)',
    'Database template0 should be owned by ' || quote_ident(pg_get_userbyid(10)),
    ''
);
SELECT * FROM check_test(
    db_owner_is('template0', 'rights Ann'),
    false,
    'db_owner_is(name, other owner)',
    'Database template0 should be owned by "rights Ann"',
    E'        have: ' || pg_get_userbyid(10) || E'\n        want: rights Ann'
);
SELECT * FROM check_test(
    db_owner_is('template0', pg_get_userbyid(10), 'my words'),
    true,
    'db_owner_is(name, owner, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    db_owner_is('No Such', 'rights Ann', 'my words'),
    false,
    'db_owner_is(absent name, owner, description)',
    'my words',
    '    Database "No Such" does not exist'
);
SELECT * FROM check_test(
    db_owner_is('No Such', 'rights Ann'),
    false,
    'db_owner_is(absent name, owner)',
    'Database "No Such" should be owned by "rights Ann"',
    '    Database "No Such" does not exist'
);
SELECT * FROM check_test(
    tablespace_owner_is('pg_default', pg_get_userbyid(10)),
    true,
    'tablespace_owner_is(name, owner)',
    'Tablespace pg_default should be owned by ' || quote_ident(pg_get_userbyid(10)),
    ''
);
SELECT * FROM check_test(
    tablespace_owner_is('pg_default', 'rights Ann'),
    false,
    'tablespace_owner_is(name, other owner)',
    'Tablespace pg_default should be owned by "rights Ann"',
    E'        have: ' || pg_get_userbyid(10) || E'\n        want: rights Ann'
);
SELECT * FROM check_test(
    tablespace_owner_is('pg_default', pg_get_userbyid(10), 'my words'),
    true,
    'tablespace_owner_is(name, owner, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    tablespace_owner_is('No Such', 'rights Ann', 'my words'),
    false,
    'tablespace_owner_is(absent name, owner, description)',
    'my words',
    '    Tablespace "No Such" does not exist'
);
SELECT * FROM check_test(
    tablespace_owner_is('No Such', 'rights Ann'),
    false,
    'tablespace_owner_is(absent name, owner)',
    'Tablespace "No Such" should be owned by "rights Ann"',
    '    Tablespace "No Such" does not exist'
);
SELECT * FROM check_test(
    language_owner_is('sql', pg_get_userbyid(10)),
    true,
    'language_owner_is(name, owner)',
    'Language sql should be owned by ' || quote_ident(pg_get_userbyid(10)),
    ''
);
SELECT * FROM check_test(
    language_owner_is('sql', 'rights Ann'),
    false,
    'language_owner_is(name, other owner)',
    'Language sql should be owned by "rights Ann"',
    E'        have: ' || pg_get_userbyid(10) || E'\n        want: rights Ann'
);
SELECT * FROM check_test(
    language_owner_is('sql', pg_get_userbyid(10), 'my words'),
    true,
    'language_owner_is(name, owner, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    language_owner_is('No Such', 'rights Ann', 'my words'),
    false,
    'language_owner_is(absent name, owner, description)',
    'my words',
    '    Language "No Such" does not exist'
);
SELECT * FROM check_test(
    language_owner_is('No Such', 'rights Ann'),
    false,
    'language_owner_is(absent name, owner)',
    'Language "No Such" should be owned by "rights Ann"',
    '    Language "No Such" does not exist'
);
SELECT * FROM check_test(
    schema_owner_is('rights S', 'rights Ann'),
    true,
    'schema_owner_is(name, owner)',
    'Schema "rights S" should be owned by "rights Ann"',
    ''
);
SELECT * FROM check_test(
    schema_owner_is('rights S', 'rights_bob'),
    false,
    'schema_owner_is(name, other owner)',
    'Schema "rights S" should be owned by rights_bob',
    E'        have: rights Ann\n        want: rights_bob'
);
SELECT * FROM check_test(
    schema_owner_is('rights S', 'rights_bob', 'my words'),
    false,
    'schema_owner_is(name, other owner, description)',
    'my words',
    E'        have: rights Ann\n        want: rights_bob'
);
SELECT * FROM check_test(
    schema_owner_is('No S', 'rights_bob'),
    false,
    'schema_owner_is(absent name, owner)',
    'Schema "No S" should be owned by rights_bob',
    '    Schema "No S" does not exist'
);
SELECT * FROM check_test(
    schema_owner_is('rights S', NULL),
    false,
    'schema_owner_is(name, NULL)',
    '',
    E'        have: rights Ann\n        want: NULL'
);

-- Relations, types and operator classes: each assertion in each signature. Things of the same
-- name belong to rights_bob in the one schema and to rights Ann in the other.
SELECT t.*
FROM (
    VALUES
    ('relation', 'Relation'),
    ('table', 'Table'),
    ('view', 'View'),
    ('materialized_view', 'Materialized view'),
    ('sequence', 'Sequence'),
    ('composite', 'Composite type'),
    ('foreign_table', 'Foreign table'),
    ('type', 'Type'),
    ('opclass', 'Operator class')
) AS a (kind, called),
(
    VALUES
    ('(''rights_%s'', ''%s'')', '%s rights_%s should be owned by %s', 'rights_bob'),
    ('(''rights_%s'', ''%s'', ''my words'')', 'my words', 'rights_bob'),
    (
        '(''rights S'', ''rights_%s'', ''%s''::name)',
        '%s "rights S".rights_%s should be owned by %s',
        'rights Ann'
    ),
    ('(''rights S'', ''rights_%s'', ''%s'', ''my words'')', 'my words', 'rights Ann')
) AS s (arguments, description, owner),
(VALUES ('rights_bob'), ('rights Ann')) AS w (want),
LATERAL (SELECT kind || '_owner_is' || format(arguments, kind, want)) AS c (call),
LATERAL check_test(
    rights_s.output_of(call),
    owner = want,
    call,
    format(description, called, kind, quote_ident(want)),
    CASE
        WHEN owner = want THEN ''
        ELSE E'        have: ' || owner || E'\n        want: ' || want
    END
) AS t;

-- What does not exist, is of another kind or not on the search path.
SELECT t.*
FROM (
    VALUES
    ('relation', 'No Such', 'Relation "No Such" does not exist'),
    ('table', 'rights_view', 'Table rights_view does not exist'),
    ('table', 'Hidden', 'Table "Hidden" does not exist'),
    ('view', 'rights_table', 'View rights_table does not exist'),
    ('materialized_view', 'rights_view', 'Materialized view rights_view does not exist'),
    ('sequence', 'rights_table', 'Sequence rights_table does not exist'),
    ('composite', 'rights_type', 'Composite type rights_type does not exist'),
    ('foreign_table', 'rights_table', 'Foreign table rights_table does not exist'),
    ('type', 'rights_sequence', 'Type rights_sequence not found'),
    ('opclass', 'No Such', 'Operator class "No Such" not found')
) AS a (kind, name, diagnosis),
LATERAL (SELECT format('%s_owner_is(%L, %L, %L)', kind, name, 'rights_bob', '')) AS c (call),
LATERAL check_test(rights_s.output_of(call), false, call, '', '    ' || diagnosis) AS t;

-- indexes and functions
SELECT * FROM check_test(
    index_owner_is('rights_table', 'rights_index', 'rights_bob'),
    true,
    'index_owner_is(table, index, owner)',
    'Index rights_index ON rights_table should be owned by rights_bob',
    ''
);
SELECT * FROM check_test(
    index_owner_is('rights_table', 'rights_index', 'rights Ann', 'my words'::text),
    false,
    'index_owner_is(table, index, other owner, description)',
    'my words',
    E'        have: rights_bob\n        want: rights Ann'
);
SELECT * FROM check_test(
    index_owner_is('rights_table', 'No I', 'rights_bob'),
    false,
    'index_owner_is(table, absent index, owner)',
    'Index "No I" ON rights_table should be owned by rights_bob',
    '    Index "No I" ON rights_table not found'
);
SELECT * FROM check_test(
    index_owner_is('rights S', 'rights_table', 'Odd I', 'rights Ann'::name),
    true,
    'index_owner_is(schema, table, index, owner)',
    'Index "Odd I" ON "rights S".rights_table should be owned by "rights Ann"',
    ''
);
SELECT * FROM check_test(
    index_owner_is('rights S', 'No T', 'Odd I', 'rights Ann', 'my words'),
    false,
    'index_owner_is(schema, absent table, index, owner, description)',
    'my words',
    '    Index "Odd I" ON "rights S"."No T" not found'
);
SELECT * FROM check_test(
    function_owner_is('rights_f', ARRAY['integer', 'text'], 'rights_bob'),
    true,
    'function_owner_is(function, args, owner)',
    'Function rights_f(integer, text) should be owned by rights_bob',
    ''
);
SELECT * FROM check_test(
    function_owner_is('rights_f', ARRAY['integer', 'text'], 'rights Ann', 'my words'::text),
    false,
    'function_owner_is(function, args, other owner, description)',
    'my words',
    E'        have: rights_bob\n        want: rights Ann'
);
SELECT * FROM check_test(
    function_owner_is('rights S', 'Odd F', ARRAY['integer', 'text'], 'rights Ann'),
    true,
    'function_owner_is(schema, function, args, owner)',
    'Function "rights S"."Odd F"(integer, text) should be owned by "rights Ann"',
    ''
);
SELECT * FROM check_test(
    function_owner_is('rights S', 'No F', ARRAY['a b'], 'rights Ann', 'my words'),
    false,
    'function_owner_is(schema, absent function, args, owner, description)',
    'my words',
    '    Function "rights S"."No F"(a b) does not exist'
);

SELECT * FROM finish();
ROLLBACK;
