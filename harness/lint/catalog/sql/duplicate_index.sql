SELECT i.indrelid::bigint AS "table", c.relname::text AS name, max(d.relname::text) AS other
FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
JOIN pg_index AS j
    ON j.indrelid = i.indrelid AND j.indexrelid <> i.indexrelid
    AND j.indkey::text = i.indkey::text AND j.indclass::text = i.indclass::text
    AND j.indoption::text = i.indoption::text AND j.indcollation::text = i.indcollation::text
    AND j.indisunique = i.indisunique AND j.indnkeyatts = i.indnkeyatts
    AND coalesce(pg_get_expr(j.indexprs, j.indrelid), '')
        = coalesce(pg_get_expr(i.indexprs, i.indrelid), '')
    AND coalesce(pg_get_expr(j.indpred, j.indrelid), '')
        = coalesce(pg_get_expr(i.indpred, i.indrelid), '')
JOIN pg_class AS d ON d.oid = j.indexrelid AND d.relam = c.relam
WHERE NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid)
    AND (
        EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = j.indexrelid)
        OR i.indexrelid > j.indexrelid
    )
GROUP BY 1, 2
ORDER BY 1, 2
