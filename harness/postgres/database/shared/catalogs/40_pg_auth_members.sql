-- Who is a member of which role, by whose grant.
SELECT
    concat_ws(' ', m.roleid, m.member, m.grantor) AS key,
    'the members of ' AS aspect,
    'role' AS kind,
    r.rolname::text AS name,
    to_jsonb(m)::text AS content
FROM pg_auth_members AS m
INNER JOIN pg_roles AS r ON r.oid = m.roleid
