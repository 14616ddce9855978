-- pgTAP's own private functions that suites in the wild call, for those alone: see borrowed.py.
-- They work on this library's state. A value that a suite keeps under a label of its own is a
-- setting, which rolls back as pgTAP's table does.

--# _get
CREATE FUNCTION tap._get(label text) RETURNS integer LANGUAGE plpgsql AS $fn$
DECLARE
    kept text := current_setting('harness.kept_' || encode(convert_to(label, 'UTF8'), 'hex'), true);
BEGIN
    IF label IN ('plan', 'curr_test', 'failed') THEN
        PERFORM tap.num_failed(); -- there is a plan, and RESET ALL has not emptied the settings
    END IF;
    RETURN CASE label
        WHEN 'plan' THEN (
            SELECT start_value FROM pg_sequence_parameters('pg_temp.__tap_failed__'::regclass)
        )
        WHEN 'curr_test' THEN current_setting('harness.ran')::integer
        WHEN 'failed' THEN tap.num_failed()
        ELSE nullif(kept, '')::integer
    END;
END;
$fn$;

--# _set
CREATE FUNCTION tap._set(label text, value integer) RETURNS integer LANGUAGE plpgsql AS $fn$
BEGIN
    CASE label
        WHEN 'plan' THEN
            EXECUTE 'ALTER SEQUENCE pg_temp.__tap_failed__ START ' || value;
        WHEN 'failed' THEN
            PERFORM tap.num_failed(), set_config('harness.failed', value::text, false);
        WHEN 'curr_test' THEN
            PERFORM tap.num_failed(), set_config('harness.ran', value::text, false);
        ELSE
            PERFORM set_config(
                'harness.kept_' || encode(convert_to(label, 'UTF8'), 'hex'), value::text, false
            );
    END CASE;
    RETURN value;
END;
$fn$;

CREATE FUNCTION tap._set(label text, value integer, note text) RETURNS integer LANGUAGE sql AS $fn$
SELECT tap._set(label, value)
$fn$;

--# _temptable
CREATE FUNCTION tap._temptable(query text, name text) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    EXECUTE 'CREATE TEMPORARY TABLE ' || name || ' AS '
        || CASE WHEN query LIKE '"%' OR query !~ '[[:space:]]' THEN 'EXECUTE ' ELSE '' END || query;
    RETURN name;
END;
$fn$;

CREATE FUNCTION tap._temptable(elements anyarray, name text) RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    EXECUTE 'CREATE TEMPORARY TABLE ' || name || ' AS SELECT unnest($1)' USING elements;
    RETURN name;
END;
$fn$;

--# _table_privs
CREATE FUNCTION tap._table_privs() RETURNS name[] LANGUAGE sql STABLE AS $fn$
SELECT '{DELETE,INSERT,REFERENCES,SELECT,TRIGGER,TRUNCATE,UPDATE}'::name[]
$fn$;

--# _get_schema_owner
CREATE FUNCTION tap._get_schema_owner(schema name) RETURNS name LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN (
        SELECT pg_get_userbyid(n.nspowner) FROM pg_catalog.pg_namespace AS n WHERE n.nspname = schema
    );
END;
$fn$;
