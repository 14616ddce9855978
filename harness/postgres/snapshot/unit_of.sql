-- The unit, as units.sql has them, of an object that is called q.
CASE q.classid
    WHEN 'pg_proc'::regclass THEN q.objid
    WHEN 'pg_class'::regclass THEN coalesce((SELECT i.indrelid FROM pg_index AS i WHERE i.indexrelid = q.objid), q.objid)
    WHEN 'pg_type'::regclass THEN coalesce((SELECT nullif(t.typrelid, 0) FROM pg_type AS t WHERE t.oid = q.objid), q.objid)
    WHEN 'pg_constraint'::regclass
        THEN (SELECT coalesce(nullif(c.conrelid, 0), c.contypid) FROM pg_constraint AS c WHERE c.oid = q.objid)
    WHEN 'pg_trigger'::regclass THEN (SELECT t.tgrelid FROM pg_trigger AS t WHERE t.oid = q.objid)
    WHEN 'pg_rewrite'::regclass THEN (SELECT w.ev_class FROM pg_rewrite AS w WHERE w.oid = q.objid)
    WHEN 'pg_policy'::regclass THEN (SELECT p.polrelid FROM pg_policy AS p WHERE p.oid = q.objid)
    WHEN 'pg_statistic_ext'::regclass THEN (SELECT x.stxrelid FROM pg_statistic_ext AS x WHERE x.oid = q.objid)
    WHEN 'pg_publication_rel'::regclass THEN (SELECT p.prrelid FROM pg_publication_rel AS p WHERE p.oid = q.objid)
    ELSE 0
END
