-- Plans, and what is deferred to COMMIT: what pgTAP has no assertion for.
BEGIN;
SELECT plan(197);

-- Plans ------------------------------------------------------------------------------------
CREATE SCHEMA "Else Where";
CREATE TABLE big (id int PRIMARY KEY, owner int, "Who" text);
CREATE INDEX big_owner_idx ON big (owner);
CREATE INDEX "Big Who" ON big ("Who");
INSERT INTO big SELECT i, i % 1000, i::text FROM generate_series(1, 20000) AS i;
CREATE TABLE small (id int PRIMARY KEY);
CREATE TABLE "Else Where".big (id int CONSTRAINT big_pkey PRIMARY KEY);
INSERT INTO "Else Where".big SELECT * FROM generate_series(1, 20000);
CREATE TABLE parted (k int, v int) PARTITION BY RANGE (k);
CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (10000);
CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (10000) TO (20000) PARTITION BY RANGE (k);
CREATE TABLE parted_leaf PARTITION OF parted_high FOR VALUES FROM (10000) TO (20000);
CREATE INDEX parted_v ON parted (v);
INSERT INTO parted SELECT i, i FROM generate_series(0, 19999) AS i;
CREATE TEMPORARY TABLE passing AS SELECT i AS id FROM generate_series(1, 20000) AS i;
CREATE INDEX passing_idx ON passing (id);
CREATE VIEW big_view AS SELECT * FROM big;
ANALYZE big, "Else Where".big, parted, passing;
PREPARE owned(int) AS SELECT * FROM big WHERE owner = $1;

SELECT * FROM check_test(uses_index('SELECT * FROM big WHERE id = 3', 'big_pkey'), true, 'uses_index(query, index)', 'Query should use index big_pkey', '');
SELECT * FROM check_test(uses_index('SELECT * FROM big WHERE id = 3', 'big_pkey', 'd'), true, 'uses_index(query, index, description)', 'd', '');
SELECT * FROM check_test(uses_index('SELECT * FROM "Else Where".big WHERE id = 3', 'Else Where'::name, 'big_pkey'::name), true, 'uses_index(query, schema, index)', 'Query should use index "Else Where".big_pkey', '');
SELECT * FROM check_test(uses_index('SELECT * FROM "Else Where".big WHERE id = 3', 'Else Where', 'big_pkey', 'd'), true, 'uses_index(query, schema, index, description)', 'd', '');
SELECT * FROM check_test(uses_index('SELECT * FROM "Else Where".big WHERE id = 3', 'big_pkey', 'd'), false, 'uses_index, the same name in another schema', 'd', E'        have: Index Only Scan using big_pkey on big\n        want: an index scan using big_pkey');
SELECT * FROM check_test(uses_index('SELECT * FROM big WHERE "Who" = ''7''', 'Big Who'), true, 'uses_index, a quoted name', 'Query should use index "Big Who"', '');
SELECT * FROM check_test(uses_index('SELECT * FROM big WHERE id = 7', 'Big Who'), false, 'uses_index, another index', 'Query should use index "Big Who"', E'        have: Index Scan using big_pkey on big\n        want: an index scan using "Big Who"');
SELECT * FROM check_test(uses_index('SELECT * FROM big WHERE "Who" <> ''7''', 'Big Who', 'd'), false, 'uses_index, a sequential scan', 'd', E'        have: Seq Scan on big\n        want: an index scan using "Big Who"\n    A small table is read from end to end whatever its indexes. To test what an index\n    can serve: SET LOCAL enable_seqscan = off');
SELECT * FROM check_test(uses_index('SELECT 1', 'big_pkey', 'd'), false, 'uses_index, no table', 'd', E'        have: no scan of a table\n        want: an index scan using big_pkey');
SELECT * FROM check_test(uses_index('SELECT 1', 'nonesuch', 'd'), false, 'uses_index, no such index', 'd', E'        have: no scan of a table\n        want: an index scan using nonesuch\n    There is no index nonesuch');
SELECT * FROM check_test(uses_index('SELECT 1', 'nonesuch', 'big_pkey', 'd'), false, 'uses_index, no such schema', 'd', E'        have: no scan of a table\n        want: an index scan using nonesuch.big_pkey\n    There is no index nonesuch.big_pkey');
SELECT * FROM check_test(uses_index('SELECT 1', 'big', 'd'), false, 'uses_index, a table', 'd', E'        have: no scan of a table\n        want: an index scan using big\n    There is no index big');
SELECT * FROM check_test(uses_index('SELECT 1', NULL, 'd'), false, 'uses_index, NULL', 'd', '        have: no scan of a table');
SELECT * FROM check_test(uses_index('owned(3)', 'big_owner_idx'), true, 'uses_index, a prepared statement and a bitmap', 'Query should use index big_owner_idx', '');
SELECT * FROM check_test(uses_index('SELECT * FROM big WHERE owner = 3 OR id = 5', 'big_pkey'), true, 'uses_index, a bitmap of two', 'Query should use index big_pkey', '');
SELECT * FROM check_test(uses_index('SELECT * FROM big_view WHERE id = 3', 'big_pkey'), true, 'uses_index, through a view', 'Query should use index big_pkey', '');
SELECT * FROM check_test(uses_index('DELETE FROM big WHERE id = 3', 'big_pkey'), true, 'uses_index, a DELETE', 'Query should use index big_pkey', '');
SELECT isnt_empty('SELECT FROM big WHERE id = 3', 'the DELETE was not run');
SELECT * FROM check_test(uses_index('SELECT * FROM big WHERE id = (SELECT max(v) FROM parted)', 'big_pkey'), true, 'uses_index, beside a subquery', 'Query should use index big_pkey', '');
SELECT * FROM check_test(uses_index('SELECT * FROM small WHERE id = (SELECT owner FROM big WHERE id = 7)', 'big_pkey'), true, 'uses_index, in a subquery', 'Query should use index big_pkey', '');
SELECT * FROM check_test(uses_index('SELECT * FROM parted WHERE v = 3', 'parted_v'), true, 'uses_index, a partitioned index', 'Query should use index parted_v', '');
SELECT * FROM check_test(uses_index('SELECT * FROM parted WHERE v = 3 AND k > 10000', 'parted_leaf_v_idx'), true, 'uses_index, a partition', 'Query should use index parted_leaf_v_idx', '');
SELECT * FROM check_test(uses_index('SELECT * FROM parted WHERE v = 3 AND k > 10000', 'parted_low_v_idx'), false, 'uses_index, another partition', 'Query should use index parted_low_v_idx', E'        have: Index Scan using parted_leaf_v_idx on parted_leaf\n        want: an index scan using parted_low_v_idx');
SELECT * FROM check_test(uses_index('SELECT * FROM passing WHERE id = 3', 'passing_idx'), true, 'uses_index, a temporary table', 'Query should use index passing_idx', '');
SELECT throws_ok('SELECT uses_index(''SELECT * FROM nonesuch'', ''big_pkey'')', '42P01');
SELECT throws_ok('SELECT uses_index(NULL, ''big_pkey'')', '22004');

SELECT * FROM check_test(no_seq_scan('SELECT * FROM big WHERE id = 3', 'big'), true, 'no_seq_scan(query, table)', 'Query should not scan table big sequentially', '');
SELECT * FROM check_test(no_seq_scan('SELECT * FROM big WHERE id = 3', 'big', 'd'), true, 'no_seq_scan(query, table, description)', 'd', '');
SELECT * FROM check_test(no_seq_scan('SELECT * FROM big', 'Else Where'::name, 'big'::name), true, 'no_seq_scan(query, schema, table)', 'Query should not scan table "Else Where".big sequentially', '');
SELECT * FROM check_test(no_seq_scan('SELECT * FROM "Else Where".big', 'Else Where', 'big', 'd'), false, 'no_seq_scan(query, schema, table, description)', 'd', E'        have: Seq Scan on big\n        want: no Seq Scan on "Else Where".big\n    A small table is read from end to end whatever its indexes. To test what an index\n    can serve: SET LOCAL enable_seqscan = off');
SELECT * FROM check_test(no_seq_scan('SELECT * FROM parted WHERE v > 1', 'parted', 'd'), false, 'no_seq_scan, partitions', 'd', E'        have: Seq Scan on parted_low\n              Seq Scan on parted_leaf\n        want: no Seq Scan on parted\n    A small table is read from end to end whatever its indexes. To test what an index\n    can serve: SET LOCAL enable_seqscan = off');
SELECT * FROM check_test(no_seq_scan('SELECT * FROM parted WHERE v > 1', 'parted_high', 'd'), false, 'no_seq_scan, a partition that is partitioned', 'd', E'        have: Seq Scan on parted_leaf\n        want: no Seq Scan on parted_high\n    A small table is read from end to end whatever its indexes. To test what an index\n    can serve: SET LOCAL enable_seqscan = off');
SELECT * FROM check_test(no_seq_scan('SELECT * FROM parted WHERE v = 1', 'parted'), true, 'no_seq_scan, partitions by index', 'Query should not scan table parted sequentially', '');
SELECT * FROM check_test(no_seq_scan('SELECT * FROM big', 'nonesuch', 'd'), false, 'no_seq_scan, no such table', 'd', E'        have: Seq Scan on big\n        want: no Seq Scan on nonesuch\n    There is no table nonesuch');
SELECT * FROM check_test(no_seq_scan('SELECT * FROM big', 'big_view', 'd'), false, 'no_seq_scan, a view', 'd', E'        have: Seq Scan on big\n        want: no Seq Scan on big_view\n    There is no table big_view');

SET LOCAL enable_seqscan = off;
SELECT * FROM check_test(uses_index('SELECT * FROM small ORDER BY id', 'small_pkey'), true, 'uses_index, a small table', 'Query should use index small_pkey', '');
SELECT * FROM check_test(no_seq_scan('SELECT * FROM small ORDER BY id', 'small'), true, 'no_seq_scan, a small table', 'Query should not scan table small sequentially', '');
SELECT * FROM check_test(uses_index('SELECT * FROM big WHERE "Who" LIKE ''%7''', 'Big Who', 'd'), false, 'uses_index, no index can serve', 'd', E'        have: Seq Scan on big\n        want: an index scan using "Big Who"\n    Even with enable_seqscan = off: no index can serve this query');
SELECT * FROM check_test(no_seq_scan('SELECT * FROM big WHERE "Who" LIKE ''%7''', 'big', 'd'), false, 'no_seq_scan, no index can serve', 'd', E'        have: Seq Scan on big\n        want: no Seq Scan on big\n    Even with enable_seqscan = off: no index can serve this query');
SET LOCAL enable_indexscan = off;
SET LOCAL enable_indexonlyscan = off;
SELECT * FROM check_test(uses_index('SELECT * FROM "Else Where".big WHERE id = 3', 'Else Where', 'big_pkey', 'd'), true, 'uses_index, a bitmap in another schema', 'd', '');
SELECT * FROM check_test(uses_index('SELECT * FROM "Else Where".big WHERE id = 3', 'big_pkey', 'd'), false, 'uses_index, a bitmap of the same name in another schema', 'd', E'        have: Bitmap Heap Scan on big\n              Bitmap Index Scan using big_pkey\n        want: an index scan using big_pkey');
RESET enable_seqscan;
RESET enable_indexscan;
RESET enable_indexonlyscan;

-- Deferred work ----------------------------------------------------------------------------
CREATE TABLE customer (id int PRIMARY KEY);
CREATE TABLE orders (
    id int PRIMARY KEY,
    customer int CONSTRAINT customer_fk REFERENCES customer DEFERRABLE INITIALLY DEFERRED,
    place int UNIQUE DEFERRABLE INITIALLY IMMEDIATE
);
CREATE TABLE fired (id int);
CREATE FUNCTION limited() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO fired VALUES (NEW.id);
    IF NEW.id > 50 THEN
        RAISE 'too many' USING ERRCODE = 'check_violation', DETAIL = 'of them';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER limited AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION limited();
PREPARE too_many AS INSERT INTO orders VALUES (51);

SELECT * FROM check_test(commits_ok(), true, 'commits_ok()', 'Should commit', '');
SELECT * FROM check_test(commits_ok('INSERT INTO customer VALUES (1)'), true, 'commits_ok(query)', 'Should commit', '');
SELECT * FROM check_test(commits_ok('INSERT INTO orders VALUES (1, 1, 1)', 'd'), true, 'commits_ok(query, description)', 'd', '');
SELECT isnt_empty('SELECT FROM orders', 'what commits stays done');
SELECT is_empty('SELECT FROM fired', 'what was deferred is deferred still');
SELECT * FROM check_test(commits_ok('INSERT INTO orders VALUES (2, 2)', 'd'), false, 'commits_ok, a deferred foreign key', 'd', E'    died at COMMIT: 23503: insert or update on table "orders" violates foreign key constraint "customer_fk"\n        DETAIL: Key (customer)=(2) is not present in table "customer".');
SELECT * FROM check_test(commits_ok('too_many', 'd'), false, 'commits_ok, a constraint trigger', 'd', E'    died at COMMIT: 23514: too many\n        DETAIL: of them');
SELECT * FROM check_test(commits_ok('INSERT INTO orders VALUES (1)', 'd'), false, 'commits_ok, an error at once', 'd', E'    died in the statement: 23505: duplicate key value violates unique constraint "orders_pkey"\n        DETAIL: Key (id)=(1) already exists.');
SELECT * FROM check_test(commits_ok('SELECT 1/0', 'd'), false, 'commits_ok, no detail', 'd', '    died in the statement: 22012: division by zero');
SELECT results_eq('SELECT id FROM orders', ARRAY[1], 'what would not commit is undone');

SELECT * FROM check_test(throws_on_commit('INSERT INTO orders VALUES (2, 2)'), true, 'throws_on_commit(query)', 'threw an exception on commit', '');
SELECT * FROM check_test(throws_on_commit('INSERT INTO orders VALUES (2, 2)', '23503'), true, 'throws_on_commit(query, code)', 'threw 23503 on commit', '');
SELECT * FROM check_test(throws_on_commit('too_many', 'too many'), true, 'throws_on_commit(query, message)', 'threw too many on commit', '');
SELECT * FROM check_test(throws_on_commit('too_many', '23514', 'too many'), true, 'throws_on_commit(query, code, message)', 'threw 23514: too many on commit', '');
SELECT * FROM check_test(throws_on_commit('too_many', 'too many', 'd'), true, 'throws_on_commit(query, message, description)', 'd', '');
SELECT * FROM check_test(throws_on_commit('too_many', '23514', 'too many', 'd'), true, 'throws_on_commit(query, code, message, description)', 'd', '');
SELECT * FROM check_test(throws_on_commit('too_many', '23503', NULL, 'd'), false, 'throws_on_commit, another code', 'd', E'      caught: 23514: too many\n      wanted: 23503');
SELECT * FROM check_test(throws_on_commit('too_many', 'too few', 'd'), false, 'throws_on_commit, another message', 'd', E'      caught: 23514: too many\n      wanted: an exception: too few');
SELECT * FROM check_test(throws_on_commit('INSERT INTO orders VALUES (1)', '23505', NULL, 'd'), false, 'throws_on_commit, too early', 'd', E'    died in the statement: 23505: duplicate key value violates unique constraint "orders_pkey"\n        DETAIL: Key (id)=(1) already exists.');
SELECT results_eq('SELECT id FROM orders', ARRAY[1], 'what throws is undone');
SELECT * FROM check_test(throws_on_commit('INSERT INTO orders VALUES (3)', '23503', NULL, 'd'), false, 'throws_on_commit, nothing thrown', 'd', E'      caught: no exception\n      wanted: 23503');
SELECT results_eq('SELECT id FROM orders', ARRAY[1, 3], 'what does not throw stays done');

-- The modes of constraints are as before: one waits, the other does not.
SELECT lives_ok('INSERT INTO orders VALUES (4, 4, 4)', 'the foreign key waits');
SELECT throws_ok('INSERT INTO orders VALUES (5, NULL, 4)', 23505);

-- What waits already is not held against a statement.
SELECT * FROM check_test(commits_ok(NULL, 'd'), false, 'commits_ok, what waits', 'd', E'    died at COMMIT: 23503: insert or update on table "orders" violates foreign key constraint "customer_fk"\n        DETAIL: Key (customer)=(4) is not present in table "customer".');
SELECT * FROM check_test(throws_on_commit(NULL, '23503'), true, 'throws_on_commit, what waits', 'threw 23503 on commit', '');
SELECT * FROM check_test(throws_on_commit('SELECT 1', '23503'), false, 'throws_on_commit, after what waits', 'threw 23503 on commit', E'    died in work deferred before: 23503: insert or update on table "orders" violates foreign key constraint "customer_fk"\n        DETAIL: Key (customer)=(4) is not present in table "customer".');
SELECT * FROM check_test(commits_ok('INSERT INTO customer VALUES (5)', 'd'), false, 'commits_ok, after what waits', 'd', E'    died in work deferred before: 23503: insert or update on table "orders" violates foreign key constraint "customer_fk"\n        DETAIL: Key (customer)=(4) is not present in table "customer".');
SELECT is_empty('SELECT FROM customer WHERE id = 5', 'a statement that was not asked is not run');
INSERT INTO customer VALUES (4);
SELECT * FROM check_test(commits_ok(), true, 'commits_ok, what waits is mended', 'Should commit', '');

-- And what the script set itself stays set.
SET CONSTRAINTS customer_fk IMMEDIATE;
SET CONSTRAINTS orders_place_key DEFERRED;
SELECT * FROM check_test(throws_on_commit('INSERT INTO orders VALUES (5, NULL, 4)', '23505'), true, 'a unique constraint that waits', 'threw 23505 on commit', '');
SELECT throws_ok('INSERT INTO orders VALUES (6, 6)', 23503);
SELECT lives_ok('INSERT INTO orders VALUES (6, NULL, 4)', 'the unique constraint waits');
DELETE FROM orders WHERE id = 6;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT results_eq('SELECT id FROM fired ORDER BY id', ARRAY[1, 3, 4, 6], 'in the end all was fired, once');

SELECT * FROM finish();
ROLLBACK;
