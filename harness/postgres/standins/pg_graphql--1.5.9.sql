-- Stand-in for pg_graphql: there, so that it can be named; a query is refused.
GRANT USAGE ON SCHEMA graphql TO PUBLIC;
CREATE FUNCTION graphql.resolve(
    query text, variables jsonb DEFAULT '{}', "operationName" text DEFAULT NULL, extensions jsonb DEFAULT NULL
) RETURNS jsonb LANGUAGE plpgsql AS $$
-- stand-in of pgtap-harness: pg_graphql
BEGIN
    RAISE INFO 'the stand-in for pg_graphql answers nothing'; RAISE EXCEPTION 'the stand-in for pg_graphql answers nothing' USING ERRCODE = '0A000';
END $$;
CREATE FUNCTION graphql.get_schema_version() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION graphql.increment_schema_version() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
