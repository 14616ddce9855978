-- As another role: roles, without their passwords.
SELECT
    r.oid::text AS key,
    '' AS aspect,
    'role' AS kind,
    r.rolname::text AS name,
    (
        to_jsonb(r) - 'rolconfig'
        || jsonb_build_object('rolvaliduntil', r.rolvaliduntil AT TIME ZONE 'UTC')
    )::text AS content
FROM pg_roles AS r
