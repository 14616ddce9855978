-- What is private to pgTAP and used by suites in the wild, and by pgTAP's own, for those alone:
-- see extension.py. A section has the names that it serves. They work on this library's state. A
-- value that a suite keeps under a label of its own is a setting, which rolls back as pgTAP's
-- table does.

--# _get _set _add _get_latest _get_note _todo _currtest _cleanup __tcache__
-- The rows of pgTAP's temporary table: what is planned, what ran and failed, what is to do.
CREATE OR REPLACE FUNCTION tap.__harness_state(
    OUT id integer, OUT label text, OUT value integer, OUT note text
) RETURNS SETOF record LANGUAGE plpgsql AS $fn$
BEGIN
    IF to_regclass('pg_temp.__tap_failed__') IS NOT NULL THEN
        PERFORM tap.num_failed(); -- RESET ALL has not emptied the settings
        RETURN QUERY SELECT 1, 'plan', s.start_value::integer, ''
            FROM pg_sequence_parameters('pg_temp.__tap_failed__'::regclass) AS s;
    END IF;
    IF to_regclass('pg_temp.__tresults___numb_seq') IS NOT NULL THEN
        RETURN QUERY SELECT 2, 'failed', nullif(current_setting('harness.failed'), '')::integer, '';
        RETURN QUERY SELECT 3, 'curr_test', current_setting('harness.ran')::integer, ''
            WHERE current_setting('harness.ran') NOT IN ('', '0');
        RETURN QUERY SELECT
            (3 + jsonb_array_length(todos.entries) - t.position + 1)::integer,
            'todo',
            (t.entry ->> 0)::integer,
            t.entry ->> 1
        FROM
            (
                SELECT coalesce(nullif(current_setting('harness.todo', true), ''), '[]')::jsonb
            ) AS todos (entries),
            jsonb_array_elements(todos.entries) WITH ORDINALITY AS t (entry, position)
        ORDER BY 1;
    END IF;
    RETURN QUERY SELECT
        (100 + row_number() OVER ())::integer, k.entry ->> 0, (k.entry ->> 1)::integer, k.entry ->> 2
    FROM jsonb_array_elements(tap.__harness_kept()) AS k (entry);
END;
$fn$;

-- The labels of a suite's own: [[label, value, note], ...].
CREATE OR REPLACE FUNCTION tap.__harness_kept() RETURNS jsonb LANGUAGE sql STABLE AS $fn$
SELECT coalesce(nullif(current_setting('harness.kept', true), ''), '[]')::jsonb
$fn$;

CREATE OR REPLACE FUNCTION tap.__harness_put(label text, value integer, note text) RETURNS void
LANGUAGE plpgsql AS $fn$
BEGIN
    CASE label
        WHEN 'plan' THEN
            IF to_regclass('pg_temp.__tap_failed__') IS NULL THEN
                PERFORM tap.plan(value);
            ELSE
                EXECUTE 'ALTER SEQUENCE pg_temp.__tap_failed__ START ' || value;
            END IF;
        WHEN 'failed' THEN
            -- What is taken back is not waited for in what the script prints.
            PERFORM setval(
                'pg_temp.__tap_failed__', greatest(f.last_value + value - tap.num_failed(), 0)
            )
            FROM pg_temp.__tap_failed__ AS f;
            PERFORM set_config('harness.failed', value::text, false);
        WHEN 'curr_test' THEN
            PERFORM tap.num_failed(), set_config('harness.ran', value::text, false);
        WHEN 'todo' THEN
            PERFORM tap.num_failed(), set_config(
                'harness.todo',
                (jsonb_build_array(jsonb_build_array(value, note))
                    || current_setting('harness.todo')::jsonb)::text,
                false
            );
        ELSE
            PERFORM set_config('harness.kept', (
                SELECT coalesce(jsonb_agg(k.entry), '[]') || jsonb_build_array(
                    jsonb_build_array(label, value, note)
                )
                FROM jsonb_array_elements(tap.__harness_kept()) AS k (entry)
                WHERE k.entry ->> 0 <> label
            )::text, false);
    END CASE;
END;
$fn$;

CREATE OR REPLACE FUNCTION tap.__harness_remove(row_id integer, label text) RETURNS void
LANGUAGE plpgsql AS $fn$
DECLARE
    todos jsonb := coalesce(nullif(current_setting('harness.todo', true), ''), '[]');
BEGIN
    CASE label
        WHEN 'plan' THEN
            DROP SEQUENCE pg_temp.__tap_failed__;
            -- The next test asks for a plan.
            PERFORM set_config('harness.todo', '', false);
        WHEN 'failed' THEN
            PERFORM set_config('harness.failed', '0', false);
        WHEN 'curr_test' THEN
            PERFORM set_config('harness.ran', '0', false);
        WHEN 'todo' THEN
            todos := todos - (jsonb_array_length(todos) + 3 - row_id);
            PERFORM set_config('harness.todo', todos::text, false);
        ELSE
            PERFORM set_config('harness.kept', (
                SELECT coalesce(jsonb_agg(k.entry), '[]')
                FROM jsonb_array_elements(tap.__harness_kept()) AS k (entry)
                WHERE k.entry ->> 0 <> label
            )::text, false);
    END CASE;
END;
$fn$;

CREATE OR REPLACE FUNCTION tap._get(label text) RETURNS integer LANGUAGE sql AS $fn$
SELECT s.value FROM tap.__harness_state() AS s WHERE s.label = $1 ORDER BY s.id LIMIT 1
$fn$;

CREATE OR REPLACE FUNCTION tap._get_latest(text) RETURNS integer[] LANGUAGE sql AS $fn$
SELECT ARRAY[s.id, s.value] FROM tap.__harness_state() AS s WHERE s.label = $1
ORDER BY s.id DESC LIMIT 1
$fn$;

CREATE OR REPLACE FUNCTION tap._get_latest(text, integer) RETURNS integer LANGUAGE sql AS $fn$
SELECT max(s.id) FROM tap.__harness_state() AS s WHERE s.label = $1 AND s.value = $2
$fn$;

CREATE OR REPLACE FUNCTION tap._get_note(text) RETURNS text LANGUAGE sql AS $fn$
SELECT s.note FROM tap.__harness_state() AS s WHERE s.label = $1 ORDER BY s.id LIMIT 1
$fn$;

CREATE OR REPLACE FUNCTION tap._get_note(integer) RETURNS text LANGUAGE sql AS $fn$
SELECT s.note FROM tap.__harness_state() AS s WHERE s.id = $1
$fn$;

CREATE OR REPLACE FUNCTION tap._set(label text, value integer, note text) RETURNS integer
LANGUAGE plpgsql AS $fn$
BEGIN
    PERFORM tap.__harness_put(label, value, note);
    RETURN value;
END;
$fn$;

CREATE OR REPLACE FUNCTION tap._set(label text, value integer) RETURNS integer
LANGUAGE sql AS $fn$
SELECT tap._set(label, value, '')
$fn$;

-- By the number of its row.
CREATE OR REPLACE FUNCTION tap._set(integer, integer) RETURNS integer LANGUAGE plpgsql AS $fn$
DECLARE
    known record;
BEGIN
    FOR known IN SELECT * FROM tap.__harness_state() AS s WHERE s.id = $1 LOOP
        IF known.label = 'todo' THEN
            PERFORM tap.__harness_remove($1, 'todo');
        END IF;
        PERFORM tap.__harness_put(known.label, $2, known.note);
    END LOOP;
    RETURN $2;
END;
$fn$;

CREATE OR REPLACE FUNCTION tap._add(label text, value integer, note text) RETURNS integer
LANGUAGE sql AS $fn$
SELECT tap._set(label, value, note)
$fn$;

CREATE OR REPLACE FUNCTION tap._add(label text, value integer) RETURNS integer
LANGUAGE sql AS $fn$
SELECT tap._set(label, value, '')
$fn$;

CREATE OR REPLACE FUNCTION tap._todo() RETURNS text LANGUAGE sql AS $fn$
SELECT substring(tap.__harness_next_todo() FROM 9)
$fn$;

CREATE OR REPLACE FUNCTION tap._currtest() RETURNS integer LANGUAGE sql AS $fn$
SELECT coalesce(tap._get('curr_test'), 0)
$fn$;

CREATE OR REPLACE FUNCTION tap._cleanup() RETURNS boolean LANGUAGE plpgsql AS $fn$
BEGIN
    DROP SEQUENCE IF EXISTS pg_temp.__tresults___numb_seq, pg_temp.__tap_failed__;
    PERFORM set_config('harness.todo', '', false), set_config('harness.kept', '', false);
    RETURN true;
END;
$fn$;

CREATE OR REPLACE FUNCTION tap.__harness_change() RETURNS trigger LANGUAGE plpgsql AS $fn$
BEGIN
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND old.label = 'todo') THEN
        PERFORM tap.__harness_remove(old.id, old.label);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN old;
    END IF;
    PERFORM tap.__harness_put(new.label, new.value, coalesce(new.note, ''));
    RETURN new;
END;
$fn$;

CREATE OR REPLACE TEMPORARY VIEW __tcache__ AS SELECT s.* FROM tap.__harness_state() AS s;

CREATE OR REPLACE TRIGGER __harness_change INSTEAD OF INSERT OR UPDATE OR DELETE
ON pg_temp.__tcache__ FOR EACH ROW EXECUTE FUNCTION tap.__harness_change();

GRANT ALL ON pg_temp.__tcache__ TO PUBLIC;

--# _temptable
CREATE OR REPLACE FUNCTION tap._temptable(query text, name text) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    EXECUTE 'CREATE TEMPORARY TABLE ' || name || ' AS '
        || CASE WHEN query LIKE '"%' OR query !~ '[[:space:]]' THEN 'EXECUTE ' ELSE '' END || query;
    RETURN name;
END;
$fn$;

CREATE OR REPLACE FUNCTION tap._temptable(elements anyarray, name text) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    EXECUTE 'CREATE TEMPORARY TABLE ' || name || ' AS SELECT unnest($1)' USING elements;
    RETURN name;
END;
$fn$;

--# _db_privs
CREATE OR REPLACE FUNCTION tap._db_privs() RETURNS name[] LANGUAGE sql STABLE AS $fn$
SELECT '{CREATE,CONNECT,TEMPORARY}'::name[]
$fn$;

--# _get_db_owner _get_schema_owner _get_tablespace_owner _get_language_owner
CREATE OR REPLACE FUNCTION tap._get_db_owner(name) RETURNS name LANGUAGE sql STABLE AS $fn$
SELECT pg_get_userbyid(o.datdba) FROM pg_catalog.pg_database AS o WHERE o.datname = $1
$fn$;

CREATE OR REPLACE FUNCTION tap._get_schema_owner(name) RETURNS name LANGUAGE sql STABLE AS $fn$
SELECT pg_get_userbyid(o.nspowner) FROM pg_catalog.pg_namespace AS o WHERE o.nspname = $1
$fn$;

CREATE OR REPLACE FUNCTION tap._get_tablespace_owner(name) RETURNS name LANGUAGE sql STABLE AS $fn$
SELECT pg_get_userbyid(o.spcowner) FROM pg_catalog.pg_tablespace AS o WHERE o.spcname = $1
$fn$;

CREATE OR REPLACE FUNCTION tap._get_language_owner(name) RETURNS name LANGUAGE sql STABLE AS $fn$
SELECT pg_get_userbyid(o.lanowner) FROM pg_catalog.pg_language AS o WHERE o.lanname = $1
$fn$;

--# _get_rel_owner
CREATE OR REPLACE FUNCTION tap._get_rel_owner(char[], name, name) RETURNS name
LANGUAGE sql STABLE AS $fn$
SELECT pg_get_userbyid(o.relowner) FROM pg_catalog.pg_class AS o
WHERE o.oid = tap.__harness_relation($2, $3, $1::"char"[])
$fn$;

CREATE OR REPLACE FUNCTION tap._get_rel_owner(char[], name) RETURNS name
LANGUAGE sql STABLE AS $fn$
SELECT tap._get_rel_owner($1, NULL, $2)
$fn$;

CREATE OR REPLACE FUNCTION tap._get_rel_owner(char, name, name) RETURNS name
LANGUAGE sql STABLE AS $fn$
SELECT tap._get_rel_owner(ARRAY[$1], $2, $3)
$fn$;

CREATE OR REPLACE FUNCTION tap._get_rel_owner(char, name) RETURNS name
LANGUAGE sql STABLE AS $fn$
SELECT tap._get_rel_owner(ARRAY[$1], NULL, $2)
$fn$;

CREATE OR REPLACE FUNCTION tap._get_rel_owner(name, name) RETURNS name LANGUAGE sql STABLE AS $fn$
SELECT tap._get_rel_owner(NULL::char[], $1, $2)
$fn$;

CREATE OR REPLACE FUNCTION tap._get_rel_owner(name) RETURNS name LANGUAGE sql STABLE AS $fn$
SELECT tap._get_rel_owner(NULL::char[], NULL, $1)
$fn$;

--# _get_func_owner
CREATE OR REPLACE FUNCTION tap._get_func_owner(name, name, name[]) RETURNS name
LANGUAGE sql STABLE AS $fn$
SELECT pg_get_userbyid(o.proowner) FROM pg_catalog.pg_proc AS o
WHERE o.oid = tap.__harness_function($1, $2, $3::text[])
$fn$;

CREATE OR REPLACE FUNCTION tap._get_func_owner(name, name[]) RETURNS name
LANGUAGE sql STABLE AS $fn$
SELECT tap._get_func_owner(NULL, $1, $2)
$fn$;

--# _get_index_owner
CREATE OR REPLACE FUNCTION tap._get_index_owner(name, name, name) RETURNS name
LANGUAGE sql STABLE AS $fn$
SELECT pg_get_userbyid(i.relowner)
FROM pg_catalog.pg_index AS x INNER JOIN pg_catalog.pg_class AS i ON x.indexrelid = i.oid
WHERE x.indrelid = tap.__harness_relation($1, $2, NULL) AND i.relname = $3
$fn$;

CREATE OR REPLACE FUNCTION tap._get_index_owner(name, name) RETURNS name
LANGUAGE sql STABLE AS $fn$
SELECT tap._get_index_owner(NULL, $1, $2)
$fn$;

--# _get_opclass_owner
CREATE OR REPLACE FUNCTION tap._get_opclass_owner(name, name) RETURNS name
LANGUAGE sql STABLE AS $fn$
SELECT pg_get_userbyid(o.opcowner)
FROM pg_catalog.pg_opclass AS o
WHERE o.opcname = $2 AND o.opcnamespace = tap.__harness_schema($1)
$fn$;

CREATE OR REPLACE FUNCTION tap._get_opclass_owner(name) RETURNS name LANGUAGE sql STABLE AS $fn$
SELECT pg_get_userbyid(o.opcowner)
FROM pg_catalog.pg_opclass AS o
WHERE o.opcname = $1 AND pg_opclass_is_visible(o.oid)
$fn$;

--# _get_type_owner
CREATE OR REPLACE FUNCTION tap._get_type_owner(name, name) RETURNS name
LANGUAGE sql STABLE AS $fn$
SELECT pg_get_userbyid(o.typowner)
FROM pg_catalog.pg_type AS o
WHERE o.typname = $2 AND o.typnamespace = tap.__harness_schema($1)
$fn$;

CREATE OR REPLACE FUNCTION tap._get_type_owner(name) RETURNS name LANGUAGE sql STABLE AS $fn$
SELECT pg_get_userbyid(o.typowner)
FROM pg_catalog.pg_type AS o
WHERE o.typname = $1 AND pg_type_is_visible(o.oid)
$fn$;

--# _table_privs _get_table_privs _get_db_privs _get_func_privs _get_lang_privs _get_schema_privs _get_tablespaceprivs _get_sequence_privs _get_ac_privs _get_col_privs _get_fdw_privs _get_server_privs
-- What a role may do with an object; undefined_role or undefined_(kind) where one is missing.
CREATE OR REPLACE FUNCTION tap.__harness_privs(role name, kind text, object text, wanted name[])
RETURNS text[] LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    asked text := 'has_' || kind || '_privilege';
    held text[] := '{}';
    privilege text;
    has_it boolean;
BEGIN
    FOREACH privilege IN ARRAY wanted LOOP
        EXECUTE format('SELECT pg_catalog.%I($1, $2, $3)', asked)
            USING role, object, privilege INTO has_it;
        held := held || CASE WHEN has_it THEN ARRAY[privilege] END;
    END LOOP;
    RETURN held;
EXCEPTION
    WHEN undefined_object OR undefined_table OR undefined_function OR undefined_column
        OR invalid_schema_name OR invalid_catalog_name THEN
        RETURN ARRAY['undefined_' || CASE
            WHEN to_regrole(quote_ident(role)) IS NULL THEN 'role'
            WHEN kind IN ('sequence', 'any_column') THEN 'table'
            WHEN kind = 'foreign_data_wrapper' THEN 'fdw'
            ELSE kind
        END];
END;
$fn$;

CREATE OR REPLACE FUNCTION tap._table_privs() RETURNS name[] LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN ARRAY(
        SELECT a.privilege_type::name
        FROM pg_catalog.aclexplode(pg_catalog.acldefault('r', 10)) AS a
        ORDER BY a.privilege_type COLLATE "C"
    );
END;
$fn$;

CREATE OR REPLACE FUNCTION tap._get_table_privs(name, text) RETURNS text[]
LANGUAGE sql STABLE AS $fn$
SELECT tap.__harness_privs($1, 'table', $2, tap._table_privs())
$fn$;

CREATE OR REPLACE FUNCTION tap._get_db_privs(name, text) RETURNS text[] LANGUAGE sql STABLE AS $fn$
SELECT tap.__harness_privs($1, 'database', $2, '{CREATE,CONNECT,TEMPORARY}')
$fn$;

CREATE OR REPLACE FUNCTION tap._get_func_privs(text, text) RETURNS text[] LANGUAGE sql STABLE AS $fn$
SELECT tap.__harness_privs($1::name, 'function', $2, '{EXECUTE}')
$fn$;

CREATE OR REPLACE FUNCTION tap._get_lang_privs(name, text) RETURNS text[] LANGUAGE sql STABLE AS $fn$
SELECT tap.__harness_privs($1, 'language', $2, '{USAGE}')
$fn$;

CREATE OR REPLACE FUNCTION tap._get_schema_privs(name, text) RETURNS text[]
LANGUAGE sql STABLE AS $fn$
SELECT tap.__harness_privs($1, 'schema', $2, '{CREATE,USAGE}')
$fn$;

CREATE OR REPLACE FUNCTION tap._get_tablespaceprivs(name, text) RETURNS text[]
LANGUAGE sql STABLE AS $fn$
SELECT tap.__harness_privs($1, 'tablespace', $2, '{CREATE}')
$fn$;

CREATE OR REPLACE FUNCTION tap._get_sequence_privs(name, text) RETURNS text[]
LANGUAGE sql STABLE AS $fn$
SELECT tap.__harness_privs($1, 'sequence', $2, '{SELECT,UPDATE,USAGE}')
$fn$;

CREATE OR REPLACE FUNCTION tap._get_ac_privs(name, text) RETURNS text[] LANGUAGE sql STABLE AS $fn$
SELECT tap.__harness_privs($1, 'any_column', $2, '{INSERT,REFERENCES,SELECT,UPDATE}')
$fn$;

CREATE OR REPLACE FUNCTION tap._get_fdw_privs(name, text) RETURNS text[] LANGUAGE sql STABLE AS $fn$
SELECT tap.__harness_privs($1, 'foreign_data_wrapper', $2, '{USAGE}')
$fn$;

CREATE OR REPLACE FUNCTION tap._get_server_privs(name, text) RETURNS text[]
LANGUAGE sql STABLE AS $fn$
SELECT tap.__harness_privs($1, 'server', $2, '{USAGE}')
$fn$;

CREATE OR REPLACE FUNCTION tap._get_col_privs(role name, relation text, col name) RETURNS text[]
LANGUAGE plpgsql STABLE AS $fn$
DECLARE
    held text[] := '{}';
    privilege text;
BEGIN
    FOREACH privilege IN ARRAY '{INSERT,REFERENCES,SELECT,UPDATE}'::text[] LOOP
        IF has_column_privilege(role, relation, col::text, privilege) THEN
            held := held || privilege;
        END IF;
    END LOOP;
    RETURN held;
EXCEPTION
    WHEN undefined_column THEN
        RETURN '{undefined_column}';
    WHEN undefined_table OR invalid_schema_name THEN
        RETURN '{undefined_table}';
    WHEN undefined_object THEN
        RETURN '{undefined_role}';
END;
$fn$;

--# _is_super _has_role _has_user _has_group
CREATE OR REPLACE FUNCTION tap._is_super(name) RETURNS boolean LANGUAGE sql STABLE AS $fn$
SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = $1
$fn$;

CREATE OR REPLACE FUNCTION tap._has_role(name) RETURNS boolean LANGUAGE sql STABLE AS $fn$
SELECT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = $1)
$fn$;

CREATE OR REPLACE FUNCTION tap._has_user(name) RETURNS boolean LANGUAGE sql STABLE AS $fn$
SELECT EXISTS (SELECT FROM pg_catalog.pg_user AS r WHERE r.usename = $1)
$fn$;

CREATE OR REPLACE FUNCTION tap._has_group(name) RETURNS boolean LANGUAGE sql STABLE AS $fn$
SELECT EXISTS (SELECT FROM pg_catalog.pg_group AS r WHERE r.groname = $1)
$fn$;

--# _relexists _is_schema _cexists
CREATE OR REPLACE FUNCTION tap._relexists(name, name) RETURNS boolean LANGUAGE sql STABLE AS $fn$
SELECT tap.__harness_relation($1, $2, NULL) IS NOT NULL
$fn$;

CREATE OR REPLACE FUNCTION tap._relexists(name) RETURNS boolean LANGUAGE sql STABLE AS $fn$
SELECT tap.__harness_relation(NULL, $1, NULL) IS NOT NULL
$fn$;

CREATE OR REPLACE FUNCTION tap._is_schema(name) RETURNS boolean LANGUAGE sql STABLE AS $fn$
SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace AS n WHERE n.nspname = $1)
$fn$;

CREATE OR REPLACE FUNCTION tap._cexists(name, name, name) RETURNS boolean
LANGUAGE sql STABLE AS $fn$
SELECT EXISTS (
    SELECT
    FROM pg_catalog.pg_attribute AS a
    WHERE
        a.attrelid = tap.__harness_relation($1, $2, NULL)
        AND a.attname = $3 AND a.attnum > 0 AND NOT a.attisdropped
)
$fn$;

CREATE OR REPLACE FUNCTION tap._cexists(name, name) RETURNS boolean LANGUAGE sql STABLE AS $fn$
SELECT tap._cexists(NULL, $1, $2)
$fn$;

--# _prokind
CREATE OR REPLACE FUNCTION tap._prokind(oid) RETURNS "char" LANGUAGE sql STABLE AS $fn$
SELECT p.prokind FROM pg_catalog.pg_proc AS p WHERE p.oid = $1
$fn$;

--# _query
CREATE OR REPLACE FUNCTION tap._query(text) RETURNS text LANGUAGE sql STABLE AS $fn$
SELECT tap.__harness_query($1)
$fn$;

--# _ident_array_to_string _ident_array_to_sorted_string _array_to_sorted_string
CREATE OR REPLACE FUNCTION tap._ident_array_to_string(name[], text) RETURNS text
LANGUAGE sql STABLE AS $fn$
SELECT string_agg(quote_ident(n.name), $2 ORDER BY n.position)
FROM unnest($1) WITH ORDINALITY AS n (name, position)
$fn$;

CREATE OR REPLACE FUNCTION tap._ident_array_to_sorted_string(name[], text) RETURNS text
LANGUAGE sql STABLE AS $fn$
SELECT string_agg(quote_ident(n.name), $2 ORDER BY n.name) FROM unnest($1) AS n (name)
$fn$;

CREATE OR REPLACE FUNCTION tap._array_to_sorted_string(name[], text) RETURNS text
LANGUAGE sql STABLE AS $fn$
SELECT string_agg(n.name, $2 ORDER BY n.name) FROM unnest($1) AS n (name)
$fn$;

--# _extensions _ext_exists
CREATE OR REPLACE FUNCTION tap._extensions(name) RETURNS SETOF name LANGUAGE sql STABLE AS $fn$
SELECT e.extname FROM pg_catalog.pg_extension AS e
INNER JOIN pg_catalog.pg_namespace AS n ON e.extnamespace = n.oid
WHERE n.nspname = $1
$fn$;

CREATE OR REPLACE FUNCTION tap._extensions() RETURNS SETOF name LANGUAGE sql STABLE AS $fn$
SELECT e.extname FROM pg_catalog.pg_extension AS e
$fn$;

CREATE OR REPLACE FUNCTION tap._ext_exists(name, name) RETURNS boolean LANGUAGE sql STABLE AS $fn$
SELECT $2 IN (SELECT * FROM tap._extensions($1))
$fn$;

CREATE OR REPLACE FUNCTION tap._ext_exists(name) RETURNS boolean LANGUAGE sql STABLE AS $fn$
SELECT $1 IN (SELECT * FROM tap._extensions())
$fn$;
