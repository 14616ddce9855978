-- Event triggers.
SELECT
    'pg_event_trigger'::regclass AS classid,
    e.oid AS objid,
    0 AS objsubid,
    quote_ident(e.evtname) AS identity,
    concat_ws(
        ' ',
        'ON ' || e.evtevent,
        'WHEN TAG IN (' || (SELECT string_agg(quote_literal(t), ', ' ORDER BY t) FROM unnest(e.evttags) AS t) || ')',
        'EXECUTE FUNCTION ' || e.evtfoid::regprocedure,
        CASE e.evtenabled WHEN 'D' THEN 'DISABLED' WHEN 'R' THEN 'ENABLED REPLICA' WHEN 'A' THEN 'ENABLED ALWAYS' END
    ) AS definition
FROM pg_event_trigger AS e
WHERE e.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_event_trigger'::regclass)
