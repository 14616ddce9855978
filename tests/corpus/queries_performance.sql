SELECT no_plan();

CREATE FUNCTION untimed(text) RETURNS text LANGUAGE sql AS $$ SELECT regexp_replace($1, 'runtime: \d+\.\d+ ms', 'runtime: 0.1 ms') $$;
PREPARE quick AS SELECT 1;
PREPARE "very quick" AS SELECT 1;
PREPARE times(int) AS SELECT $1;

SELECT q, limit_, untimed(performs_ok(q, limit_)), untimed(performs_ok(q, limit_, 'd')), untimed(performs_ok(q, limit_, '')), untimed(performs_ok(q, limit_, NULL)) FROM unnest(ARRAY['SELECT 1', 'quick', '"very quick"', 'times(3)', 'EXECUTE times( 4)']) AS q, unnest(ARRAY[5000, 5000.50, 1e4, 0, 0.00, -1, -0.5, 'NaN', NULL]) AS limit_;
SELECT performs_ok(NULL, 10);
SELECT performs_ok(NULL, NULL);
SELECT performs_ok('SELECT 1/0', 1000);
SELECT performs_ok('nonesuch', 1000);
SELECT performs_ok('', 1000);
SELECT performs_ok('SELECT 1', 9999::int), performs_ok('SELECT 1', 9999::bigint), performs_ok('SELECT 1', '9999');
SELECT untimed(performs_ok('SELECT 1; SELECT 2', 0)), performs_ok('SELECT pg_sleep(0.02)', 5000), performs_ok('SELECT pg_sleep(0.02)', 19) LIKE 'not ok%';

SELECT q, want, within, untimed(performs_within(q, want, within)), untimed(performs_within(q, want, within, 'd')), untimed(performs_within(q, want, within, NULL::text)), untimed(performs_within(q, want, within, 3)), untimed(performs_within(q, want, within, 1, 'd')), untimed(performs_within(q, want, within, 2, NULL)), untimed(performs_within(q, want, within, 0)), untimed(performs_within(q, want, within, -1, 'd')) FROM unnest(ARRAY['SELECT 1', 'quick', '"very quick"', 'times(3)']) AS q, (VALUES (1, 5000), (1.50, 5000.10), (9000, 1), (9000.5, 1.50), (0, -1), (0, 'NaN'), (1, 'NaN'), ('NaN', 1), ('NaN', 'NaN'), (NULL, 1), (1, NULL), (NULL, NULL), (5000, 5000), (4999, 5000)) AS v (want, within);
SELECT performs_within('SELECT 1', 1, 1, NULL::int);
SELECT performs_within('SELECT 1', 1, 1, NULL::int, 'd');
SELECT performs_within(NULL, 1, 1);
SELECT performs_within('SELECT 1/0', 1, 1);
SELECT performs_within('nonesuch', 1, 1, 3, 'd');

CREATE TABLE runs (i int);
SELECT performs_within('INSERT INTO runs VALUES (1)', 1, 5000), performs_within('INSERT INTO runs VALUES (2)', 1, 5000, 7), performs_within('INSERT INTO runs VALUES (3)', 1, 5000, 1), performs_within('INSERT INTO runs VALUES (4)', 1, 5000, 0), performs_ok('INSERT INTO runs VALUES (5)', 5000);
SELECT i, count(*) FROM runs GROUP BY i ORDER BY i;

CREATE SEQUENCE s;
CREATE FUNCTION rounded(text) RETURNS text LANGUAGE sql AS $$ SELECT round(substring($1 FROM 'runtime: ([0-9.]+)')::numeric, -1)::text || regexp_replace($1, 'runtime: [0-9.]+ ms', 'runtime') $$;
SELECT n, setval('s', 1, false), rounded(performs_within('SELECT pg_sleep(0.005 * nextval(''s'') ^ 2)', 9999, 1, n)) FROM generate_series(1, 7) AS n;
