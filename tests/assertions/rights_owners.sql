-- Who owns a database object.
BEGIN;
SELECT plan(297);
CREATE ROLE rights_bob;
CREATE ROLE "rights Ann";
CREATE SCHEMA "rights S" AUTHORIZATION "rights Ann";
CREATE SCHEMA rights_s AUTHORIZATION rights_bob;
SELECT set_config('search_path', 'rights_s, ' || current_setting('search_path'), true) AS path \gset
CREATE FOREIGN DATA WRAPPER rights_fdw;
CREATE SERVER rights_server FOREIGN DATA WRAPPER rights_fdw;
CREATE TABLE rights_s.rights_t (a integer);
CREATE INDEX rights_i ON rights_s.rights_t (a);
CREATE VIEW rights_s.rights_v AS SELECT 1 AS a;
CREATE MATERIALIZED VIEW rights_s.rights_mv AS SELECT 1 AS a;
CREATE SEQUENCE rights_s.rights_sq;
CREATE TYPE rights_s.rights_c AS (a integer);
CREATE TYPE rights_s.rights_e AS ENUM ('a');
CREATE FOREIGN TABLE rights_s.rights_ft (a integer) SERVER rights_server;
CREATE OPERATOR CLASS rights_s.rights_ops FOR TYPE integer USING btree
AS OPERATOR 1 <, FUNCTION 1 btint4cmp(integer, integer);
CREATE FUNCTION rights_s.rights_f(integer, text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
ALTER TABLE rights_s.rights_t OWNER TO rights_bob;
ALTER VIEW rights_s.rights_v OWNER TO rights_bob;
ALTER MATERIALIZED VIEW rights_s.rights_mv OWNER TO rights_bob;
ALTER SEQUENCE rights_s.rights_sq OWNER TO rights_bob;
ALTER TYPE rights_s.rights_c OWNER TO rights_bob;
ALTER TYPE rights_s.rights_e OWNER TO rights_bob;
ALTER FOREIGN TABLE rights_s.rights_ft OWNER TO rights_bob;
ALTER OPERATOR CLASS rights_s.rights_ops USING btree OWNER TO rights_bob;
ALTER FUNCTION rights_s.rights_f(integer, text) OWNER TO rights_bob;
CREATE TABLE "rights S"."T b" (a integer);
CREATE INDEX "Odd I" ON "rights S"."T b" (a);
CREATE VIEW "rights S"."V b" AS SELECT 1 AS a;
CREATE MATERIALIZED VIEW "rights S"."M v" AS SELECT 1 AS a;
CREATE SEQUENCE "rights S"."S q";
CREATE TYPE "rights S"."Odd C" AS (a integer);
CREATE TYPE "rights S"."Odd E" AS ENUM ('a');
CREATE FOREIGN TABLE "rights S"."F t" (a integer) SERVER rights_server;
CREATE OPERATOR CLASS "rights S"."Odd ops" FOR TYPE integer USING btree
AS OPERATOR 1 <, FUNCTION 1 btint4cmp(integer, integer);
CREATE FUNCTION "rights S"."Odd F"() RETURNS integer LANGUAGE sql AS 'SELECT 1';
ALTER TABLE "rights S"."T b" OWNER TO "rights Ann";
ALTER VIEW "rights S"."V b" OWNER TO "rights Ann";
ALTER MATERIALIZED VIEW "rights S"."M v" OWNER TO "rights Ann";
ALTER SEQUENCE "rights S"."S q" OWNER TO "rights Ann";
ALTER TYPE "rights S"."Odd C" OWNER TO "rights Ann";
ALTER TYPE "rights S"."Odd E" OWNER TO "rights Ann";
ALTER FOREIGN TABLE "rights S"."F t" OWNER TO "rights Ann";
ALTER OPERATOR CLASS "rights S"."Odd ops" USING btree OWNER TO "rights Ann";
ALTER FUNCTION "rights S"."Odd F"() OWNER TO "rights Ann";

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

-- relations, types, operator classes: each signature, what does not exist, what is another kind
SELECT * FROM check_test(
    relation_owner_is('rights_t', 'rights_bob'),
    true,
    'relation_owner_is(name, owner)',
    'Relation rights_t should be owned by rights_bob',
    ''
);
SELECT * FROM check_test(
    relation_owner_is('rights_t', 'rights Ann'),
    false,
    'relation_owner_is(name, other owner)',
    'Relation rights_t should be owned by "rights Ann"',
    E'        have: rights_bob\n        want: rights Ann'
);
SELECT * FROM check_test(
    relation_owner_is('rights_t', 'rights_bob', 'my words'),
    true,
    'relation_owner_is(name, owner, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    relation_owner_is('T b', 'rights Ann'),
    false,
    'relation_owner_is(name off the search path, owner)',
    'Relation "T b" should be owned by "rights Ann"',
    '    Relation "T b" does not exist'
);
SELECT * FROM check_test(
    relation_owner_is('rights S', 'T b', 'rights Ann'::name),
    true,
    'relation_owner_is(schema, name, owner)',
    'Relation "rights S"."T b" should be owned by "rights Ann"',
    ''
);
SELECT * FROM check_test(
    relation_owner_is('rights S', 'T b', 'rights_bob', 'my words'),
    false,
    'relation_owner_is(schema, name, other owner, description)',
    'my words',
    E'        have: rights Ann\n        want: rights_bob'
);
SELECT * FROM check_test(
    relation_owner_is('rights S', 'No Such', 'rights Ann'::name),
    false,
    'relation_owner_is(schema, absent name, owner)',
    'Relation "rights S"."No Such" should be owned by "rights Ann"',
    '    Relation "rights S"."No Such" does not exist'
);
SELECT * FROM check_test(
    table_owner_is('rights_t', 'rights_bob'),
    true,
    'table_owner_is(name, owner)',
    'Table rights_t should be owned by rights_bob',
    ''
);
SELECT * FROM check_test(
    table_owner_is('rights_t', 'rights Ann'),
    false,
    'table_owner_is(name, other owner)',
    'Table rights_t should be owned by "rights Ann"',
    E'        have: rights_bob\n        want: rights Ann'
);
SELECT * FROM check_test(
    table_owner_is('rights_t', 'rights_bob', 'my words'),
    true,
    'table_owner_is(name, owner, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    table_owner_is('T b', 'rights Ann'),
    false,
    'table_owner_is(name off the search path, owner)',
    'Table "T b" should be owned by "rights Ann"',
    '    Table "T b" does not exist'
);
SELECT * FROM check_test(
    table_owner_is('rights S', 'T b', 'rights Ann'::name),
    true,
    'table_owner_is(schema, name, owner)',
    'Table "rights S"."T b" should be owned by "rights Ann"',
    ''
);
SELECT * FROM check_test(
    table_owner_is('rights S', 'T b', 'rights_bob', 'my words'),
    false,
    'table_owner_is(schema, name, other owner, description)',
    'my words',
    E'        have: rights Ann\n        want: rights_bob'
);
SELECT * FROM check_test(
    table_owner_is('rights S', 'No Such', 'rights Ann'::name),
    false,
    'table_owner_is(schema, absent name, owner)',
    'Table "rights S"."No Such" should be owned by "rights Ann"',
    '    Table "rights S"."No Such" does not exist'
);
SELECT * FROM check_test(
    table_owner_is('rights_v', 'rights_bob', 'my words'),
    false,
    'table_owner_is(another kind, owner)',
    'my words',
    '    Table rights_v does not exist'
);
SELECT * FROM check_test(
    view_owner_is('rights_v', 'rights_bob'),
    true,
    'view_owner_is(name, owner)',
    'View rights_v should be owned by rights_bob',
    ''
);
SELECT * FROM check_test(
    view_owner_is('rights_v', 'rights Ann'),
    false,
    'view_owner_is(name, other owner)',
    'View rights_v should be owned by "rights Ann"',
    E'        have: rights_bob\n        want: rights Ann'
);
SELECT * FROM check_test(
    view_owner_is('rights_v', 'rights_bob', 'my words'),
    true,
    'view_owner_is(name, owner, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    view_owner_is('V b', 'rights Ann'),
    false,
    'view_owner_is(name off the search path, owner)',
    'View "V b" should be owned by "rights Ann"',
    '    View "V b" does not exist'
);
SELECT * FROM check_test(
    view_owner_is('rights S', 'V b', 'rights Ann'::name),
    true,
    'view_owner_is(schema, name, owner)',
    'View "rights S"."V b" should be owned by "rights Ann"',
    ''
);
SELECT * FROM check_test(
    view_owner_is('rights S', 'V b', 'rights_bob', 'my words'),
    false,
    'view_owner_is(schema, name, other owner, description)',
    'my words',
    E'        have: rights Ann\n        want: rights_bob'
);
SELECT * FROM check_test(
    view_owner_is('rights S', 'No Such', 'rights Ann'::name),
    false,
    'view_owner_is(schema, absent name, owner)',
    'View "rights S"."No Such" should be owned by "rights Ann"',
    '    View "rights S"."No Such" does not exist'
);
SELECT * FROM check_test(
    view_owner_is('rights_t', 'rights_bob', 'my words'),
    false,
    'view_owner_is(another kind, owner)',
    'my words',
    '    View rights_t does not exist'
);
SELECT * FROM check_test(
    materialized_view_owner_is('rights_mv', 'rights_bob'),
    true,
    'materialized_view_owner_is(name, owner)',
    'Materialized view rights_mv should be owned by rights_bob',
    ''
);
SELECT * FROM check_test(
    materialized_view_owner_is('rights_mv', 'rights Ann'),
    false,
    'materialized_view_owner_is(name, other owner)',
    'Materialized view rights_mv should be owned by "rights Ann"',
    E'        have: rights_bob\n        want: rights Ann'
);
SELECT * FROM check_test(
    materialized_view_owner_is('rights_mv', 'rights_bob', 'my words'),
    true,
    'materialized_view_owner_is(name, owner, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    materialized_view_owner_is('M v', 'rights Ann'),
    false,
    'materialized_view_owner_is(name off the search path, owner)',
    'Materialized view "M v" should be owned by "rights Ann"',
    '    Materialized view "M v" does not exist'
);
SELECT * FROM check_test(
    materialized_view_owner_is('rights S', 'M v', 'rights Ann'::name),
    true,
    'materialized_view_owner_is(schema, name, owner)',
    'Materialized view "rights S"."M v" should be owned by "rights Ann"',
    ''
);
SELECT * FROM check_test(
    materialized_view_owner_is('rights S', 'M v', 'rights_bob', 'my words'),
    false,
    'materialized_view_owner_is(schema, name, other owner, description)',
    'my words',
    E'        have: rights Ann\n        want: rights_bob'
);
SELECT * FROM check_test(
    materialized_view_owner_is('rights S', 'No Such', 'rights Ann'::name),
    false,
    'materialized_view_owner_is(schema, absent name, owner)',
    'Materialized view "rights S"."No Such" should be owned by "rights Ann"',
    '    Materialized view "rights S"."No Such" does not exist'
);
SELECT * FROM check_test(
    materialized_view_owner_is('rights_v', 'rights_bob', 'my words'),
    false,
    'materialized_view_owner_is(another kind, owner)',
    'my words',
    '    Materialized view rights_v does not exist'
);
SELECT * FROM check_test(
    sequence_owner_is('rights_sq', 'rights_bob'),
    true,
    'sequence_owner_is(name, owner)',
    'Sequence rights_sq should be owned by rights_bob',
    ''
);
SELECT * FROM check_test(
    sequence_owner_is('rights_sq', 'rights Ann'),
    false,
    'sequence_owner_is(name, other owner)',
    'Sequence rights_sq should be owned by "rights Ann"',
    E'        have: rights_bob\n        want: rights Ann'
);
SELECT * FROM check_test(
    sequence_owner_is('rights_sq', 'rights_bob', 'my words'),
    true,
    'sequence_owner_is(name, owner, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    sequence_owner_is('S q', 'rights Ann'),
    false,
    'sequence_owner_is(name off the search path, owner)',
    'Sequence "S q" should be owned by "rights Ann"',
    '    Sequence "S q" does not exist'
);
SELECT * FROM check_test(
    sequence_owner_is('rights S', 'S q', 'rights Ann'::name),
    true,
    'sequence_owner_is(schema, name, owner)',
    'Sequence "rights S"."S q" should be owned by "rights Ann"',
    ''
);
SELECT * FROM check_test(
    sequence_owner_is('rights S', 'S q', 'rights_bob', 'my words'),
    false,
    'sequence_owner_is(schema, name, other owner, description)',
    'my words',
    E'        have: rights Ann\n        want: rights_bob'
);
SELECT * FROM check_test(
    sequence_owner_is('rights S', 'No Such', 'rights Ann'::name),
    false,
    'sequence_owner_is(schema, absent name, owner)',
    'Sequence "rights S"."No Such" should be owned by "rights Ann"',
    '    Sequence "rights S"."No Such" does not exist'
);
SELECT * FROM check_test(
    sequence_owner_is('rights_t', 'rights_bob', 'my words'),
    false,
    'sequence_owner_is(another kind, owner)',
    'my words',
    '    Sequence rights_t does not exist'
);
SELECT * FROM check_test(
    composite_owner_is('rights_c', 'rights_bob'),
    true,
    'composite_owner_is(name, owner)',
    'Composite type rights_c should be owned by rights_bob',
    ''
);
SELECT * FROM check_test(
    composite_owner_is('rights_c', 'rights Ann'),
    false,
    'composite_owner_is(name, other owner)',
    'Composite type rights_c should be owned by "rights Ann"',
    E'        have: rights_bob\n        want: rights Ann'
);
SELECT * FROM check_test(
    composite_owner_is('rights_c', 'rights_bob', 'my words'),
    true,
    'composite_owner_is(name, owner, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    composite_owner_is('Odd C', 'rights Ann'),
    false,
    'composite_owner_is(name off the search path, owner)',
    'Composite type "Odd C" should be owned by "rights Ann"',
    '    Composite type "Odd C" does not exist'
);
SELECT * FROM check_test(
    composite_owner_is('rights S', 'Odd C', 'rights Ann'::name),
    true,
    'composite_owner_is(schema, name, owner)',
    'Composite type "rights S"."Odd C" should be owned by "rights Ann"',
    ''
);
SELECT * FROM check_test(
    composite_owner_is('rights S', 'Odd C', 'rights_bob', 'my words'),
    false,
    'composite_owner_is(schema, name, other owner, description)',
    'my words',
    E'        have: rights Ann\n        want: rights_bob'
);
SELECT * FROM check_test(
    composite_owner_is('rights S', 'No Such', 'rights Ann'::name),
    false,
    'composite_owner_is(schema, absent name, owner)',
    'Composite type "rights S"."No Such" should be owned by "rights Ann"',
    '    Composite type "rights S"."No Such" does not exist'
);
SELECT * FROM check_test(
    composite_owner_is('rights_t', 'rights_bob', 'my words'),
    false,
    'composite_owner_is(another kind, owner)',
    'my words',
    '    Composite type rights_t does not exist'
);
SELECT * FROM check_test(
    foreign_table_owner_is('rights_ft', 'rights_bob'),
    true,
    'foreign_table_owner_is(name, owner)',
    'Foreign table rights_ft should be owned by rights_bob',
    ''
);
SELECT * FROM check_test(
    foreign_table_owner_is('rights_ft', 'rights Ann'),
    false,
    'foreign_table_owner_is(name, other owner)',
    'Foreign table rights_ft should be owned by "rights Ann"',
    E'        have: rights_bob\n        want: rights Ann'
);
SELECT * FROM check_test(
    foreign_table_owner_is('rights_ft', 'rights_bob', 'my words'),
    true,
    'foreign_table_owner_is(name, owner, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    foreign_table_owner_is('F t', 'rights Ann'),
    false,
    'foreign_table_owner_is(name off the search path, owner)',
    'Foreign table "F t" should be owned by "rights Ann"',
    '    Foreign table "F t" does not exist'
);
SELECT * FROM check_test(
    foreign_table_owner_is('rights S', 'F t', 'rights Ann'::name),
    true,
    'foreign_table_owner_is(schema, name, owner)',
    'Foreign table "rights S"."F t" should be owned by "rights Ann"',
    ''
);
SELECT * FROM check_test(
    foreign_table_owner_is('rights S', 'F t', 'rights_bob', 'my words'),
    false,
    'foreign_table_owner_is(schema, name, other owner, description)',
    'my words',
    E'        have: rights Ann\n        want: rights_bob'
);
SELECT * FROM check_test(
    foreign_table_owner_is('rights S', 'No Such', 'rights Ann'::name),
    false,
    'foreign_table_owner_is(schema, absent name, owner)',
    'Foreign table "rights S"."No Such" should be owned by "rights Ann"',
    '    Foreign table "rights S"."No Such" does not exist'
);
SELECT * FROM check_test(
    foreign_table_owner_is('rights_t', 'rights_bob', 'my words'),
    false,
    'foreign_table_owner_is(another kind, owner)',
    'my words',
    '    Foreign table rights_t does not exist'
);
SELECT * FROM check_test(
    type_owner_is('rights_e', 'rights_bob'),
    true,
    'type_owner_is(name, owner)',
    'Type rights_e should be owned by rights_bob',
    ''
);
SELECT * FROM check_test(
    type_owner_is('rights_e', 'rights Ann'),
    false,
    'type_owner_is(name, other owner)',
    'Type rights_e should be owned by "rights Ann"',
    E'        have: rights_bob\n        want: rights Ann'
);
SELECT * FROM check_test(
    type_owner_is('rights_e', 'rights_bob', 'my words'),
    true,
    'type_owner_is(name, owner, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    type_owner_is('Odd E', 'rights Ann'),
    false,
    'type_owner_is(name off the search path, owner)',
    'Type "Odd E" should be owned by "rights Ann"',
    '    Type "Odd E" not found'
);
SELECT * FROM check_test(
    type_owner_is('rights S', 'Odd E', 'rights Ann'::name),
    true,
    'type_owner_is(schema, name, owner)',
    'Type "rights S"."Odd E" should be owned by "rights Ann"',
    ''
);
SELECT * FROM check_test(
    type_owner_is('rights S', 'Odd E', 'rights_bob', 'my words'),
    false,
    'type_owner_is(schema, name, other owner, description)',
    'my words',
    E'        have: rights Ann\n        want: rights_bob'
);
SELECT * FROM check_test(
    type_owner_is('rights S', 'No Such', 'rights Ann'::name),
    false,
    'type_owner_is(schema, absent name, owner)',
    'Type "rights S"."No Such" should be owned by "rights Ann"',
    '    Type "rights S"."No Such" not found'
);
SELECT * FROM check_test(
    opclass_owner_is('rights_ops', 'rights_bob'),
    true,
    'opclass_owner_is(name, owner)',
    'Operator class rights_ops should be owned by rights_bob',
    ''
);
SELECT * FROM check_test(
    opclass_owner_is('rights_ops', 'rights Ann'),
    false,
    'opclass_owner_is(name, other owner)',
    'Operator class rights_ops should be owned by "rights Ann"',
    E'        have: rights_bob\n        want: rights Ann'
);
SELECT * FROM check_test(
    opclass_owner_is('rights_ops', 'rights_bob', 'my words'),
    true,
    'opclass_owner_is(name, owner, description)',
    'my words',
    ''
);
SELECT * FROM check_test(
    opclass_owner_is('Odd ops', 'rights Ann'),
    false,
    'opclass_owner_is(name off the search path, owner)',
    'Operator class "Odd ops" should be owned by "rights Ann"',
    '    Operator class "Odd ops" not found'
);
SELECT * FROM check_test(
    opclass_owner_is('rights S', 'Odd ops', 'rights Ann'::name),
    true,
    'opclass_owner_is(schema, name, owner)',
    'Operator class "rights S"."Odd ops" should be owned by "rights Ann"',
    ''
);
SELECT * FROM check_test(
    opclass_owner_is('rights S', 'Odd ops', 'rights_bob', 'my words'),
    false,
    'opclass_owner_is(schema, name, other owner, description)',
    'my words',
    E'        have: rights Ann\n        want: rights_bob'
);
SELECT * FROM check_test(
    opclass_owner_is('rights S', 'No Such', 'rights Ann'::name),
    false,
    'opclass_owner_is(schema, absent name, owner)',
    'Operator class "rights S"."No Such" should be owned by "rights Ann"',
    '    Operator class "rights S"."No Such" not found'
);

-- indexes and functions
SELECT * FROM check_test(
    index_owner_is('rights_t', 'rights_i', 'rights_bob'),
    true,
    'index_owner_is(table, index, owner)',
    'Index rights_i ON rights_t should be owned by rights_bob',
    ''
);
SELECT * FROM check_test(
    index_owner_is('rights_t', 'rights_i', 'rights Ann', 'my words'::text),
    false,
    'index_owner_is(table, index, other owner, description)',
    'my words',
    E'        have: rights_bob\n        want: rights Ann'
);
SELECT * FROM check_test(
    index_owner_is('rights_t', 'No I', 'rights_bob'),
    false,
    'index_owner_is(table, absent index, owner)',
    'Index "No I" ON rights_t should be owned by rights_bob',
    '    Index "No I" ON rights_t not found'
);
SELECT * FROM check_test(
    index_owner_is('rights S', 'T b', 'Odd I', 'rights Ann'::name),
    true,
    'index_owner_is(schema, table, index, owner)',
    'Index "Odd I" ON "rights S"."T b" should be owned by "rights Ann"',
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
    function_owner_is('rights_f', ARRAY['int', 'text'], 'rights_bob'),
    false,
    'function_owner_is(function, args of another spelling, owner)',
    'Function rights_f(int, text) should be owned by rights_bob',
    '    Function rights_f(int, text) does not exist'
);
SELECT * FROM check_test(
    function_owner_is('rights S', 'Odd F', '{}'::name[], 'rights Ann'),
    true,
    'function_owner_is(schema, function, args, owner)',
    'Function "rights S"."Odd F"() should be owned by "rights Ann"',
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
