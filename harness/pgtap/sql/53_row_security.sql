-- Row level security (not in pgTAP).

/*# has_rls([schema name,] table name [, description text])
Tests that row level security is enabled on a table.
describe: 'Table ' || tap._dotted(:schema, :table) || ' should have row level security'
*/
$$
DECLARE
    target oid := tap._relation(:schema, :table);
BEGIN
    RETURN tap.ok(
        coalesce((SELECT c.relrowsecurity FROM pg_class AS c WHERE c.oid = target), false),
        :description
    );
END;
$$;

/*# rls_is_forced([schema name,] table name [, description text])
Tests that row level security is enabled on a table, and forced on its owner.
describe: 'Table ' || tap._dotted(:schema, :table) || ' should force row level security'
*/
$$
DECLARE
    target oid := tap._relation(:schema, :table);
BEGIN
    RETURN tap.ok(
        coalesce((
            SELECT c.relrowsecurity AND c.relforcerowsecurity
            FROM pg_class AS c WHERE c.oid = target
        ), false),
        :description
    );
END;
$$;

/*# policy_is(schema name, table name, policy name, options jsonb, description text)
policy_is(table name, policy name, options jsonb [, description text])
Tests what a policy says: command, roles, using, check and permissive.
describe: 'Policy ' || quote_ident(:policy) || ' on ' || quote_ident(:table)
    || ' should say the right things'

As with sequence_is(), what is not named is not tested. Conditions are compared as the server prints
them; roles are in the order of their names, and PUBLIC is none::

    SELECT policy_is('tasks', 'own', '{"command": "SELECT", "roles": ["app"], "permissive": true}');
*/
$$
DECLARE
    policy_row pg_policy;
BEGIN
    SELECT p.* INTO policy_row
    FROM pg_policy AS p
    WHERE p.polrelid = tap._relation(:schema, :table) AND p.polname = :policy;
    IF policy_row.oid IS NULL THEN
        RETURN tap._missing_on('Policy', :policy, :schema, :table, :description);
    END IF;
    RETURN tap._options_are(
        jsonb_build_object(
            'command', CASE policy_row.polcmd
                WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                WHEN 'd' THEN 'DELETE' ELSE 'ALL'
            END,
            'roles', ARRAY(
                SELECT r.rolname::text FROM pg_roles AS r
                WHERE r.oid = ANY (policy_row.polroles) ORDER BY r.rolname
            ),
            'using', pg_get_expr(policy_row.polqual, policy_row.polrelid),
            'check', pg_get_expr(policy_row.polwithcheck, policy_row.polrelid),
            'permissive', policy_row.polpermissive
        ),
        :options,
        :description
    );
END;
$$;
