-- Text search configurations with the dictionaries of each kind of token.
SELECT
    'pg_ts_config'::regclass AS classid,
    c.oid AS objid,
    0 AS objsubid,
    format('%s.%I', s.name, c.cfgname) AS identity,
    concat_ws(
        E'\n',
        (
            SELECT format('PARSER %I.%I', n.nspname, p.prsname)
            FROM pg_ts_parser AS p
            JOIN pg_namespace AS n ON n.oid = p.prsnamespace
            WHERE p.oid = c.cfgparser
        ),
        (
            SELECT string_agg(format('%s: %s', k.alias, k.dictionaries), E'\n' ORDER BY k.alias)
            FROM (
                SELECT t.alias, string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS dictionaries
                FROM pg_ts_config_map AS m
                JOIN ts_token_type(c.cfgparser) AS t ON t.tokid = m.maptokentype
                WHERE m.mapcfg = c.oid
                GROUP BY t.alias
            ) AS k
        )
    ) AS definition
FROM pg_ts_config AS c
JOIN schemas AS s ON s.oid = c.cfgnamespace
WHERE c.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_ts_config'::regclass)
