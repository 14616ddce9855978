-- Aggregates, for which the server has no definition of its own.
SELECT
    'pg_proc'::regclass AS classid,
    p.oid AS objid,
    0 AS objsubid,
    format('%s.%I(%s)', s.name, p.proname, oidvectortypes(p.proargtypes)) AS identity,
    concat_ws(
        E'\n',
        format('(%s) RETURNS %s', pg_get_function_arguments(p.oid), pg_get_function_result(p.oid)),
        format('SFUNC %s STYPE %s', a.aggtransfn, format_type(a.aggtranstype, NULL)),
        'KIND ' || CASE a.aggkind WHEN 'o' THEN 'ordered-set' WHEN 'h' THEN 'hypothetical-set' END,
        'SSPACE ' || nullif(a.aggtransspace, 0),
        'FINALFUNC ' || nullif(a.aggfinalfn, 0)::regproc,
        CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
        'FINALFUNC_MODIFY ' || a.aggfinalmodify::text,
        'COMBINEFUNC ' || nullif(a.aggcombinefn, 0)::regproc,
        'SERIALFUNC ' || nullif(a.aggserialfn, 0)::regproc,
        'DESERIALFUNC ' || nullif(a.aggdeserialfn, 0)::regproc,
        'INITCOND ' || quote_literal(a.agginitval),
        'MSFUNC ' || nullif(a.aggmtransfn, 0)::regproc,
        'MINVFUNC ' || nullif(a.aggminvtransfn, 0)::regproc,
        'MSTYPE ' || format_type(nullif(a.aggmtranstype, 0), NULL),
        'MSSPACE ' || nullif(a.aggmtransspace, 0),
        'MFINALFUNC ' || nullif(a.aggmfinalfn, 0)::regproc,
        CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
        'MFINALFUNC_MODIFY ' || a.aggmfinalmodify::text,
        'MINITCOND ' || quote_literal(a.aggminitval),
        'SORTOP ' || nullif(a.aggsortop, 0)::regoperator,
        'PARALLEL ' || p.proparallel::text
    ) AS definition
FROM pg_proc AS p
JOIN schemas AS s ON s.oid = p.pronamespace
JOIN pg_aggregate AS a ON a.aggfnoid = p.oid
WHERE
    p.oid NOT IN (SELECT objid FROM members WHERE classid = 'pg_proc'::regclass)
    AND ($4::oid[] IS NULL OR p.oid IN (SELECT unit FROM wanted))
