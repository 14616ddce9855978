-- Indexes.
BEGIN;
SELECT plan(216);

CREATE SCHEMA one;
CREATE TABLE public.t (id int PRIMARY KEY, name text, "Odd" text, n int UNIQUE);
CREATE INDEX t_name ON t (name);
CREATE INDEX t_multi ON t (n, lower(name), "Odd");
CREATE INDEX t_plus ON t ((n + 1));
CREATE INDEX "T Hash" ON t USING hash (n);
CLUSTER t USING t_name;
CREATE TABLE public.bare (a int);
CREATE TABLE one.far (id int PRIMARY KEY, a int);
CREATE INDEX far_a ON one.far (a);

SELECT * FROM check_test(
    has_index('t', 't_name'),
    true,
    'has_index(t, t_name)',
    'Index t_name should exist',
    ''
);
SELECT * FROM check_test(has_index('t', 't_name', 'd'), true, 'has_index(t, t_name, d)', 'd', '');
SELECT * FROM check_test(
    has_index('one', 'far', 'far_a'::name),
    true,
    'has_index(one, far, far_a::name)',
    'Index far_a should exist',
    ''
);
SELECT * FROM check_test(
    has_index('one', 'far', 'far_a', 'd'),
    true,
    'has_index(one, far, far_a, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    has_index('t', 't_name', 'name'::name),
    true,
    'has_index(t, t_name, name::name)',
    'Index t_name should exist',
    ''
);
SELECT * FROM check_test(
    has_index('t', 't_name', 'name'::name, 'd'),
    true,
    'has_index(t, t_name, name::name, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    has_index('one'::name, 'far'::name, 'far_a'::name, 'a'::name),
    true,
    'has_index(one::name, far::name, far_a::name, a::name)',
    'Index far_a should exist',
    ''
);
SELECT * FROM check_test(
    has_index('one', 'far', 'far_a', 'a', 'd'),
    true,
    'has_index(one, far, far_a, a, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    has_index('t', 't_multi', ARRAY['n', 'lower(name)', '"Odd"']),
    true,
    'has_index(t, t_multi, ARRAY[n, lower(name), Odd])',
    'Index t_multi should exist',
    ''
);
SELECT * FROM check_test(
    has_index('t', 't_multi', ARRAY['n', 'lower(name)', '"Odd"'], 'd'),
    true,
    'has_index(t, t_multi, ARRAY[n, lower(name), Odd], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    has_index('one', 'far', 'far_a', ARRAY['a']),
    true,
    'has_index(one, far, far_a, ARRAY[a])',
    'Index far_a should exist',
    ''
);
SELECT * FROM check_test(
    has_index('one', 'far', 'far_a', ARRAY['a'], 'd'),
    true,
    'has_index(one, far, far_a, ARRAY[a], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    has_index('t', 't_plus', '((n + 1))'::name),
    true,
    'has_index(t, t_plus, ((n + 1))::name)',
    'Index t_plus should exist',
    ''
);
SELECT * FROM check_test(
    has_index('t', 'nope'),
    false,
    'has_index(t, nope)',
    'Index nope should exist',
    ''
);
SELECT * FROM check_test(
    has_index('t', 'No Pe', 'name'::name),
    false,
    'has_index(t, No Pe, name::name)',
    'Index "No Pe" should exist',
    'Index "No Pe" ON t not found'
);
SELECT * FROM check_test(
    has_index('bare', 't_name'),
    false,
    'has_index(bare, t_name)',
    'Index t_name should exist',
    ''
);
SELECT * FROM check_test(
    has_index('t', 't_name', 'n'::name),
    false,
    'has_index(t, t_name, n::name)',
    'Index t_name should exist',
    E'        have: t_name ON t(name)\n        want: t_name ON t(n)'
);
SELECT * FROM check_test(
    has_index('t', 't_multi', ARRAY['lower(name)', 'n']),
    false,
    'has_index(t, t_multi, ARRAY[lower(name), n])',
    'Index t_multi should exist',
    E'        have: t_multi ON t(n, lower(name), "Odd")\n        want: t_multi ON t(lower(name), n)'
);
SELECT * FROM check_test(
    has_index('one', 'far', 'far_a', ARRAY['id']),
    false,
    'has_index(one, far, far_a, ARRAY[id])',
    'Index far_a should exist',
    E'        have: far_a ON one.far(a)\n        want: far_a ON one.far(id)'
);
SELECT * FROM check_test(
    has_index('one', 'far', 'nope', ARRAY['id'], 'd'),
    false,
    'has_index(one, far, nope, ARRAY[id], d)',
    'd',
    'Index nope ON one.far not found'
);
SELECT * FROM check_test(
    hasnt_index('t', 'nope'),
    true,
    'hasnt_index(t, nope)',
    'Index nope should not exist',
    ''
);
SELECT * FROM check_test(hasnt_index('t', 'nope', 'd'), true, 'hasnt_index(t, nope, d)', 'd', '');
SELECT * FROM check_test(
    hasnt_index('one', 'far', 't_name'::name),
    true,
    'hasnt_index(one, far, t_name::name)',
    'Index t_name should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_index('one', 'far', 't_name', 'd'),
    true,
    'hasnt_index(one, far, t_name, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    hasnt_index('t', 't_name'),
    false,
    'hasnt_index(t, t_name)',
    'Index t_name should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_index('one', 'far', 'far_a', 'd'),
    false,
    'hasnt_index(one, far, far_a, d)',
    'd',
    ''
);
SELECT * FROM check_test(is_indexed('t', 'name'), true, 'is_indexed(t, name)', '', '');
SELECT * FROM check_test(is_indexed('t', 'nope'), false, 'is_indexed(t, nope)', '', '');
SELECT * FROM check_test(
    is_indexed('one', 'far', 'a'::name),
    true,
    'is_indexed(one, far, a::name)',
    'Should have an index on one.far(a)',
    ''
);
SELECT * FROM check_test(
    is_indexed('one', 'far', 'a', 'd'),
    true,
    'is_indexed(one, far, a, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    is_indexed('t', ARRAY['n', 'lower(name)', '"Odd"']),
    true,
    'is_indexed(t, ARRAY[n, lower(name), Odd])',
    'Should have an index on t(n, lower(name), "Odd")',
    ''
);
SELECT * FROM check_test(
    is_indexed('t', ARRAY['n', 'lower(name)', '"Odd"'], 'd'),
    true,
    'is_indexed(t, ARRAY[n, lower(name), Odd], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    is_indexed('one', 'far', ARRAY['a']),
    true,
    'is_indexed(one, far, ARRAY[a])',
    'Should have an index on one.far(a)',
    ''
);
SELECT * FROM check_test(
    is_indexed('one', 'far', ARRAY['a'], 'd'),
    true,
    'is_indexed(one, far, ARRAY[a], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    is_indexed('t', 'name'::name, 'as a description'::name),
    true,
    'is_indexed(t, name::name, as a description::name)',
    'as a description',
    ''
);
SELECT * FROM check_test(
    is_indexed('t', ARRAY['lower(name)', 'n']),
    false,
    'is_indexed(t, ARRAY[lower(name), n])',
    'Should have an index on t(lower(name), n)',
    ''
);
SELECT * FROM check_test(
    is_indexed('one', 'far', ARRAY['a', 'id']),
    false,
    'is_indexed(one, far, ARRAY[a, id])',
    'Should have an index on one.far(a, id)',
    ''
);
SELECT * FROM check_test(
    index_is_unique('t_pkey'),
    true,
    'index_is_unique(t_pkey)',
    'Index t_pkey should be unique',
    ''
);
SELECT * FROM check_test(
    index_is_unique('t', 't_pkey'),
    true,
    'index_is_unique(t, t_pkey)',
    'Index t_pkey should be unique',
    ''
);
SELECT * FROM check_test(
    index_is_unique('one', 'far', 'far_pkey'),
    true,
    'index_is_unique(one, far, far_pkey)',
    'Index far_pkey should be unique',
    ''
);
SELECT * FROM check_test(
    index_is_unique('one', 'far', 'far_pkey', 'd'),
    true,
    'index_is_unique(one, far, far_pkey, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    index_is_unique('t_name'),
    false,
    'index_is_unique(t_name)',
    'Index t_name should be unique',
    ''
);
SELECT * FROM check_test(
    index_is_unique('far_pkey'),
    false,
    'index_is_unique(far_pkey)',
    'Index far_pkey should be unique',
    ''
);
SELECT * FROM check_test(
    index_is_unique('bare', 't_pkey'),
    false,
    'index_is_unique(bare, t_pkey)',
    'Index t_pkey should be unique',
    ''
);
SELECT * FROM check_test(
    index_is_unique('one', 'far', 'far_a', 'd'),
    false,
    'index_is_unique(one, far, far_a, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    index_is_primary('t_pkey'),
    true,
    'index_is_primary(t_pkey)',
    'Index t_pkey should be on a primary key',
    ''
);
SELECT * FROM check_test(
    index_is_primary('t', 't_pkey'),
    true,
    'index_is_primary(t, t_pkey)',
    'Index t_pkey should be on a primary key',
    ''
);
SELECT * FROM check_test(
    index_is_primary('one', 'far', 'far_pkey'),
    true,
    'index_is_primary(one, far, far_pkey)',
    'Index far_pkey should be on a primary key',
    ''
);
SELECT * FROM check_test(
    index_is_primary('one', 'far', 'far_pkey', 'd'),
    true,
    'index_is_primary(one, far, far_pkey, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    index_is_primary('t_n_key'),
    false,
    'index_is_primary(t_n_key)',
    'Index t_n_key should be on a primary key',
    ''
);
SELECT * FROM check_test(
    index_is_primary('t', 't_n_key'),
    false,
    'index_is_primary(t, t_n_key)',
    'Index t_n_key should be on a primary key',
    ''
);
SELECT * FROM check_test(
    index_is_primary('one', 'far', 'far_a'),
    false,
    'index_is_primary(one, far, far_a)',
    'Index far_a should be on a primary key',
    ''
);
SELECT * FROM check_test(
    is_clustered('t_name'),
    true,
    'is_clustered(t_name)',
    'Table should be clustered on index t_name',
    ''
);
SELECT * FROM check_test(
    is_clustered('t', 't_name'),
    true,
    'is_clustered(t, t_name)',
    'Table t should be clustered on index t_name',
    ''
);
SELECT * FROM check_test(
    is_clustered('public', 't', 't_name'),
    true,
    'is_clustered(public, t, t_name)',
    'Table public.t should be clustered on index t_name',
    ''
);
SELECT * FROM check_test(
    is_clustered('public', 't', 't_name', 'd'),
    true,
    'is_clustered(public, t, t_name, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    is_clustered('t_pkey'),
    false,
    'is_clustered(t_pkey)',
    'Table should be clustered on index t_pkey',
    ''
);
SELECT * FROM check_test(
    is_clustered('t', 't_pkey'),
    false,
    'is_clustered(t, t_pkey)',
    'Table t should be clustered on index t_pkey',
    ''
);
SELECT * FROM check_test(
    is_clustered('one', 'far', 'far_pkey'),
    false,
    'is_clustered(one, far, far_pkey)',
    'Table one.far should be clustered on index far_pkey',
    ''
);
SELECT * FROM check_test(
    index_is_type('t_name', 'btree'),
    true,
    'index_is_type(t_name, btree)',
    'Index t_name should be a btree index',
    ''
);
SELECT * FROM check_test(
    index_is_type('t', 'T Hash', 'hash'),
    true,
    'index_is_type(t, T Hash, hash)',
    'Index "T Hash" should be a hash index',
    ''
);
SELECT * FROM check_test(
    index_is_type('one', 'far', 'far_a', 'btree'),
    true,
    'index_is_type(one, far, far_a, btree)',
    'Index far_a should be a btree index',
    ''
);
SELECT * FROM check_test(
    index_is_type('one', 'far', 'far_a', 'btree', 'd'),
    true,
    'index_is_type(one, far, far_a, btree, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    index_is_type('t_name', 'gin'),
    false,
    'index_is_type(t_name, gin)',
    'Index t_name should be a gin index',
    E'        have: btree\n        want: gin'
);
SELECT * FROM check_test(
    index_is_type('t', 'T Hash', 'btree'),
    false,
    'index_is_type(t, T Hash, btree)',
    'Index "T Hash" should be a btree index',
    E'        have: hash\n        want: btree'
);
SELECT * FROM check_test(
    index_is_type('one', 'far', 'nope', 'btree', 'd'),
    false,
    'index_is_type(one, far, nope, btree, d)',
    'd',
    E'        have: NULL\n        want: btree'
);
SELECT * FROM check_test(
    indexes_are('one', 'far', ARRAY['far_a', 'far_pkey']),
    true,
    'indexes_are(one, far, ARRAY[far_a, far_pkey])',
    'Table one.far should have the correct indexes',
    ''
);
SELECT * FROM check_test(
    indexes_are('one', 'far', ARRAY['far_a', 'far_pkey'], 'd'),
    true,
    'indexes_are(one, far, ARRAY[far_a, far_pkey], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    indexes_are('t', ARRAY['t_name', 't_pkey', 't_n_key', 't_multi', 't_plus', 'T Hash']),
    true,
    'indexes_are(t, ARRAY[t_name, t_pkey, t_n_key, t_multi, t_...',
    'Table t should have the correct indexes',
    ''
);
SELECT * FROM check_test(
    indexes_are('bare', ARRAY[]::name[], 'd'),
    true,
    'indexes_are(bare, ARRAY[]::name[], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    indexes_are('t', ARRAY['t_name', 't_pkey', 't_multi', 'zz']),
    false,
    'indexes_are(t, ARRAY[t_name, t_pkey, t_multi, zz])',
    'Table t should have the correct indexes',
    E'    Extra indexes:\n        "T Hash"\n        t_n_key\n        t_plus\n    Missing indexes:\n        zz'
);
SELECT * FROM check_test(
    indexes_are('one', 'far', ARRAY['far_b', 'far_a'], 'd'),
    false,
    'indexes_are(one, far, ARRAY[far_b, far_a], d)',
    'd',
    E'    Extra indexes:\n        far_pkey\n    Missing indexes:\n        far_b'
);

SELECT * FROM finish();
ROLLBACK;
