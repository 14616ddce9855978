-- Subscriptions, without their connection strings, which may hold passwords.
SELECT
    'pg_subscription'::regclass AS classid,
    oid AS objid,
    0 AS objsubid,
    quote_ident(subname) AS identity,
    concat_ws(
        ' ',
        'PUBLICATION ' || array_to_string(subpublications, ', '),
        CASE WHEN subenabled THEN 'ENABLED' ELSE 'DISABLED' END,
        'SLOT ' || quote_ident(subslotname),
        'SYNCHRONOUS_COMMIT ' || subsynccommit
    ) AS definition
FROM pg_subscription
WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
