-- Roles and memberships.

-- Names of the roles that can log in, of those that cannot, or (NULL) of all.
CREATE FUNCTION tap._roles(can_login boolean) RETURNS name[] LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN ARRAY(
        SELECT r.rolname
        FROM pg_catalog.pg_roles AS r
        WHERE $1 IS NULL OR r.rolcanlogin = $1
    );
END;
$fn$;

/*# {has}_{object}({object} name [, description text])
Tests that a {object} {exists}{meaning}.
describe: '{Object} ' || quote_ident(:{object}) || ' {should} exist'
for has | exists         | should     | not
    has   | exists         | should     |
    hasnt | does not exist | should not | NOT
for object | Object | meaning                     | can_login
    role     | Role   |                             | NULL
    user     | User   | , a role that can log in    | true
    group    | Group  | , a role that cannot log in | false
*/
$$ SELECT tap.ok({not} :{object} = ANY (tap._roles({can_login})), :description) $$;

/*# {objects}_are({objects} name[] [, description text])
Tests that there are exactly these {objects}.
describe: 'There should be the correct {objects}'
for objects | can_login
    roles     | NULL
    users     | true
    groups    | false
*/
$$ SELECT tap._are('{objects}', tap._roles({can_login}), :{objects}, :description) $$;

/*# {be}_superuser(role name [, description text])
Tests that a role {is} a superuser. One that does not exist fails either way.
describe: 'User ' || quote_ident(:role) || ' {should} be a super user'
for be   | is     | should     | not
    is   | is     | should     |
    isnt | is not | should not | NOT
*/
$$
DECLARE
    super boolean := (
        SELECT r.rolsuper FROM pg_catalog.pg_roles AS r WHERE r.rolname = :role
    );
BEGIN
    IF super IS NULL THEN
        RETURN tap.ok(false, :description) || E'\n'
            || tap.diag('    User ' || quote_ident(:role) || ' does not exist');
    END IF;
    RETURN tap.ok({not} super, :description);
END;
$$;

-- Those who are members of a role, or those who are not, in the order they were given. Only
-- memberships that were granted count, not those that follow from others. NULL is no member.
CREATE FUNCTION tap._members(role name, names name[], are_members boolean) RETURNS name[]
LANGUAGE plpgsql STABLE AS $fn$
BEGIN
    RETURN ARRAY(
        SELECT m.name
        FROM pg_catalog.unnest($2) WITH ORDINALITY AS m (name, position)
        WHERE $3 = EXISTS (
            SELECT
            FROM pg_catalog.pg_auth_members AS a
            INNER JOIN pg_catalog.pg_roles AS r ON a.roleid = r.oid
            INNER JOIN pg_catalog.pg_roles AS u ON a.member = u.oid
            WHERE r.rolname = $1 AND u.rolname = m.name
        )
        ORDER BY m.position
    );
END;
$fn$;

/*# {be}_member_of(role name, members name[]|name [, description text])
Tests that roles {are} members of a role.
describe: '{Should} have members of role ' || quote_ident(:role)
for be   | are     | Should     | found | title
    is   | are     | Should     | false | Members missing from the
    isnt | are not | Should not | true  | Members, who should not be in
*/
$$
DECLARE
    wrong name[] := tap._members(:role, :members, {found});
BEGIN
    IF NOT :role = ANY (tap._roles(NULL)) THEN
        RETURN tap.ok(false, :description) || E'\n'
            || tap.diag('    Role ' || quote_ident(:role) || ' does not exist');
    END IF;
    RETURN tap._ok(
        wrong[1] IS NULL,
        :description,
        '    {title} ' || quote_ident(:role) || ' role:' || E'\n        ' || array_to_string(
            ARRAY(SELECT quote_ident(w) FROM unnest(wrong) AS w), E'\n        '
        )
    );
END;
$$;
