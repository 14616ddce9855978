-- Privileges.
--
-- A role has a privilege if it was granted to the role, to PUBLIC or to a group from which the
-- role inherits, if the role owns the object, and if it is a superuser. The role called public
-- is PUBLIC.

/*# {kind}_privs_are({kind} name, role name, privileges name[][, description text])
Tests that a role has exactly these privileges on a given {called}.
describe: tap._granted(:role, :privileges, '{called} ' || quote_ident(:{kind}))
for kind       | called     | has        | catalog        | prefix | possible
    database   | database   | database   | database       | dat    | CREATE,CONNECT,TEMPORARY
    schema     | schema     | schema     | namespace      | nsp    | CREATE,USAGE
    tablespace | tablespace | tablespace | tablespace     | spc    | CREATE
    language   | language   | language   | language       | lan    | USAGE
    server     | server     | server     | foreign_server | srv    | USAGE
    fdw        | FDW        | foreign_data_wrapper | foreign_data_wrapper | fdw | USAGE
*/
$$
DECLARE
    called name := nullif(:{kind}, ''); -- '' is a schema that was given as NULL
    object oid := (SELECT o.oid FROM pg_catalog.pg_{catalog} AS o WHERE o.{prefix}name = called);
    have text[] := ARRAY(
        SELECT p.privilege
        FROM unnest('{{possible}}'::text[]) AS p (privilege)
        WHERE has_{has}_privilege(tap._role(:role), object, p.privilege)
    );
BEGIN
    RETURN tap._privileges_are(
        have, :privileges, :description, :role, '{called} ' || quote_ident(called), object
    );
END;
$$;

/*# {kind}_privs_are([schema name,] {object} name, role name, privileges name[]
    [, description text])
Tests that a role has exactly these privileges on {what}.
describe: tap._granted(:role, :privileges, '{on} ' || tap._dotted(:schema, :{object}))
for kind       | object   | what       | on            | kinds | possible
    table      | table    | a table    | table         | NULL  | tap._table_privileges(:privileges)
    sequence   | sequence | a sequence | sequence      | '{S}' | '{SELECT,UPDATE,USAGE}'
    any_column | table    | any column | any column in | NULL  | '{INSERT,REFERENCES,SELECT,UPDATE}'
*/
$$
DECLARE
    object oid := tap._relation(:schema, :{object}, {kinds});
    have text[] := ARRAY(
        SELECT p.privilege
        FROM unnest(({possible})::text[]) AS p (privilege)
        WHERE has_{kind}_privilege(tap._role(:role), object, p.privilege)
    );
    -- As in pgTAP, what follows the name of a {object} without a schema is the role.
    called text := CASE
        WHEN :schema IS NULL THEN quote_ident(:{object}) || '.' || quote_ident(:role)
        ELSE tap._qualified(:schema, :{object})
    END;
BEGIN
    RETURN tap._privileges_are(
        have, :privileges, :description, :role, '{object} ' || called, object
    );
END;
$$;

-- PostgreSQL 17 knows MAINTAIN as well. It counts only where a test names it: other tests were
-- written before, and whoever has all privileges has the same as ever for them.
CREATE FUNCTION tap._table_privileges(wanted name[]) RETURNS text[] LANGUAGE sql STABLE AS $fn$
SELECT '{DELETE,INSERT,REFERENCES,SELECT,TRIGGER,TRUNCATE,UPDATE}'::text[] || CASE
    WHEN 'MAINTAIN' = ANY ($1) AND current_setting('server_version_num')::integer >= 170000
        THEN '{MAINTAIN}'::text[]
END
$fn$;

/*# column_privs_are([schema name,] table name, column name, role name, privileges name[]
    [, description text])
Tests that a role has exactly these privileges on a column.
describe: tap._granted(
        :role,
        :privileges,
        'column ' || tap._dotted(:schema, :table) || '.' || quote_ident(:column)
    )
*/
$$
DECLARE
    relation oid := tap._relation(:schema, :table, NULL);
    number smallint := (
        SELECT a.attnum
        FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = relation AND a.attname = :column AND NOT a.attisdropped
    );
    have text[] := ARRAY(
        SELECT p.privilege
        FROM unnest('{INSERT,REFERENCES,SELECT,UPDATE}'::text[]) AS p (privilege)
        WHERE has_column_privilege(tap._role(:role), relation, number, p.privilege)
    );
    called text := tap._qualified(:schema, :table);
BEGIN
    RETURN tap._privileges_are(
        have,
        :privileges,
        :description,
        :role,
        CASE
            WHEN relation IS NULL THEN 'table ' || called
            ELSE 'column ' || called || '.' || quote_ident(:column)
        END,
        number::oid
    );
END;
$$;

/*# function_privs_are([schema name,] function name, args name[], role name, privileges name[]
    [, description text])
Tests that a role has exactly these privileges on a function.
describe: tap._granted(
        :role, :privileges, 'function ' || tap._signature(:schema, :function, :args)
    )
*/
$$
DECLARE
    called text := CASE WHEN :schema = '' THEN NULL ELSE '' END
        || tap._signature(:schema, :function, :args);
    function oid;
    have text[];
BEGIN
    IF tap._role(:role) IS NOT NULL THEN
        BEGIN
            function := called::regprocedure;
        EXCEPTION
            WHEN undefined_function OR invalid_schema_name THEN
                NULL;
            WHEN insufficient_privilege THEN -- the schema is closed to who runs the test
                function := tap._function(:schema, :function, tap._resolved(:args));
            WHEN undefined_object THEN -- the type of an argument; pgTAP takes it for the role
                RETURN tap._ok(
                    false, :description, '    Role ' || quote_ident(:role) || ' does not exist'
                );
        END;
        IF has_function_privilege(tap._role(:role), function, 'EXECUTE') THEN
            have := '{EXECUTE}';
        END IF;
    END IF;
    RETURN tap._privileges_are(
        have, :privileges, :description, :role, 'function ' || called, function
    );
END;
$$;

CREATE FUNCTION tap._granted(role name, privileges name[], object text) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT 'Role ' || quote_ident($1) || ' should be granted '
    || CASE WHEN $2[1] IS NULL THEN 'no privileges' ELSE array_to_string($2, ', ') END
    || ' on ' || $3
$fn$;

-- A role as has_table_privilege() and its kin take it: 0 is PUBLIC.
CREATE FUNCTION tap._role(name) RETURNS oid LANGUAGE sql STABLE AS $fn$
SELECT CASE WHEN $1 = 'public' THEN 0 ELSE to_regrole(quote_ident($1))::oid END
$fn$;

-- Compares privileges, if the role and the object exist. What was given as NULL is not missed,
-- but has no privileges.
CREATE FUNCTION tap._privileges_are(
    have text[], want name[], description text, role name, called text, object oid
) RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    absent text := CASE
        WHEN role IS NULL OR called IS NULL THEN NULL
        WHEN tap._role(role) IS NULL THEN 'Role ' || quote_ident(role)
        WHEN object IS NULL THEN upper(left(called, 1)) || substr(called, 2)
    END;
    extra text;
    missing text;
BEGIN
    IF absent IS NOT NULL THEN
        RETURN tap._ok(false, description, '    ' || absent || ' does not exist');
    ELSIF have @> want::text[] AND have <@ want::text[] THEN
        RETURN tap.ok(true, description);
    END IF;
    extra := tap._privileges('Extra', have, want);
    missing := tap._privileges('Missing', want, have);
    RETURN tap._ok(
        extra IS NULL AND missing IS NULL, description, concat_ws(E'\n', extra, missing)
    );
END;
$fn$;

-- Those of some privileges that are not among others, for a diagnostic; NULL if there are none.
CREATE FUNCTION tap._privileges(title text, these text[], others text[]) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT '    ' || $1 || E' privileges:\n'
    || string_agg('        ' || d.privilege, E'\n' ORDER BY d.privilege COLLATE "C")
FROM (SELECT unnest($2) EXCEPT SELECT unnest($3)) AS d (privilege)
WHERE d.privilege IS NOT NULL
$fn$;
