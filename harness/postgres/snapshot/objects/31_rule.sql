-- Rules, without those that make a view a view.
SELECT
    'pg_rewrite'::regclass AS classid,
    w.oid AS objid,
    0 AS objsubid,
    format('%I ON %s', w.rulename, r.name) AS identity,
    concat_ws(
        ' ',
        pg_get_ruledef(w.oid),
        CASE w.ev_enabled WHEN 'D' THEN 'DISABLED' WHEN 'R' THEN 'ENABLED REPLICA' WHEN 'A' THEN 'ENABLED ALWAYS' END
    ) AS definition
FROM pg_rewrite AS w
JOIN relations AS r ON r.oid = w.ev_class
WHERE w.ev_type <> '1'
