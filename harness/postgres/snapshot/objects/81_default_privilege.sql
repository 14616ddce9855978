-- Default privileges, as what they add to the built-in ones and take from them.
SELECT
    'pg_default_acl'::regclass AS classid,
    d.oid AS objid,
    0 AS objsubid,
    concat_ws(
        ' ',
        'FOR ROLE ' || d.defaclrole::regrole,
        'IN SCHEMA ' || s.name,
        'ON ' || CASE d.defaclobjtype
            WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES'
            WHEN 'n' THEN 'SCHEMAS' WHEN 'L' THEN 'LARGE OBJECTS'
        END
    ) AS identity,
    (
        SELECT coalesce(string_agg(c.change, E'\n' ORDER BY c.change), '')
        FROM (
            SELECT concat(
                CASE WHEN g.privilege_type IS NULL THEN 'REVOKE ' ELSE 'GRANT ' END,
                coalesce(g.privilege_type, b.privilege_type),
                ' TO ',
                CASE coalesce(g.grantee, b.grantee) WHEN 0 THEN 'PUBLIC' ELSE coalesce(g.grantee, b.grantee)::regrole::text END,
                CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' END
            ) AS change
            FROM aclexplode(d.defaclacl) AS g
            FULL JOIN aclexplode(
                CASE d.defaclnamespace
                    WHEN 0 THEN acldefault(translate(d.defaclobjtype::text, 'S', 's')::"char", d.defaclrole)
                END
            ) AS b USING (grantor, grantee, privilege_type, is_grantable)
            WHERE g.privilege_type IS NULL OR b.privilege_type IS NULL
        ) AS c
    ) AS definition
FROM pg_default_acl AS d
LEFT JOIN schemas AS s ON s.oid = d.defaclnamespace
WHERE d.defaclnamespace = 0 OR s.oid IS NOT NULL
