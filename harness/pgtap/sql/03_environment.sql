-- Versions, platform and output.

CREATE FUNCTION tap.pgtap_version() RETURNS numeric LANGUAGE sql IMMUTABLE AS $fn$
SELECT 1.3
$fn$;
COMMENT ON FUNCTION tap.pgtap_version() IS 'Gives the version of pgTAP whose interface this is.';

CREATE FUNCTION tap.pg_version() RETURNS text LANGUAGE sql STABLE AS $fn$
SELECT current_setting('server_version')
$fn$;
COMMENT ON FUNCTION tap.pg_version() IS 'Gives the server''s version.';

CREATE FUNCTION tap.pg_version_num() RETURNS integer LANGUAGE sql STABLE AS $fn$
SELECT current_setting('server_version_num')::integer
$fn$;
COMMENT ON FUNCTION tap.pg_version_num()
IS 'Gives the server''s version as a number: 150004 is 15.4.';

-- pgTAP learns this when it is built; the server knows what it was built for itself.
CREATE FUNCTION tap.os_name() RETURNS text LANGUAGE sql STABLE AS $fn$
SELECT coalesce(
    substring(lower(version()) FROM '(linux|darwin|freebsd|openbsd|netbsd|solaris|cygwin)'),
    CASE WHEN version() ~* 'mingw|windows|visual' THEN 'mswin32' ELSE 'unknown' END
)
$fn$;
COMMENT ON FUNCTION tap.os_name() IS 'Gives the server''s operating system, in lower case.';

CREATE FUNCTION tap.collect_tap(VARIADIC text[]) RETURNS text LANGUAGE sql AS $fn$
SELECT array_to_string($1, E'\n')
$fn$;
COMMENT ON FUNCTION tap.collect_tap(text[])
IS 'Joins the output of several tests into one text.';

CREATE FUNCTION tap.collect_tap(varchar[]) RETURNS text LANGUAGE sql AS $fn$
SELECT array_to_string($1, E'\n')
$fn$;
COMMENT ON FUNCTION tap.collect_tap(varchar[])
IS 'Joins the output of several tests into one text.';

CREATE FUNCTION tap.display_oper(name, oid) RETURNS text LANGUAGE sql STABLE AS $fn$
SELECT $1 || '(' || coalesce(format_type(nullif(oprleft, 0), NULL), 'NONE')
    || ',' || coalesce(format_type(nullif(oprright, 0), NULL), 'NONE') || ')'
FROM pg_catalog.pg_operator
WHERE oid = $2
$fn$;
COMMENT ON FUNCTION tap.display_oper(name, oid) IS 'Gives an operator with its operand types.';
