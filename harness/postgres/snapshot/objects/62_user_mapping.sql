-- User mappings, as far as this role may see their options; passwords are not read.
SELECT
    'pg_user_mapping'::regclass AS classid,
    m.umid AS objid,
    0 AS objsubid,
    format('FOR %s SERVER %I', CASE m.umuser WHEN 0 THEN 'PUBLIC' ELSE m.umuser::regrole::text END, m.srvname) AS identity,
    coalesce(
        'OPTIONS (' || (
            SELECT string_agg(regexp_replace(o, '^([^=]*password[^=]*)=.*$', '\1=***'), ', ' ORDER BY o)
            FROM unnest(m.umoptions) AS o
        ) || ')',
        ''
    ) AS definition
FROM pg_user_mappings AS m
