-- Primary, unique, check and foreign keys.
BEGIN;
SELECT plan(270);

CREATE SCHEMA one;
CREATE TABLE public.plain (a int, b text NOT NULL);
CREATE TABLE public.person (
    id int PRIMARY KEY,
    "Nick Name" text UNIQUE,
    first text,
    last text,
    age int CHECK (age > 0),
    UNIQUE (last, first),
    CHECK (first <> last)
);
CREATE TABLE public.pair (b int, a int, PRIMARY KEY (a, b));
CREATE TABLE one.pet (
    id int PRIMARY KEY,
    owner int REFERENCES public.person,
    x int,
    y int,
    FOREIGN KEY (x, y) REFERENCES public.pair (a, b),
    UNIQUE (x),
    CHECK (y > x)
);
CREATE TABLE public.toy (pet int REFERENCES one.pet, owner int REFERENCES person);
CREATE TABLE public.parted (id int PRIMARY KEY) PARTITION BY LIST (id);
CREATE TABLE public.part PARTITION OF parted FOR VALUES IN (1);
CREATE TABLE public.odd (
    a int,
    b int REFERENCES parted,
    CONSTRAINT z FOREIGN KEY (a) REFERENCES person,
    CONSTRAINT y FOREIGN KEY (a) REFERENCES one.pet
);

SELECT * FROM check_test(
    has_pk('person'),
    true,
    'has_pk(person)',
    'Table person should have a primary key',
    ''
);
SELECT * FROM check_test(has_pk('person', 'd'), true, 'has_pk(person, d)', 'd', '');
SELECT * FROM check_test(has_pk('one', 'pet', 'd'), true, 'has_pk(one, pet, d)', 'd', '');
SELECT * FROM check_test(
    has_pk('plain'),
    false,
    'has_pk(plain)',
    'Table plain should have a primary key',
    ''
);
SELECT * FROM check_test(has_pk('one', 'nope', 'd'), false, 'has_pk(one, nope, d)', 'd', '');
SELECT * FROM check_test(
    hasnt_pk('plain'),
    true,
    'hasnt_pk(plain)',
    'Table plain should not have a primary key',
    ''
);
SELECT * FROM check_test(hasnt_pk('plain', 'd'), true, 'hasnt_pk(plain, d)', 'd', '');
SELECT * FROM check_test(hasnt_pk('one', 'nope', 'd'), true, 'hasnt_pk(one, nope, d)', 'd', '');
SELECT * FROM check_test(
    hasnt_pk('person'),
    false,
    'hasnt_pk(person)',
    'Table person should not have a primary key',
    ''
);
SELECT * FROM check_test(
    has_fk('toy'),
    true,
    'has_fk(toy)',
    'Table toy should have a foreign key constraint',
    ''
);
SELECT * FROM check_test(has_fk('toy', 'd'), true, 'has_fk(toy, d)', 'd', '');
SELECT * FROM check_test(has_fk('one', 'pet', 'd'), true, 'has_fk(one, pet, d)', 'd', '');
SELECT * FROM check_test(
    has_fk('person'),
    false,
    'has_fk(person)',
    'Table person should have a foreign key constraint',
    ''
);
SELECT * FROM check_test(
    hasnt_fk('person'),
    true,
    'hasnt_fk(person)',
    'Table person should not have a foreign key constraint',
    ''
);
SELECT * FROM check_test(hasnt_fk('person', 'd'), true, 'hasnt_fk(person, d)', 'd', '');
SELECT * FROM check_test(
    hasnt_fk('public', 'person', 'd'),
    true,
    'hasnt_fk(public, person, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    hasnt_fk('toy'),
    false,
    'hasnt_fk(toy)',
    'Table toy should not have a foreign key constraint',
    ''
);
SELECT * FROM check_test(
    has_unique('person'),
    true,
    'has_unique(person)',
    'Table person should have a unique constraint',
    ''
);
SELECT * FROM check_test(has_unique('person', 'd'), true, 'has_unique(person, d)', 'd', '');
SELECT * FROM check_test(has_unique('one', 'pet', 'd'), true, 'has_unique(one, pet, d)', 'd', '');
SELECT * FROM check_test(
    has_unique('plain'),
    false,
    'has_unique(plain)',
    'Table plain should have a unique constraint',
    ''
);
SELECT * FROM check_test(
    has_check('person'),
    true,
    'has_check(person)',
    'Table person should have a check constraint',
    ''
);
SELECT * FROM check_test(has_check('person', 'd'), true, 'has_check(person, d)', 'd', '');
SELECT * FROM check_test(has_check('one', 'pet', 'd'), true, 'has_check(one, pet, d)', 'd', '');
SELECT * FROM check_test(
    has_check('plain'),
    false,
    'has_check(plain)',
    'Table plain should have a check constraint',
    ''
);
SELECT * FROM check_test(
    col_is_pk('person', 'id'),
    true,
    'col_is_pk(person, id)',
    'Column person(id) should be a primary key',
    ''
);
SELECT * FROM check_test(col_is_pk('person', 'id', 'd'), true, 'col_is_pk(person, id, d)', 'd', '');
SELECT * FROM check_test(
    col_is_pk('one', 'pet', 'id', 'd'),
    true,
    'col_is_pk(one, pet, id, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_is_pk('pair', ARRAY['a', 'b']),
    true,
    'col_is_pk(pair, ARRAY[a, b])',
    'Columns pair(a, b) should be a primary key',
    ''
);
SELECT * FROM check_test(
    col_is_pk('pair', ARRAY['a', 'b'], 'd'),
    true,
    'col_is_pk(pair, ARRAY[a, b], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_is_pk('public', 'pair', ARRAY['a', 'b'], 'd'),
    true,
    'col_is_pk(public, pair, ARRAY[a, b], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_is_pk('pair', ARRAY['b', 'a']),
    false,
    'col_is_pk(pair, ARRAY[b, a])',
    'Columns pair(b, a) should be a primary key',
    E'        have: {a,b}\n        want: {b,a}'
);
SELECT * FROM check_test(
    col_is_pk('person', 'Nick Name'),
    false,
    'col_is_pk(person, Nick Name)',
    'Column person("Nick Name") should be a primary key',
    E'        have: {id}\n        want: {"Nick Name"}'
);
SELECT * FROM check_test(
    col_is_pk('plain', 'a'),
    false,
    'col_is_pk(plain, a)',
    'Column plain(a) should be a primary key',
    E'        have: NULL\n        want: {a}'
);
SELECT * FROM check_test(
    col_is_pk('one', 'pet', ARRAY['x', 'y'], 'd'),
    false,
    'col_is_pk(one, pet, ARRAY[x, y], d)',
    'd',
    E'        have: {id}\n        want: {x,y}'
);
SELECT * FROM check_test(
    col_isnt_pk('person', 'age'),
    true,
    'col_isnt_pk(person, age)',
    'Column person(age) should not be a primary key',
    ''
);
SELECT * FROM check_test(
    col_isnt_pk('person', 'age', 'd'),
    true,
    'col_isnt_pk(person, age, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_isnt_pk('one', 'pet', 'x', 'd'),
    true,
    'col_isnt_pk(one, pet, x, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_isnt_pk('pair', ARRAY['b', 'a']),
    true,
    'col_isnt_pk(pair, ARRAY[b, a])',
    'Columns pair(b, a) should not be a primary key',
    ''
);
SELECT * FROM check_test(
    col_isnt_pk('pair', ARRAY['b', 'a'], 'd'),
    true,
    'col_isnt_pk(pair, ARRAY[b, a], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_isnt_pk('public', 'pair', ARRAY['b'], 'd'),
    true,
    'col_isnt_pk(public, pair, ARRAY[b], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_isnt_pk('person', 'id'),
    false,
    'col_isnt_pk(person, id)',
    'Column person(id) should not be a primary key',
    E'        have: {id}\n        want: anything else'
);
SELECT * FROM check_test(
    col_isnt_pk('pair', ARRAY['a', 'b']),
    false,
    'col_isnt_pk(pair, ARRAY[a, b])',
    'Columns pair(a, b) should not be a primary key',
    E'        have: {a,b}\n        want: anything else'
);
SELECT * FROM check_test(
    col_is_unique('person', 'Nick Name'),
    true,
    'col_is_unique(person, Nick Name)',
    'Column person("Nick Name") should have a unique constraint',
    ''
);
SELECT * FROM check_test(
    col_is_unique('person', 'Nick Name', 'd'),
    true,
    'col_is_unique(person, Nick Name, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_is_unique('one', 'pet', 'x', 'd'),
    true,
    'col_is_unique(one, pet, x, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_is_unique('one'::name, 'pet'::name, 'x'::name),
    true,
    'col_is_unique(one::name, pet::name, x::name)',
    'Column pet(x) should have a unique constraint',
    ''
);
SELECT * FROM check_test(
    col_is_unique('person', ARRAY['last', 'first']),
    true,
    'col_is_unique(person, ARRAY[last, first])',
    'Columns person(last, first) should have a unique constraint',
    ''
);
SELECT * FROM check_test(
    col_is_unique('person', ARRAY['last', 'first'], 'd'),
    true,
    'col_is_unique(person, ARRAY[last, first], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_is_unique('public', 'person', ARRAY['last', 'first']),
    true,
    'col_is_unique(public, person, ARRAY[last, first])',
    'Columns person(last, first) should have a unique constraint',
    ''
);
SELECT * FROM check_test(
    col_is_unique('public', 'person', ARRAY['last', 'first'], 'd'),
    true,
    'col_is_unique(public, person, ARRAY[last, first], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_is_unique('person', ARRAY['first', 'last']),
    false,
    'col_is_unique(person, ARRAY[first, last])',
    'Columns person(first, last) should have a unique constraint',
    E'        have: {"Nick Name"}\n              {last,first}\n        want: {first,last}'
);
SELECT * FROM check_test(
    col_is_unique('plain', 'a'),
    false,
    'col_is_unique(plain, a)',
    'Column plain(a) should have a unique constraint',
    E'        have: \n        want: {a}'
);
SELECT * FROM check_test(
    col_has_check('person', 'age'),
    true,
    'col_has_check(person, age)',
    'Column person(age) should have a check constraint',
    ''
);
SELECT * FROM check_test(
    col_has_check('person', 'age', 'd'),
    true,
    'col_has_check(person, age, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_has_check('one', 'pet', ARRAY['y', 'x'], 'd'),
    true,
    'col_has_check(one, pet, ARRAY[y, x], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_has_check('person', ARRAY['first', 'last']),
    true,
    'col_has_check(person, ARRAY[first, last])',
    'Columns person(first, last) should have a check constraint',
    ''
);
SELECT * FROM check_test(
    col_has_check('person', ARRAY['first', 'last'], 'd'),
    true,
    'col_has_check(person, ARRAY[first, last], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_has_check('public', 'person', 'age', 'd'),
    true,
    'col_has_check(public, person, age, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_has_check('person', 'id'),
    false,
    'col_has_check(person, id)',
    'Column person(id) should have a check constraint',
    E'        have: {age}\n              {first,last}\n        want: {id}'
);
SELECT * FROM check_test(
    col_has_check('plain', 'b'),
    false,
    'col_has_check(plain, b)',
    'Column plain(b) should have a check constraint',
    E'        have: \n        want: {b}'
);
SELECT * FROM check_test(
    col_is_fk('toy', 'pet'),
    true,
    'col_is_fk(toy, pet)',
    'Column toy(pet) should be a foreign key',
    ''
);
SELECT * FROM check_test(col_is_fk('toy', 'pet', 'd'), true, 'col_is_fk(toy, pet, d)', 'd', '');
SELECT * FROM check_test(
    col_is_fk('one', 'pet', 'owner', 'd'),
    true,
    'col_is_fk(one, pet, owner, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_is_fk('one', 'pet', ARRAY['x', 'y'], 'd'),
    true,
    'col_is_fk(one, pet, ARRAY[x, y], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_is_fk('toy', ARRAY['owner']),
    true,
    'col_is_fk(toy, ARRAY[owner])',
    'Columns toy(owner) should be a foreign key',
    ''
);
SELECT * FROM check_test(
    col_is_fk('toy', ARRAY['owner'], 'd'),
    true,
    'col_is_fk(toy, ARRAY[owner], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_is_fk('one', 'pet', ARRAY['y', 'x'], 'd'),
    false,
    'col_is_fk(one, pet, ARRAY[y, x], d)',
    'd',
    E'    Table one.pet has foreign key constraints on these columns:\n        owner\n        x, y'
);
SELECT * FROM check_test(
    col_is_fk('toy', 'nope'),
    false,
    'col_is_fk(toy, nope)',
    'Column toy(nope) should be a foreign key',
    E'    Table toy has foreign key constraints on these columns:\n        owner\n        pet'
);
SELECT * FROM check_test(
    col_is_fk('person', 'id'),
    false,
    'col_is_fk(person, id)',
    'Column person(id) should be a foreign key',
    '    Table person has no foreign key columns'
);
SELECT * FROM check_test(
    col_isnt_fk('person', 'id'),
    true,
    'col_isnt_fk(person, id)',
    'Column person(id) should not be a foreign key',
    ''
);
SELECT * FROM check_test(
    col_isnt_fk('person', 'id', 'd'),
    true,
    'col_isnt_fk(person, id, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_isnt_fk('one', 'pet', 'x', 'd'),
    true,
    'col_isnt_fk(one, pet, x, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_isnt_fk('one', 'pet', ARRAY['y', 'x'], 'd'),
    true,
    'col_isnt_fk(one, pet, ARRAY[y, x], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_isnt_fk('toy', ARRAY['nope']),
    true,
    'col_isnt_fk(toy, ARRAY[nope])',
    'Columns toy(nope) should not be a foreign key',
    ''
);
SELECT * FROM check_test(
    col_isnt_fk('toy', ARRAY['nope'], 'd'),
    true,
    'col_isnt_fk(toy, ARRAY[nope], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    col_isnt_fk('toy', 'pet'),
    false,
    'col_isnt_fk(toy, pet)',
    'Column toy(pet) should not be a foreign key',
    ''
);
SELECT * FROM check_test(
    fk_ok('toy', 'owner', 'person', 'id'),
    true,
    'fk_ok(toy, owner, person, id)',
    'toy(owner) should reference person(id)',
    ''
);
SELECT * FROM check_test(
    fk_ok('toy', 'owner', 'person', 'id', 'd'),
    true,
    'fk_ok(toy, owner, person, id, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    fk_ok('toy', ARRAY['owner'], 'person', ARRAY['id']),
    true,
    'fk_ok(toy, ARRAY[owner], person, ARRAY[id])',
    'toy(owner) should reference person(id)',
    ''
);
SELECT * FROM check_test(
    fk_ok('toy', ARRAY['owner'], 'person', ARRAY['id'], 'd'),
    true,
    'fk_ok(toy, ARRAY[owner], person, ARRAY[id], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    fk_ok('one', 'pet', 'owner', 'public', 'person', 'id'),
    true,
    'fk_ok(one, pet, owner, public, person, id)',
    'one.pet(owner) should reference public.person(id)',
    ''
);
SELECT * FROM check_test(
    fk_ok('one', 'pet', 'owner', 'public', 'person', 'id', 'd'),
    true,
    'fk_ok(one, pet, owner, public, person, id, d)',
    'd',
    ''
);
SELECT * FROM check_test(
    fk_ok('one', 'pet', ARRAY['x', 'y'], 'public', 'pair', ARRAY['a', 'b']),
    true,
    'fk_ok(one, pet, ARRAY[x, y], public, pair, ARRAY[a, b])',
    'one.pet(x, y) should reference public.pair(a, b)',
    ''
);
SELECT * FROM check_test(
    fk_ok('one', 'pet', ARRAY['x', 'y'], 'public', 'pair', ARRAY['a', 'b'], 'd'),
    true,
    'fk_ok(one, pet, ARRAY[x, y], public, pair, ARRAY[a, b], d)',
    'd',
    ''
);
SELECT * FROM check_test(
    fk_ok('toy', 'owner', 'person', 'Nick Name'),
    false,
    'fk_ok(toy, owner, person, Nick Name)',
    'toy(owner) should reference person("Nick Name")',
    E'        have: toy(owner) REFERENCES person(id)\n        want: toy(owner) REFERENCES person("Nick Name")'
);
SELECT * FROM check_test(
    fk_ok('one', 'pet', ARRAY['x', 'y'], 'public', 'pair', ARRAY['b', 'a']),
    false,
    'fk_ok(one, pet, ARRAY[x, y], public, pair, ARRAY[b, a])',
    'one.pet(x, y) should reference public.pair(b, a)',
    E'        have: one.pet(x, y) REFERENCES public.pair(a, b)\n        want: one.pet(x, y) REFERENCES public.pair(b, a)'
);
SELECT * FROM check_test(
    fk_ok('one', 'pet', 'x', 'public', 'pair', 'a'),
    false,
    'fk_ok(one, pet, x, public, pair, a)',
    'one.pet(x) should reference public.pair(a)',
    E'        have: one.pet(x) REFERENCES NOTHING\n        want: one.pet(x) REFERENCES public.pair(a)'
);
SELECT * FROM check_test(
    fk_ok('odd', 'a', 'person', 'id'),
    true,
    'fk_ok(odd, a, person, id)',
    'odd(a) should reference person(id)',
    ''
);
SELECT * FROM check_test(
    fk_ok('odd', 'a', 'pet', 'id'),
    false,
    'fk_ok(odd, a, pet, id)',
    'odd(a) should reference pet(id)',
    E'        have: odd(a) REFERENCES person(id)\n        want: odd(a) REFERENCES pet(id)'
);

SELECT * FROM finish();
ROLLBACK;
