-- Collations; the column of the locale has had three names.
SELECT
    'pg_collation'::regclass AS classid,
    c.oid AS objid,
    0 AS objsubid,
    format('%s.%I', s.name, c.collname) AS identity,
    concat_ws(
        ' ',
        'PROVIDER ' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'c' THEN 'libc' WHEN 'b' THEN 'builtin' ELSE 'default' END,
        'LOCALE ' || quote_literal(coalesce(
            to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale', to_jsonb(c) ->> 'collcollate'
        )),
        'LC_CTYPE ' || quote_literal(nullif(to_jsonb(c) ->> 'collctype', to_jsonb(c) ->> 'collcollate')),
        'RULES ' || quote_literal(to_jsonb(c) ->> 'collicurules'),
        CASE WHEN NOT c.collisdeterministic THEN 'NOT DETERMINISTIC' END
    ) AS definition
FROM pg_collation AS c
JOIN schemas AS s ON s.oid = c.collnamespace
WHERE c.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_collation'::regclass)
