-- The end of the library: what it consists of is known here.

-- Whether a function is the library's: it was created after plan() and before this one. What a
-- suite has beside it in the same schema is its own, whatever it is called.
CREATE FUNCTION tap._is_ours(function oid) RETURNS boolean LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN EXISTS (
        SELECT
        FROM pg_catalog.pg_proc AS p
        WHERE
            p.oid = $1
            AND p.pronamespace = tap._library_schema()
            AND p.oid >= 'tap.plan(bigint)'::pg_catalog.regprocedure
            AND p.oid <= 'tap._is_ours(oid)'::pg_catalog.regprocedure
    );
END;
$fn$;

-- Every role may use all of it, whatever the default privileges are that a schema has altered.
DO $do$
DECLARE
    function regprocedure;
BEGIN
    FOR function IN
        SELECT p.oid
        FROM pg_catalog.pg_proc AS p
        WHERE
            p.proacl IS NOT NULL
            AND p.pronamespace = (
                SELECT l.pronamespace FROM pg_catalog.pg_proc AS l
                WHERE l.oid = 'tap.plan(bigint)'::pg_catalog.regprocedure
            )
            AND p.oid >= 'tap.plan(bigint)'::pg_catalog.regprocedure
            AND p.oid <= 'tap._is_ours(oid)'::pg_catalog.regprocedure
    LOOP
        EXECUTE 'GRANT EXECUTE ON FUNCTION ' || function || ' TO PUBLIC';
    END LOOP;
END;
$do$;
