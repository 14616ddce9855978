-- Tables of publications; row filters and column lists exist from PostgreSQL 15 on.
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
            WHERE
                a.attrelid = p.prrelid
                AND a.attnum = ANY (string_to_array(to_jsonb(p) ->> 'prattrs', ' ')::smallint[])
        ) || ')',
        'WHERE ' || pg_get_expr((to_jsonb(p) ->> 'prqual')::pg_node_tree, p.prrelid)
    ) AS definition
FROM pg_publication_rel AS p
JOIN pg_publication AS b ON b.oid = p.prpubid
JOIN relations AS r ON r.oid = p.prrelid
