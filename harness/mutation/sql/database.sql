-- What is said of the database as a whole.
SELECT
    datcollate IN ('C', 'POSIX') AND datctype IN ('C', 'POSIX') AND coalesce(to_jsonb(d) ->> 'datlocprovider', 'c') = 'c' AS "C",
    current_setting('server_version_num')::integer AS version,
    ARRAY(
        SELECT rolname::text FROM pg_roles
        WHERE NOT rolsuper AND rolname !~ '^pg_' ORDER BY 1
    ) AS roles
FROM pg_database AS d
WHERE datname = current_database() AND $1::text[] IS NOT NULL
