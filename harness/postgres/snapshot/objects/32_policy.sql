-- Row security policies.
SELECT
    'pg_policy'::regclass AS classid,
    p.oid AS objid,
    0 AS objsubid,
    format('%I ON %s', p.polname, r.name) AS identity,
    concat_ws(
        ' ',
        CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
        'FOR ' || CASE p.polcmd
            WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL'
        END,
        'TO ' || (
            SELECT string_agg(CASE o WHEN 0 THEN 'PUBLIC' ELSE o::regrole::text END, ', ' ORDER BY o::regrole::text)
            FROM unnest(p.polroles) AS o
        ),
        'USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
        'WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
    ) AS definition
FROM pg_policy AS p
JOIN relations AS r ON r.oid = p.polrelid
