-- The examples of docs/assertions.md: one for each assertion, between `-- example: NAME` and the
-- next empty line; `python -m harness.pgtap.reference` writes them to the page. The file is a test
-- that passes on docs/examples/schema.sql.
BEGIN;

-- example: no_plan
SELECT no_plan();

-- example: plan
-- SELECT plan(3);   -- three assertions follow

-- example: ok
SELECT ok(tax(100) = 19, 'the tax on 100 is 19');

-- example: add_result
SELECT 'ok ' || add_result(true, true, 'a library of your own', '', '') || ' - a library of your own';

-- example: num_failed
SELECT is(num_failed(), 0, 'nothing has failed so far');

-- example: diag
SELECT diag('PostgreSQL ' || current_setting('server_version'));

-- example: todo
SELECT todo('discounts come with version 2', 1);
SELECT has_table('discounts');

-- example: todo_start
SELECT todo_start('discounts come with version 2');
SELECT has_table('discounts');
SELECT has_column('orders', 'discount');
SELECT todo_end();

-- example: todo_end
SELECT todo_start();
SELECT has_table('discounts');
SELECT todo_end();

-- example: in_todo
SELECT ok(NOT in_todo(), 'tests count again');

-- example: skip
SELECT skip('no statistics on this server', 2);

-- example: pass
SELECT pass('the script got this far');

-- example: fail
SELECT todo('expected here', 1);
SELECT fail('this branch should not be reached');

-- example: is
SELECT is(tax(100), 19.00, 'the tax on 100');

-- example: isnt
SELECT isnt(tax(100), 0.00, 'there is a tax');

-- example: cmp_ok
SELECT cmp_ok(tax(100), '<', 100::numeric, 'less than the amount');

-- example: matches
SELECT matches('order 42'::text, '^order \d+$');

-- example: imatches
SELECT imatches('Order 42'::text, '^order');

-- example: doesnt_match
SELECT doesnt_match('order 42'::text, '^invoice');

-- example: doesnt_imatch
SELECT doesnt_imatch('Order 42'::text, '^invoice');

-- example: alike
SELECT alike('order 42'::text, 'order %');

-- example: ialike
SELECT ialike('Order 42'::text, 'order %');

-- example: unalike
SELECT unalike('order 42'::text, 'invoice %');

-- example: unialike
SELECT unialike('Order 42'::text, 'invoice %');

-- example: isa_ok
SELECT isa_ok(tax(100), 'numeric', 'tax(100)');

-- example: pgtap_version
SELECT cmp_ok(pgtap_version(), '>=', 1.3::numeric);

-- example: pg_version
SELECT matches(pg_version(), '^\d+\.\d+');

-- example: pg_version_num
SELECT cmp_ok(pg_version_num(), '>=', 140000);

-- example: os_name
SELECT isnt(os_name(), '', 'the server runs on ' || os_name());

-- example: collect_tap
SELECT collect_tap(ARRAY[ok(true, 'one'), ok(true, 'two')]);

-- example: display_oper
SELECT is(display_oper('=', '=(text,text)'::regoperator), '=(text,text)');

-- example: format_type_string
SELECT is(format_type_string('int8'), 'bigint');

-- example: throws_ok
SELECT throws_ok(
    'INSERT INTO orders (customer_id, total) VALUES (1, -1)',
    '23514',
    'new row for relation "orders" violates check constraint "orders_total_check"'
);

-- example: throws_like
SELECT throws_like('SELECT 1 / 0', '%by zero%');

-- example: throws_ilike
SELECT throws_ilike('SELECT 1 / 0', '%BY ZERO%');

-- example: throws_matching
SELECT throws_matching('SELECT 1 / 0', 'division by');

-- example: throws_imatching
SELECT throws_imatching('SELECT 1 / 0', 'DIVISION BY');

-- example: lives_ok
SELECT lives_ok($$ INSERT INTO notes VALUES ('a note') $$, 'notes can be written');

-- example: performs_ok
SELECT performs_ok('SELECT count(*) FROM orders', 500);

-- example: performs_within
SELECT performs_within('SELECT count(*) FROM orders', 250, 250, 5);

-- example: results_eq
SELECT results_eq('SELECT id, title FROM tasks ORDER BY id',
    $$ VALUES (1::bigint, 'buy milk'), (2, 'write tests') $$);

-- example: results_ne
SELECT results_ne('SELECT title FROM tasks ORDER BY id', ARRAY['write tests', 'buy milk']);

-- example: is_empty
SELECT is_empty('SELECT FROM orders', 'there are no orders yet');

-- example: isnt_empty
SELECT isnt_empty('SELECT FROM tasks');

-- example: row_eq
SELECT row_eq('SELECT * FROM tasks WHERE id = 1', ROW(1, 1, 'buy milk')::tasks);

-- example: set_eq
SELECT set_eq('SELECT title FROM tasks', ARRAY['write tests', 'buy milk']);

-- example: bag_eq
SELECT bag_eq('SELECT owner > 0 FROM tasks', ARRAY[true, true]);

-- example: set_ne
SELECT set_ne('SELECT title FROM tasks', ARRAY['buy milk']);

-- example: bag_ne
SELECT bag_ne('SELECT owner > 0 FROM tasks', ARRAY[true]);

-- example: set_has
SELECT set_has('SELECT title FROM tasks', $$ VALUES ('buy milk') $$);

-- example: bag_has
SELECT bag_has('SELECT owner > 0 FROM tasks', 'VALUES (true), (true)');

-- example: set_hasnt
SELECT set_hasnt('SELECT title FROM tasks', $$ VALUES ('sleep') $$);

-- example: bag_hasnt
SELECT bag_hasnt('SELECT title FROM tasks', $$ VALUES ('sleep') $$);

-- example: has_relation
SELECT has_relation('open_orders');

-- example: hasnt_relation
SELECT hasnt_relation('invoices');

-- example: has_table
SELECT has_table('orders');

-- example: hasnt_table
SELECT hasnt_table('invoices');

-- example: has_view
SELECT has_view('open_orders');

-- example: hasnt_view
SELECT hasnt_view('orders');

-- example: has_materialized_view
SELECT has_materialized_view('totals');

-- example: hasnt_materialized_view
SELECT hasnt_materialized_view('open_orders');

-- example: has_foreign_table
SELECT has_foreign_table('remote', 'stock', 'the stock is in the warehouse');

-- example: hasnt_foreign_table
SELECT hasnt_foreign_table('orders');

-- example: has_composite
SELECT has_composite('address');

-- example: hasnt_composite
SELECT hasnt_composite('orders');

-- example: has_sequence
SELECT has_sequence('order_id_seq');

-- example: hasnt_sequence
SELECT hasnt_sequence('invoice_id_seq');

-- example: tables_are
SELECT tables_are('public', ARRAY['audit', 'customers', 'employees', 'events', 'events_2026',
    'notes', 'orders', 'people', 'tasks']);

-- example: views_are
SELECT views_are('public', ARRAY['open_orders']);

-- example: materialized_views_are
SELECT materialized_views_are('public', ARRAY['totals']);

-- example: sequences_are
SELECT sequences_are('public', ARRAY['customers_id_seq', 'order_id_seq']);

-- example: foreign_tables_are
SELECT foreign_tables_are('remote', ARRAY['stock']);

-- example: is_ancestor_of
SELECT is_ancestor_of('people', 'employees');

-- example: is_descendent_of
SELECT is_descendent_of('employees', 'people', 1, 'employees inherit from people directly');

-- example: isnt_ancestor_of
SELECT isnt_ancestor_of('employees', 'people');

-- example: isnt_descendent_of
SELECT isnt_descendent_of('people', 'employees');

-- example: has_inherited_tables
SELECT has_inherited_tables('people');

-- example: hasnt_inherited_tables
SELECT hasnt_inherited_tables('employees');

-- example: is_partitioned
SELECT is_partitioned('events');

-- example: isnt_partitioned
SELECT isnt_partitioned('orders');

-- example: is_partition_of
SELECT is_partition_of('events_2026', 'events');

-- example: partitions_are
SELECT partitions_are('events', ARRAY['events_2026']);

-- example: has_type
SELECT has_type('status');

-- example: hasnt_type
SELECT hasnt_type('colour');

-- example: has_domain
SELECT has_domain('email');

-- example: hasnt_domain
SELECT hasnt_domain('status');

-- example: has_enum
SELECT has_enum('status');

-- example: hasnt_enum
SELECT hasnt_enum('email');

-- example: types_are
SELECT types_are('public', ARRAY['address', 'email', 'status']);

-- example: domains_are
SELECT domains_are('public', ARRAY['email']);

-- example: enums_are
SELECT enums_are('public', ARRAY['status']);

-- example: enum_has_labels
SELECT enum_has_labels('status', ARRAY['open', 'paid', 'shipped']);

-- example: domain_type_is
SELECT domain_type_is('email', 'text');

-- example: domain_type_isnt
SELECT domain_type_isnt('email', 'integer');

-- example: has_operator
SELECT has_operator('text', 'lib', '===', 'text', 'boolean', 'strings can be compared');

-- example: hasnt_operator
SELECT hasnt_operator('text', '~~~', 'text');

-- example: has_leftop
SELECT has_leftop('lib', '!!', 'numeric', 'numeric', 'the absolute value');

-- example: hasnt_leftop
SELECT hasnt_leftop('~~~', 'numeric');

-- example: has_rightop
SELECT todo('PostgreSQL 14 has no postfix operators any more', 1);
SELECT has_rightop('bigint', '!');

-- example: hasnt_rightop
SELECT hasnt_rightop('bigint', '!');

-- example: operators_are
SELECT operators_are('lib', ARRAY['===(text,text) RETURNS boolean',
    '!!(NONE,numeric) RETURNS numeric']);

-- example: opclasses_are
SELECT opclasses_are('lib', ARRAY['text_ops']);

-- example: has_opclass
SELECT has_opclass('lib', 'text_ops', 'text_ops is in lib');

-- example: hasnt_opclass
SELECT hasnt_opclass('no_ops');

-- example: has_cast
SELECT has_cast('integer', 'status');

-- example: hasnt_cast
SELECT hasnt_cast('status', 'integer');

-- example: cast_context_is
SELECT cast_context_is('integer', 'status', 'assignment');

-- example: casts_are
SELECT todo('a database has hundreds of casts of its own', 1);
SELECT casts_are(ARRAY['integer AS status']);

-- example: has_schema
SELECT has_schema('lib');

-- example: hasnt_schema
SELECT hasnt_schema('staging');

-- example: has_language
SELECT has_language('plpgsql');

-- example: hasnt_language
SELECT hasnt_language('plcobol');

-- example: has_tablespace
SELECT has_tablespace('pg_default');

-- example: hasnt_tablespace
SELECT hasnt_tablespace('fast_disks');

-- example: schemas_are
SELECT schemas_are(ARRAY['public', 'lib', 'remote', 'test']);

-- example: tablespaces_are
SELECT tablespaces_are(ARRAY['pg_default', 'pg_global']);

-- example: languages_are
SELECT languages_are(ARRAY['plpgsql']);

-- example: language_is_trusted
SELECT language_is_trusted('plpgsql');

-- example: has_extension
SELECT has_extension('plpgsql');

-- example: hasnt_extension
SELECT hasnt_extension('postgis');

-- example: extensions_are
SELECT extensions_are('pg_catalog', ARRAY['plpgsql']);

-- example: has_role
SELECT has_role('app');

-- example: hasnt_role
SELECT hasnt_role('intern');

-- example: has_user
SELECT has_user('clerk_login');

-- example: hasnt_user
SELECT hasnt_user('intern');

-- example: has_group
SELECT has_group('app');

-- example: hasnt_group
SELECT hasnt_group('interns');

-- example: roles_are
SELECT todo('a server has roles of its own', 1);
SELECT roles_are(ARRAY['app', 'clerk', 'clerk_login']);

-- example: users_are
SELECT todo('a server has a superuser as well', 1);
SELECT users_are(ARRAY['clerk_login']);

-- example: groups_are
SELECT todo('a server has groups of its own', 1);
SELECT groups_are(ARRAY['app', 'clerk']);

-- example: is_superuser
SELECT is_superuser(session_user);

-- example: isnt_superuser
SELECT isnt_superuser('app');

-- example: is_member_of
SELECT is_member_of('app', 'clerk');

-- example: isnt_member_of
SELECT isnt_member_of('clerk', 'app');

-- example: has_column
SELECT has_column('orders', 'total');

-- example: hasnt_column
SELECT hasnt_column('orders', 'discount');

-- example: columns_are
SELECT columns_are('customers', ARRAY['id', 'email', 'name']);

-- example: col_not_null
SELECT col_not_null('orders', 'total');

-- example: col_is_null
SELECT col_is_null('customers', 'name');

-- example: col_has_default
SELECT col_has_default('orders', 'total');

-- example: col_hasnt_default
SELECT col_hasnt_default('orders', 'customer_id');

-- example: col_type_is
SELECT col_type_is('orders', 'total', 'numeric(10,2)');

-- example: col_default_is
SELECT col_default_is('orders', 'state', 'open');

-- example: has_pk
SELECT has_pk('orders');

-- example: hasnt_pk
SELECT hasnt_pk('notes');

-- example: has_fk
SELECT has_fk('orders');

-- example: hasnt_fk
SELECT hasnt_fk('customers');

-- example: has_unique
SELECT has_unique('customers');

-- example: hasnt_unique
SELECT hasnt_unique('orders');

-- example: has_check
SELECT has_check('orders');

-- example: hasnt_check
SELECT hasnt_check('customers');

-- example: col_is_pk
SELECT col_is_pk('orders', 'id');

-- example: col_isnt_pk
SELECT col_isnt_pk('orders', 'customer_id');

-- example: col_is_unique
SELECT col_is_unique('customers', 'email');

-- example: col_has_check
SELECT col_has_check('orders', 'total');

-- example: col_is_fk
SELECT col_is_fk('orders', 'customer_id');

-- example: col_isnt_fk
SELECT col_isnt_fk('orders', 'total');

-- example: fk_ok
SELECT fk_ok('orders', 'customer_id', 'customers', 'id');

-- example: has_index
SELECT has_index('orders', 'orders_customer', ARRAY['customer_id']);

-- example: hasnt_index
SELECT hasnt_index('orders', 'orders_total');

-- example: is_indexed
SELECT is_indexed('orders', 'customer_id');

-- example: index_is_unique
SELECT index_is_unique('customers', 'customers_email_key');

-- example: index_is_primary
SELECT index_is_primary('orders', 'orders_pkey');

-- example: index_is_partial
SELECT index_is_partial('orders', 'orders_open');

-- example: is_clustered
ALTER TABLE orders CLUSTER ON orders_pkey;
SELECT is_clustered('orders', 'orders_pkey');

-- example: index_is_type
SELECT index_is_type('orders', 'orders_customer', 'btree');

-- example: indexes_are
SELECT indexes_are('orders', ARRAY['orders_pkey', 'orders_customer', 'orders_open']);

-- example: has_trigger
SELECT has_trigger('orders', 'orders_audit');

-- example: hasnt_trigger
SELECT hasnt_trigger('customers', 'customers_audit');

-- example: trigger_is
SELECT trigger_is('orders', 'orders_audit', 'note_order');

-- example: triggers_are
SELECT triggers_are('orders', ARRAY['orders_audit', 'orders_round']);

-- example: has_rule
SELECT has_rule('notes', 'notes_kept');

-- example: hasnt_rule
SELECT hasnt_rule('orders', 'orders_kept');

-- example: rule_is_instead
SELECT rule_is_instead('notes', 'notes_kept');

-- example: rule_is_on
SELECT rule_is_on('notes', 'notes_kept', 'DELETE');

-- example: rules_are
SELECT rules_are('notes', ARRAY['notes_kept']);

-- example: has_function
SELECT has_function('tax', ARRAY['numeric']);

-- example: hasnt_function
SELECT hasnt_function('discount');

-- example: can
SELECT can('public', ARRAY['tax', 'customer_count']);

-- example: functions_are
SELECT functions_are('test', ARRAY['test_tax']);

-- example: function_lang_is
SELECT function_lang_is('tax', ARRAY['numeric'], 'sql');

-- example: function_returns
SELECT function_returns('tax', ARRAY['numeric'], 'numeric');

-- example: volatility_is
SELECT volatility_is('tax', ARRAY['numeric'], 'immutable');

-- example: is_normal_function
SELECT is_normal_function('tax');

-- example: isnt_normal_function
SELECT isnt_normal_function('product');

-- example: is_aggregate
SELECT is_aggregate('product');

-- example: isnt_aggregate
SELECT isnt_aggregate('tax');

-- example: is_window
SELECT is_window('pg_catalog', 'row_number', 'a function for windows');

-- example: isnt_window
SELECT isnt_window('tax');

-- example: is_procedure
SELECT is_procedure('archive');

-- example: isnt_procedure
SELECT isnt_procedure('tax');

-- example: is_definer
SELECT is_definer('customer_count');

-- example: isnt_definer
SELECT isnt_definer('tax');

-- example: is_strict
SELECT is_strict('tax');

-- example: isnt_strict
SELECT isnt_strict('customer_count');

-- example: db_owner_is
SELECT db_owner_is(current_database(), session_user);

-- example: schema_owner_is
SELECT schema_owner_is('lib', session_user);

-- example: tablespace_owner_is
SELECT tablespace_owner_is('pg_default', session_user);

-- example: language_owner_is
SELECT language_owner_is('plpgsql', session_user);

-- example: relation_owner_is
SELECT relation_owner_is('open_orders', session_user);

-- example: table_owner_is
SELECT table_owner_is('orders', session_user);

-- example: view_owner_is
SELECT view_owner_is('open_orders', session_user);

-- example: materialized_view_owner_is
SELECT materialized_view_owner_is('totals', session_user);

-- example: sequence_owner_is
SELECT sequence_owner_is('order_id_seq', session_user);

-- example: composite_owner_is
SELECT composite_owner_is('address', session_user);

-- example: foreign_table_owner_is
SELECT foreign_table_owner_is('remote', 'stock', session_user);

-- example: type_owner_is
SELECT type_owner_is('status', session_user);

-- example: opclass_owner_is
SELECT opclass_owner_is('lib', 'text_ops', session_user);

-- example: index_owner_is
SELECT index_owner_is('orders', 'orders_customer', session_user);

-- example: function_owner_is
SELECT function_owner_is('tax', ARRAY['numeric'], session_user);

-- example: database_privs_are
SELECT database_privs_are(current_database(), 'app', ARRAY['CONNECT', 'TEMPORARY']);

-- example: schema_privs_are
SELECT schema_privs_are('public', 'app', ARRAY['USAGE']);

-- example: tablespace_privs_are
SELECT tablespace_privs_are('pg_default', 'app', '{}');

-- example: language_privs_are
SELECT language_privs_are('plpgsql', 'app', ARRAY['USAGE']);

-- example: server_privs_are
SELECT server_privs_are('warehouse', 'app', ARRAY['USAGE']);

-- example: fdw_privs_are
SELECT fdw_privs_are('wrapper', 'app', ARRAY['USAGE']);

-- example: table_privs_are
SELECT table_privs_are('tasks', 'app', ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']);

-- example: sequence_privs_are
SELECT sequence_privs_are('order_id_seq', 'app', ARRAY['USAGE']);

-- example: any_column_privs_are
SELECT any_column_privs_are('customers', 'app', ARRAY['SELECT', 'UPDATE']);

-- example: column_privs_are
SELECT column_privs_are('customers', 'name', 'app', ARRAY['SELECT', 'UPDATE']);

-- example: function_privs_are
SELECT function_privs_are('tax', ARRAY['numeric'], 'app', ARRAY['EXECUTE']);

-- example: policies_are
SELECT policies_are('tasks', ARRAY['own']);

-- example: policy_roles_are
SELECT policy_roles_are('tasks', 'own', ARRAY['app']);

-- example: policy_cmd_is
SELECT policy_cmd_is('tasks', 'own', 'ALL');

-- example: has_rls
SELECT has_rls('tasks');

-- example: rls_is_forced
SELECT rls_is_forced('tasks');

-- example: policy_is
SELECT policy_is('tasks', 'own', '{"command": "ALL", "roles": ["app"], "permissive": true}');

-- example: act_as
SELECT act_as('app', '{"app.user_id": 1}');
SELECT results_eq('SELECT title FROM tasks', ARRAY['buy milk']);
SELECT act_as_owner();

-- example: act_as_owner
SELECT act_as('app');
SELECT is_empty('SELECT FROM tasks', 'nobody sees nothing');
SELECT act_as_owner();

-- example: role_can
SELECT role_can('app', 'DELETE', 'tasks', '{"app.user_id": 1}');
SELECT role_can('app', 'INSERT', 'INSERT INTO tasks VALUES (3, 1)', '{"app.user_id": 1}');

-- example: role_cannot
SELECT role_cannot('app', 'UPDATE', 'UPDATE tasks SET owner = 2', '{"app.user_id": 1}');

-- example: rows_visible_are
SELECT rows_visible_are('app', '{"app.user_id": 1}',
    'SELECT id FROM tasks', 'SELECT id FROM tasks WHERE owner = 1');

-- example: uses_index
SELECT uses_index('SELECT FROM orders WHERE customer_id = 1', 'orders_customer');

-- example: no_seq_scan
SELECT no_seq_scan('SELECT FROM orders WHERE id = 1', 'orders');

-- example: commits_ok
SELECT commits_ok($$ WITH ada AS (
    INSERT INTO customers (email) VALUES ('ada@example.org') RETURNING id
) INSERT INTO orders (customer_id) SELECT id FROM ada $$);

-- example: throws_on_commit
SELECT throws_on_commit('INSERT INTO orders (customer_id) VALUES (42)', '23503');

-- example: sequence_is
SELECT sequence_is('order_id_seq', '{"type": "bigint", "increment": 1, "cycle": false}');

-- example: col_is_identity
SELECT col_is_identity('customers', 'id', 'ALWAYS');

-- example: col_uses_sequence
SELECT col_uses_sequence('orders', 'id', 'order_id_seq');

-- example: sequence_not_behind
SELECT sequence_not_behind('orders', 'id');

-- example: constraint_def_is
SELECT constraint_def_is('orders', 'orders_total_check', 'CHECK ((total >= (0)::numeric))');

-- example: constraint_is_deferrable
SELECT constraint_is_deferrable('orders', 'orders_customer_id_fkey');

-- example: constraint_is_valid
SELECT constraint_is_valid('orders', 'orders_total_check');

-- example: fk_actions_are
SELECT fk_actions_are('orders', 'orders_customer_id_fkey',
    '{"on_delete": "CASCADE", "deferrable": true, "initially": "DEFERRED"}');

-- example: trigger_timing_is
SELECT trigger_timing_is('orders', 'orders_audit', 'AFTER');

-- example: trigger_level_is
SELECT trigger_level_is('orders', 'orders_audit', 'ROW');

-- example: trigger_state_is
SELECT trigger_state_is('orders', 'orders_audit', 'ORIGIN');

-- example: trigger_is_enabled
SELECT trigger_is_enabled('orders', 'orders_audit');

-- example: trigger_events_are
SELECT trigger_events_are('orders', 'orders_audit', ARRAY['INSERT', 'UPDATE OF total']);

-- example: trigger_order_is
SELECT trigger_order_is('orders', 'BEFORE', 'UPDATE', 'ROW', ARRAY['orders_round']);

-- example: trigger_when_is
SELECT trigger_when_is('orders', 'orders_round', 'new.total IS DISTINCT FROM old.total');

-- example: findfuncs
SELECT is(findfuncs('test'::name, '^test'), ARRAY['test.test_tax']);

-- example: diag_test_name
SELECT diag_test_name('test.test_tax');

-- example: do_tap
SELECT do_tap('test'::name, '^test');

-- example: runtests
-- SELECT runtests('test'::name);   -- as a script of its own: it prints the plan as well

-- example: check_test
SELECT * FROM check_test(has_table('invoices'), false, 'has_table() of a missing table',
    'Table invoices should exist');

-- example: finish
SELECT * FROM finish();

ROLLBACK;
