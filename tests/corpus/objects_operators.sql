SELECT no_plan();
CREATE SCHEMA o1;
CREATE SCHEMA o2;
CREATE SCHEMA "Q q";
CREATE TYPE o1.comp AS (a int);
CREATE TYPE "Q q"."C c" AS (a int);
CREATE TYPE o1.mood AS ENUM ('a');
CREATE DOMAIN o1.dom AS int;
CREATE FUNCTION o1.both(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT $1 = $2';
CREATE FUNCTION o1.both_text(text, text) RETURNS text LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION o1.one(int) RETURNS bigint LANGUAGE sql AS 'SELECT $1::bigint';
CREATE FUNCTION o1.comps(o1.comp, o1.comp) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION o1.quoted("Q q"."C c", varchar(3)) RETURNS "Q q"."C c" LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION o1.quoted_one("Q q"."C c") RETURNS o1.mood LANGUAGE sql AS 'SELECT NULL::o1.mood';
CREATE FUNCTION o1.chars("char", char) RETURNS timestamptz LANGUAGE sql AS 'SELECT now()';
CREATE FUNCTION o1.arrays(int[], o1.mood[]) RETURNS o1.dom LANGUAGE sql AS 'SELECT 1::o1.dom';
CREATE OPERATOR o1.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = o1.both);
CREATE OPERATOR o1.@@@@ (LEFTARG = text, RIGHTARG = text, FUNCTION = o1.both_text);
CREATE OPERATOR o1.@@@ (RIGHTARG = int, FUNCTION = o1.one);
CREATE OPERATOR o1.=== (LEFTARG = o1.comp, RIGHTARG = o1.comp, FUNCTION = o1.comps);
CREATE OPERATOR o1.%%% (LEFTARG = "Q q"."C c", RIGHTARG = varchar, FUNCTION = o1.quoted);
CREATE OPERATOR o1.%%% (RIGHTARG = "Q q"."C c", FUNCTION = o1.quoted_one);
CREATE OPERATOR o1.&&& (LEFTARG = "char", RIGHTARG = char, FUNCTION = o1.chars);
CREATE OPERATOR o1.&&& (LEFTARG = int[], RIGHTARG = o1.mood[], FUNCTION = o1.arrays);
CREATE OPERATOR o2.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = o1.both, COMMUTATOR = OPERATOR(o2.===));
CREATE OPERATOR o2.<<>> (LEFTARG = int, RIGHTARG = int, FUNCTION = o1.both, NEGATOR = OPERATOR(o2.~~~));
CREATE OPERATOR "Q q".=== (LEFTARG = int, RIGHTARG = int, FUNCTION = o1.both);
CREATE OPERATOR o2.= (LEFTARG = int, RIGHTARG = int, FUNCTION = o1.both);
CREATE TABLE o1.bin (id serial, l name, n name, r name, res name);
INSERT INTO o1.bin (l, n, r, res) VALUES ('integer', '===', 'integer', 'boolean'),
    ('int4', '===', 'int4', 'bool'),
    ('INTEGER', '===', 'INTEGER', 'boolean'),
    ('int', '===', 'int', 'bool'),
    ('text', '@@@@', 'text', 'text'),
    ('o1.comp', '===', 'o1.comp', 'boolean'),
    ('comp', '===', 'comp', 'boolean'),
    ('"Q q"."C c"', '%%%', 'character varying', '"Q q"."C c"'),
    ('C c', '%%%', 'varchar', 'C c'),
    ('"C c"', '%%%', 'varchar', '"C c"'),
    ('"char"', '&&&', 'character', 'timestamp with time zone'),
    ('char', '&&&', 'char', 'timestamptz'),
    ('char', '&&&', 'character', 'timestamp with time zone'),
    ('Q q.C c', '%%%', 'character varying', 'x'),
    ('integer[]', '&&&', 'o1.mood[]', 'o1.dom'),
    ('int[]', '&&&', 'mood[]', 'dom'),
    ('_int4', '&&&', '_mood', 'dom'),
    ('integer', '=', 'integer', 'boolean'),
    ('integer', '<=', 'integer', 'text'),
    ('integer', '<=', 'bigint', 'boolean'),
    ('integer', '<<>>', 'integer', 'boolean'),
    ('integer', '~~~', 'integer', 'boolean'),
    ('nope', '===', 'integer', 'boolean'),
    ('integer', 'nope', 'integer', 'boolean'),
    ('integer', '', 'integer', 'boolean'),
    ('integer', '===', 'nope', 'boolean'),
    ('integer', '===', 'integer', 'nope'),
    ('NONE', '@@@', 'integer', 'bigint'),
    ('-', '@@@', 'integer', 'bigint'),
    (NULL, '===', 'integer', 'boolean'),
    ('integer', NULL, 'integer', 'boolean'),
    ('integer', '===', NULL, 'boolean'),
    ('integer', '===', 'integer', NULL),
    (NULL, NULL, NULL, NULL),
    (NULL, '@@@', 'integer', 'bigint'),
    ('', '@@@', 'integer', 'bigint'),
    ('int4range', '&&', 'int4range', 'bool'),
    ('anyarray', '&&', 'anyarray', 'boolean'),
    ('anyarray', '||', 'anycompatible', 'anyarray'),
    ('timestamp with time zone', '+', 'interval', 'timestamp with time zone'),
    ('character varying', '||', 'text', 'text'),
    ('text', '||', 'text', 'text'),
    ('pg_catalog.int4', '=', 'pg_catalog.int4', 'pg_catalog.bool'),
    ('varchar(3)', '%%%', 'varchar(3)', 'text'),
    ('integer', '"==="', 'integer', 'boolean'),
    ('Q q.C c', '%%%', 'character varying', 'boolean'),
    ('int4(', '=', 'x y', 'z)');
CREATE TABLE o1.uni (id serial, n name, t name, res name);
INSERT INTO o1.uni (n, t, res) VALUES ('@@@', 'integer', 'bigint'),
    ('@@@', 'int4', 'int8'),
    ('@@@', 'INT', 'bigint'),
    ('%%%', '"Q q"."C c"', 'o1.mood'),
    ('%%%', '"C c"', 'mood'),
    ('%%%', 'C c', 'mood'),
    ('-', 'integer', 'integer'),
    ('-', 'integer', 'bigint'),
    ('|/', 'double precision', 'double precision'),
    ('@@@', 'text', 'bigint'),
    ('nope', 'integer', 'bigint'),
    ('@@@', 'integer', 'nope'),
    ('', 'integer', 'bigint'),
    ('===', 'integer', 'boolean'),
    (NULL, 'integer', 'bigint'),
    ('@@@', NULL, 'bigint'),
    ('@@@', 'integer', NULL),
    (NULL, NULL, NULL),
    ('!', 'bigint', 'numeric'),
    ('integer', '@@@', 'bigint'),
    ('@@@', 'pg_catalog.int4', 'pg_catalog.int8'),
    ('@@@', 'nope', 'x');
SET search_path = public;
SELECT has_operator(l, n, r) FROM o1.bin ORDER BY id;
SELECT has_operator(l, n, r, 'desc') FROM o1.bin ORDER BY id;
SELECT has_operator(l, n, r, res) FROM o1.bin ORDER BY id;
SELECT has_operator(l, n, r, res, 'desc') FROM o1.bin ORDER BY id;
SELECT has_operator(l, s, n, r, res) FROM o1.bin, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) ORDER BY id, s;
SELECT has_operator(l, s, n, r, res, 'desc') FROM o1.bin, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) WHERE id < 20 ORDER BY id, s;
SELECT has_operator('integer', '===', 'integer', NULL::name), has_operator('integer', 'o1', '===', 'integer', NULL::name), has_operator('integer', 'o1', '===', 'integer', NULL, 'desc'), has_operator('integer', '===', 'integer', NULL::text), has_operator('integer', '===', 'integer', '');
SELECT has_leftop(n, t) FROM o1.uni ORDER BY id;
SELECT has_leftop(n, t, 'desc') FROM o1.uni ORDER BY id;
SELECT has_leftop(n, t, res) FROM o1.uni ORDER BY id;
SELECT has_leftop(n, t, res, 'desc') FROM o1.uni ORDER BY id;
SELECT has_leftop(s, n, t, res) FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) ORDER BY id, s;
SELECT has_leftop(s, n, t, res, 'desc') FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) WHERE id < 10 ORDER BY id, s;
SELECT has_leftop('@@@', 'integer', NULL::name), has_leftop('o1', '@@@', 'integer', NULL::name), has_leftop('@@@', 'integer', NULL::text), has_leftop('@@@', 'integer', '');
SELECT has_rightop(t, n) FROM o1.uni ORDER BY id;
SELECT has_rightop(t, n, 'desc') FROM o1.uni ORDER BY id;
SELECT has_rightop(t, n, res) FROM o1.uni ORDER BY id;
SELECT has_rightop(t, n, res, 'desc') FROM o1.uni ORDER BY id;
SELECT has_rightop(t, s, n, res) FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) ORDER BY id, s;
SELECT has_rightop(t, s, n, res, 'desc') FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) WHERE id < 10 ORDER BY id, s;
SELECT has_rightop('@@@', 'integer', NULL::name), has_rightop('o1', '@@@', 'integer', NULL::name), has_rightop('@@@', 'integer', NULL::text), has_rightop('@@@', 'integer', '');
SELECT hasnt_operator(l, n, r) FROM o1.bin ORDER BY id;
SELECT hasnt_operator(l, n, r, 'desc') FROM o1.bin ORDER BY id;
SELECT hasnt_operator(l, n, r, res) FROM o1.bin ORDER BY id;
SELECT hasnt_operator(l, n, r, res, 'desc') FROM o1.bin ORDER BY id;
SELECT hasnt_operator(l, s, n, r, res) FROM o1.bin, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) ORDER BY id, s;
SELECT hasnt_operator(l, s, n, r, res, 'desc') FROM o1.bin, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) WHERE id < 20 ORDER BY id, s;
SELECT hasnt_operator('integer', '===', 'integer', NULL::name), hasnt_operator('integer', 'o1', '===', 'integer', NULL::name), hasnt_operator('integer', 'o1', '===', 'integer', NULL, 'desc'), hasnt_operator('integer', '===', 'integer', NULL::text), hasnt_operator('integer', '===', 'integer', '');
SELECT hasnt_leftop(n, t) FROM o1.uni ORDER BY id;
SELECT hasnt_leftop(n, t, 'desc') FROM o1.uni ORDER BY id;
SELECT hasnt_leftop(n, t, res) FROM o1.uni ORDER BY id;
SELECT hasnt_leftop(n, t, res, 'desc') FROM o1.uni ORDER BY id;
SELECT hasnt_leftop(s, n, t, res) FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) ORDER BY id, s;
SELECT hasnt_leftop(s, n, t, res, 'desc') FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) WHERE id < 10 ORDER BY id, s;
SELECT hasnt_leftop('@@@', 'integer', NULL::name), hasnt_leftop('o1', '@@@', 'integer', NULL::name), hasnt_leftop('@@@', 'integer', NULL::text), hasnt_leftop('@@@', 'integer', '');
SELECT hasnt_rightop(t, n) FROM o1.uni ORDER BY id;
SELECT hasnt_rightop(t, n, 'desc') FROM o1.uni ORDER BY id;
SELECT hasnt_rightop(t, n, res) FROM o1.uni ORDER BY id;
SELECT hasnt_rightop(t, n, res, 'desc') FROM o1.uni ORDER BY id;
SELECT hasnt_rightop(t, s, n, res) FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) ORDER BY id, s;
SELECT hasnt_rightop(t, s, n, res, 'desc') FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) WHERE id < 10 ORDER BY id, s;
SELECT hasnt_rightop('@@@', 'integer', NULL::name), hasnt_rightop('o1', '@@@', 'integer', NULL::name), hasnt_rightop('@@@', 'integer', NULL::text), hasnt_rightop('@@@', 'integer', '');
SELECT operators_are(want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('{a}'::text[], 'desc'), operators_are('{}'::text[], NULL), operators_are(ARRAY['b', 'a']);
SELECT operators_are('o1', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('o2', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('Q q', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('nope', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('O1', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('o1', '{a}'::text[], 'desc'), operators_are('o1', '{}'::text[], NULL), operators_are('o1', ARRAY['b', 'a']), operators_are(NULL, '{a}'::text[]);
SET search_path = o1, public;
SELECT has_operator(l, n, r) FROM o1.bin ORDER BY id;
SELECT has_operator(l, n, r, 'desc') FROM o1.bin ORDER BY id;
SELECT has_operator(l, n, r, res) FROM o1.bin ORDER BY id;
SELECT has_operator(l, n, r, res, 'desc') FROM o1.bin ORDER BY id;
SELECT has_operator('integer', '===', 'integer', NULL::name), has_operator('integer', 'o1', '===', 'integer', NULL::name), has_operator('integer', 'o1', '===', 'integer', NULL, 'desc'), has_operator('integer', '===', 'integer', NULL::text), has_operator('integer', '===', 'integer', '');
SELECT has_leftop(n, t) FROM o1.uni ORDER BY id;
SELECT has_leftop(n, t, 'desc') FROM o1.uni ORDER BY id;
SELECT has_leftop(n, t, res) FROM o1.uni ORDER BY id;
SELECT has_leftop(n, t, res, 'desc') FROM o1.uni ORDER BY id;
SELECT has_leftop('@@@', 'integer', NULL::name), has_leftop('o1', '@@@', 'integer', NULL::name), has_leftop('@@@', 'integer', NULL::text), has_leftop('@@@', 'integer', '');
SELECT has_rightop(t, n) FROM o1.uni ORDER BY id;
SELECT has_rightop(t, n, 'desc') FROM o1.uni ORDER BY id;
SELECT has_rightop(t, n, res) FROM o1.uni ORDER BY id;
SELECT has_rightop(t, n, res, 'desc') FROM o1.uni ORDER BY id;
SELECT has_rightop('@@@', 'integer', NULL::name), has_rightop('o1', '@@@', 'integer', NULL::name), has_rightop('@@@', 'integer', NULL::text), has_rightop('@@@', 'integer', '');
SELECT hasnt_operator(l, n, r) FROM o1.bin ORDER BY id;
SELECT hasnt_operator(l, n, r, 'desc') FROM o1.bin ORDER BY id;
SELECT hasnt_operator(l, n, r, res) FROM o1.bin ORDER BY id;
SELECT hasnt_operator(l, n, r, res, 'desc') FROM o1.bin ORDER BY id;
SELECT hasnt_operator('integer', '===', 'integer', NULL::name), hasnt_operator('integer', 'o1', '===', 'integer', NULL::name), hasnt_operator('integer', 'o1', '===', 'integer', NULL, 'desc'), hasnt_operator('integer', '===', 'integer', NULL::text), hasnt_operator('integer', '===', 'integer', '');
SELECT hasnt_leftop(n, t) FROM o1.uni ORDER BY id;
SELECT hasnt_leftop(n, t, 'desc') FROM o1.uni ORDER BY id;
SELECT hasnt_leftop(n, t, res) FROM o1.uni ORDER BY id;
SELECT hasnt_leftop(n, t, res, 'desc') FROM o1.uni ORDER BY id;
SELECT hasnt_leftop('@@@', 'integer', NULL::name), hasnt_leftop('o1', '@@@', 'integer', NULL::name), hasnt_leftop('@@@', 'integer', NULL::text), hasnt_leftop('@@@', 'integer', '');
SELECT hasnt_rightop(t, n) FROM o1.uni ORDER BY id;
SELECT hasnt_rightop(t, n, 'desc') FROM o1.uni ORDER BY id;
SELECT hasnt_rightop(t, n, res) FROM o1.uni ORDER BY id;
SELECT hasnt_rightop(t, n, res, 'desc') FROM o1.uni ORDER BY id;
SELECT hasnt_rightop('@@@', 'integer', NULL::name), hasnt_rightop('o1', '@@@', 'integer', NULL::name), hasnt_rightop('@@@', 'integer', NULL::text), hasnt_rightop('@@@', 'integer', '');
SELECT operators_are(want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('{a}'::text[], 'desc'), operators_are('{}'::text[], NULL), operators_are(ARRAY['b', 'a']);
SELECT operators_are('o1', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('o2', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('Q q', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('nope', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('O1', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('o1', '{a}'::text[], 'desc'), operators_are('o1', '{}'::text[], NULL), operators_are('o1', ARRAY['b', 'a']), operators_are(NULL, '{a}'::text[]);
SET search_path = public, o2, o1, "Q q";
SELECT has_operator(l, n, r) FROM o1.bin ORDER BY id;
SELECT has_operator(l, n, r, 'desc') FROM o1.bin ORDER BY id;
SELECT has_operator(l, n, r, res) FROM o1.bin ORDER BY id;
SELECT has_operator(l, n, r, res, 'desc') FROM o1.bin ORDER BY id;
SELECT has_operator(l, s, n, r, res) FROM o1.bin, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) ORDER BY id, s;
SELECT has_operator(l, s, n, r, res, 'desc') FROM o1.bin, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) WHERE id < 20 ORDER BY id, s;
SELECT has_operator('integer', '===', 'integer', NULL::name), has_operator('integer', 'o1', '===', 'integer', NULL::name), has_operator('integer', 'o1', '===', 'integer', NULL, 'desc'), has_operator('integer', '===', 'integer', NULL::text), has_operator('integer', '===', 'integer', '');
SELECT has_leftop(n, t) FROM o1.uni ORDER BY id;
SELECT has_leftop(n, t, 'desc') FROM o1.uni ORDER BY id;
SELECT has_leftop(n, t, res) FROM o1.uni ORDER BY id;
SELECT has_leftop(n, t, res, 'desc') FROM o1.uni ORDER BY id;
SELECT has_leftop(s, n, t, res) FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) ORDER BY id, s;
SELECT has_leftop(s, n, t, res, 'desc') FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) WHERE id < 10 ORDER BY id, s;
SELECT has_leftop('@@@', 'integer', NULL::name), has_leftop('o1', '@@@', 'integer', NULL::name), has_leftop('@@@', 'integer', NULL::text), has_leftop('@@@', 'integer', '');
SELECT has_rightop(t, n) FROM o1.uni ORDER BY id;
SELECT has_rightop(t, n, 'desc') FROM o1.uni ORDER BY id;
SELECT has_rightop(t, n, res) FROM o1.uni ORDER BY id;
SELECT has_rightop(t, n, res, 'desc') FROM o1.uni ORDER BY id;
SELECT has_rightop(t, s, n, res) FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) ORDER BY id, s;
SELECT has_rightop(t, s, n, res, 'desc') FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) WHERE id < 10 ORDER BY id, s;
SELECT has_rightop('@@@', 'integer', NULL::name), has_rightop('o1', '@@@', 'integer', NULL::name), has_rightop('@@@', 'integer', NULL::text), has_rightop('@@@', 'integer', '');
SELECT hasnt_operator(l, n, r) FROM o1.bin ORDER BY id;
SELECT hasnt_operator(l, n, r, 'desc') FROM o1.bin ORDER BY id;
SELECT hasnt_operator(l, n, r, res) FROM o1.bin ORDER BY id;
SELECT hasnt_operator(l, n, r, res, 'desc') FROM o1.bin ORDER BY id;
SELECT hasnt_operator(l, s, n, r, res) FROM o1.bin, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) ORDER BY id, s;
SELECT hasnt_operator(l, s, n, r, res, 'desc') FROM o1.bin, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) WHERE id < 20 ORDER BY id, s;
SELECT hasnt_operator('integer', '===', 'integer', NULL::name), hasnt_operator('integer', 'o1', '===', 'integer', NULL::name), hasnt_operator('integer', 'o1', '===', 'integer', NULL, 'desc'), hasnt_operator('integer', '===', 'integer', NULL::text), hasnt_operator('integer', '===', 'integer', '');
SELECT hasnt_leftop(n, t) FROM o1.uni ORDER BY id;
SELECT hasnt_leftop(n, t, 'desc') FROM o1.uni ORDER BY id;
SELECT hasnt_leftop(n, t, res) FROM o1.uni ORDER BY id;
SELECT hasnt_leftop(n, t, res, 'desc') FROM o1.uni ORDER BY id;
SELECT hasnt_leftop(s, n, t, res) FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) ORDER BY id, s;
SELECT hasnt_leftop(s, n, t, res, 'desc') FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) WHERE id < 10 ORDER BY id, s;
SELECT hasnt_leftop('@@@', 'integer', NULL::name), hasnt_leftop('o1', '@@@', 'integer', NULL::name), hasnt_leftop('@@@', 'integer', NULL::text), hasnt_leftop('@@@', 'integer', '');
SELECT hasnt_rightop(t, n) FROM o1.uni ORDER BY id;
SELECT hasnt_rightop(t, n, 'desc') FROM o1.uni ORDER BY id;
SELECT hasnt_rightop(t, n, res) FROM o1.uni ORDER BY id;
SELECT hasnt_rightop(t, n, res, 'desc') FROM o1.uni ORDER BY id;
SELECT hasnt_rightop(t, s, n, res) FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) ORDER BY id, s;
SELECT hasnt_rightop(t, s, n, res, 'desc') FROM o1.uni, (VALUES ('o1'::name), ('o2'), ('Q q'), ('pg_catalog'), ('nope'), ('O1'), (''), (NULL)) AS s (s) WHERE id < 10 ORDER BY id, s;
SELECT hasnt_rightop('@@@', 'integer', NULL::name), hasnt_rightop('o1', '@@@', 'integer', NULL::name), hasnt_rightop('@@@', 'integer', NULL::text), hasnt_rightop('@@@', 'integer', '');
SELECT operators_are(want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('{a}'::text[], 'desc'), operators_are('{}'::text[], NULL), operators_are(ARRAY['b', 'a']);
SELECT operators_are('o1', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('o2', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('Q q', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('nope', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('O1', want::text[]) FROM (VALUES ('{}'), ('{"===(integer,integer) RETURNS boolean"}'), ('{"@@@(NONE,integer) RETURNS bigint","===(integer,integer) RETURNS boolean","=(integer,integer) RETURNS boolean"}'), (NULL), ('{NULL,x}'), ('{"===(int4,int4) RETURNS bool"}'), ('{"o1.===(integer,integer) RETURNS boolean"}')) AS w (want);
SELECT operators_are('o1', '{a}'::text[], 'desc'), operators_are('o1', '{}'::text[], NULL), operators_are('o1', ARRAY['b', 'a']), operators_are(NULL, '{a}'::text[]);
SELECT operators_are('pg_catalog', '{}'::text[]);
SET search_path = pg_catalog, information_schema, public;
SELECT operators_are('{}'::text[]);
CREATE FUNCTION o2.later(timestamp, timestamp) RETURNS timestamp LANGUAGE sql AS 'SELECT $1';
CREATE OPERATOR o2.<~> (LEFTARG = timestamp, RIGHTARG = timestamp, FUNCTION = o2.later);
SELECT operators_are('o2', '{"<~>(timestamp without time zone,timestamp without time zone) RETURNS timestamp without time zone"}'::text[]);
SELECT operators_are('o2', '{"<~>(timestamp without time zone,timestamp without time zone) RE","<~>(timestamp without time zone,timestamp without time zone) R"}'::text[]);
