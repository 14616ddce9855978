-- A column with a volatile default that a rule DO ALSO at INSERT reads as NEW.column.
SELECT
    w.ev_class::bigint AS "table",
    w.rulename::text AS name,
    a.attname::text AS "column"
FROM pg_rewrite AS w
JOIN pg_attribute AS a ON a.attrelid = w.ev_class AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE
    w.ev_type = '3' AND NOT w.is_instead AND w.ev_enabled <> 'D'
    AND (
        a.attidentity <> ''
        OR pg_get_expr(d.adbin, d.adrelid)
        ~ '(nextval|gen_random_uuid|uuidv[47]|uuid_generate_v\w+|random|clock_timestamp)\('
    )
    AND strpos(lower(pg_get_ruledef(w.oid)), 'new.' || quote_ident(lower(a.attname))) > 0
ORDER BY 1, 2, a.attnum
