-- Databases and roles that a run has made and marked, which no live run owns and we may drop.
WITH marked AS (
    SELECT
        s.objoid,
        s.classoid,
        substring(s.description FROM '^made by pgtap-harness, run ([0-9]{1,10})$') AS run
    FROM pg_shdescription AS s
    UNION ALL
    -- One that has no comment yet has the run's number as its limit.
    SELECT d.oid, 'pg_database'::regclass, d.datconnlimit::text
    FROM pg_database AS d
    WHERE d.datconnlimit >= %(least)s
),

dead AS (
    SELECT m.objoid, m.classoid
    FROM marked AS m
    WHERE
        m.run IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM pg_locks AS l
            WHERE
                l.locktype = 'advisory'
                AND l.classid = %(class)s
                AND l.objsubid = 2
                AND l.objid::text = m.run
        )
)

SELECT 'database' AS kind, d.datname AS name
FROM dead AS m
INNER JOIN pg_database AS d ON d.oid = m.objoid AND m.classoid = 'pg_database'::regclass
WHERE starts_with(d.datname, 'harness_') AND pg_has_role(d.datdba, 'MEMBER')
UNION ALL
SELECT 'role', r.rolname
FROM dead AS m
INNER JOIN pg_roles AS r ON r.oid = m.objoid AND m.classoid = 'pg_authid'::regclass
ORDER BY 1, 2
