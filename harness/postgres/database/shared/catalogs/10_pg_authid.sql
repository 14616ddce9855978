-- As superuser: roles. The time is printed alike in every session, whatever its time zone.
SELECT
    a.oid::text AS key,
    '' AS aspect,
    'role' AS kind,
    a.rolname::text AS name,
    (to_jsonb(a) || jsonb_build_object('rolvaliduntil', a.rolvaliduntil AT TIME ZONE 'UTC'))::text
        AS content
FROM pg_authid AS a
