-- From PostgreSQL 15: tables of publications, with row filters and lists of columns.
SELECT
    'pg_publication_rel'::regclass AS classid,
    p.oid AS objid,
    0 AS objsubid,
    format('%s IN %I', r.name, b.pubname) AS identity,
    concat_ws(
        ' ',
        '(' || (
            SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
            FROM pg_attribute AS a
            WHERE a.attrelid = p.prrelid AND a.attnum = ANY (p.prattrs)
        ) || ')',
        'WHERE ' || pg_get_expr(p.prqual, p.prrelid)
    ) AS definition
FROM pg_publication_rel AS p
JOIN pg_publication AS b ON b.oid = p.prpubid
JOIN relations AS r ON r.oid = p.prrelid
