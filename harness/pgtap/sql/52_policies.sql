-- Row security policies.

/*# policies_are([schema name,] table name, policies name[][, description text])
Tests that a table has exactly these policies.
describe: 'Table ' || tap._dotted(:schema, :table) || ' should have the correct policies'
*/
$$
DECLARE
    have name[] := ARRAY(SELECT p.polname FROM tap._policies(:schema, :table) AS p);
BEGIN
    RETURN tap._are('policies', have, :policies, :description);
END;
$$;

-- Without a schema these are the policies of every table of that name, wherever it is: pgTAP
-- does not look at the search path here.
CREATE FUNCTION tap._policies(schema name, "table" name) RETURNS SETOF pg_catalog.pg_policy
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN QUERY
    SELECT p.*
    FROM pg_catalog.pg_policy AS p
    INNER JOIN pg_catalog.pg_class AS c ON p.polrelid = c.oid
    WHERE c.relname = $2 AND ($1 IS NULL OR c.relnamespace = tap._schema($1));
END;
$fn$;

/*# policy_roles_are([schema name,] table name, policy name, roles name[][, description text])
Tests that a policy is for exactly these roles. PUBLIC is no role.
describe: 'Policy ' || quote_ident(:policy) || ' for table ' || tap._dotted(:schema, :table)
    || ' should have the correct roles'
*/
$$
DECLARE
    have name[] := ARRAY(
        SELECT r.rolname
        FROM tap._policies(:schema, :table) AS p
        INNER JOIN pg_catalog.pg_roles AS r ON r.oid = ANY (p.polroles)
        WHERE p.polname = :policy
    );
BEGIN
    RETURN tap._are('policy roles', have, :roles, :description);
END;
$$;

/*# policy_cmd_is([schema name,] table name, policy name, command text[, description text])
Tests which command a policy is for: SELECT, INSERT, UPDATE, DELETE or ALL.
describe: 'Policy ' || quote_ident(:policy) || ' for table ' || tap._dotted(:schema, :table)
    || ' should apply to ' || upper(:command) || ' command'
*/
$$
DECLARE
    have text := (
        SELECT CASE p.polcmd
            WHEN 'r' THEN 'SELECT'
            WHEN 'a' THEN 'INSERT'
            WHEN 'w' THEN 'UPDATE'
            WHEN 'd' THEN 'DELETE'
            WHEN '*' THEN 'ALL'
        END
        FROM tap._policies(:schema, :table) AS p
        WHERE p.polname = :policy
        LIMIT 1
    );
BEGIN
    RETURN tap.is(have, upper(:command), :description);
END;
$$;
