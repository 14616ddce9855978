-- Roles that may do something here: granted anything, named by a policy, owners, and members of these.
WITH user_schemas AS (
    SELECT oid, nspacl FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL ($1::text[])
), relations AS (
    SELECT oid, relacl, relowner FROM pg_class WHERE relnamespace IN (SELECT oid FROM user_schemas)
), owners AS (
    SELECT relowner AS oid FROM relations
    UNION SELECT proowner FROM pg_proc WHERE pronamespace IN (SELECT oid FROM user_schemas)
), granted AS (
    SELECT (aclexplode(relacl)).grantee AS oid FROM relations
    UNION SELECT (aclexplode(attacl)).grantee FROM pg_attribute
        WHERE attacl IS NOT NULL AND attrelid IN (SELECT oid FROM relations)
    UNION SELECT (aclexplode(nspacl)).grantee FROM user_schemas
    UNION SELECT (aclexplode(proacl)).grantee FROM pg_proc WHERE pronamespace IN (SELECT oid FROM user_schemas)
    UNION SELECT (aclexplode(defaclacl)).grantee FROM pg_default_acl
    UNION SELECT unnest(polroles) FROM pg_policy WHERE polrelid IN (SELECT oid FROM relations)
), chosen AS (
    SELECT r.oid FROM pg_roles AS r
    WHERE
        r.oid IN (SELECT oid FROM granted)
        OR r.oid IN (SELECT oid FROM owners)
        OR EXISTS (
            SELECT FROM pg_auth_members AS m
            WHERE m.member = r.oid AND (
                m.roleid IN (SELECT oid FROM granted)
                OR m.roleid IN (SELECT oid FROM owners)
                OR m.roleid IN (SELECT oid FROM pg_roles WHERE rolname IN ('pg_read_all_data', 'pg_write_all_data'))
            )
        )
)
SELECT
    r.rolname::text AS name,
    r.rolbypassrls AS bypasses,
    r.rolreplication AS replicates,
    r.rolcreaterole AS creates_roles,
    r.rolcanlogin AS logs_in,
    r.rolinherit AS inherits,
    r.oid IN (SELECT oid FROM owners) AS owns,
    ARRAY(
        SELECT o.rolname::text FROM pg_roles AS o
        WHERE o.oid <> r.oid AND pg_has_role(r.oid, o.oid, 'USAGE') ORDER BY o.rolname
    ) AS inherited,
    ARRAY(
        SELECT o.rolname::text FROM pg_roles AS o
        WHERE
            o.oid <> r.oid
            AND CASE
                -- From 16 on a membership may be neither inherited from nor acted as.
                WHEN current_setting('server_version_num')::int < 160000
                    THEN pg_has_role(r.oid, o.oid, 'MEMBER')
                ELSE
                    pg_has_role(r.oid, o.oid, 'USAGE')
                    OR pg_has_role(r.oid, o.oid, 'SET')
                    OR pg_has_role(r.oid, o.oid, 'MEMBER WITH ADMIN OPTION')
            END
        ORDER BY o.rolname
    ) AS member_of
FROM pg_roles AS r
JOIN chosen AS c ON c.oid = r.oid
WHERE NOT r.rolsuper AND r.rolname !~ '^pg_'
ORDER BY r.rolname COLLATE "C"
