-- Inheritance and partitions.
BEGIN;
SELECT plan(276);

CREATE SCHEMA one;
CREATE TABLE public.grandparent (id int);
CREATE TABLE public.parent () INHERITS (grandparent);
CREATE TABLE one.child () INHERITS (public.parent);
CREATE TABLE one.grandchild () INHERITS (one.child);
CREATE TABLE public.stranger (id int);
CREATE TABLE public.parted (id int) PARTITION BY LIST (id);
CREATE TABLE public.part PARTITION OF parted FOR VALUES IN (1);
CREATE TABLE one."Part 2" PARTITION OF parted FOR VALUES IN (2) PARTITION BY LIST (id);
CREATE TABLE one.part PARTITION OF one."Part 2" FOR VALUES IN (2);
CREATE TABLE public.was_part PARTITION OF parted FOR VALUES IN (3);
ALTER TABLE parted DETACH PARTITION was_part;

SELECT * FROM check_test(
    has_inherited_tables('parent'),
    true,
    $$has_inherited_tables('parent')$$,
    'Table parent should have descendents',
    ''
);
SELECT * FROM check_test(
    has_inherited_tables('stranger'),
    false,
    $$has_inherited_tables('stranger')$$,
    'Table stranger should have descendents',
    ''
);
SELECT * FROM check_test(
    has_inherited_tables('parted'),
    false,
    $$has_inherited_tables('parted')$$,
    'Table parted should have descendents',
    ''
);
SELECT * FROM check_test(
    has_inherited_tables('one', 'child'::name),
    true,
    $$has_inherited_tables('one', 'child'::name)$$,
    'Table one.child should have descendents',
    ''
);
SELECT * FROM check_test(
    has_inherited_tables('one', 'grandchild'::name),
    false,
    $$has_inherited_tables('one', 'grandchild'::name)$$,
    'Table one.grandchild should have descendents',
    ''
);
SELECT * FROM check_test(
    has_inherited_tables('parent', 'here'),
    true,
    $$has_inherited_tables('parent', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    has_inherited_tables('one', 'parent', 'not there'),
    false,
    $$has_inherited_tables('one', 'parent', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    hasnt_inherited_tables('parent'),
    false,
    $$hasnt_inherited_tables('parent')$$,
    'Table parent should not have descendents',
    ''
);
SELECT * FROM check_test(
    hasnt_inherited_tables('stranger'),
    true,
    $$hasnt_inherited_tables('stranger')$$,
    'Table stranger should not have descendents',
    ''
);
SELECT * FROM check_test(
    hasnt_inherited_tables('one', 'child'::name),
    false,
    $$hasnt_inherited_tables('one', 'child'::name)$$,
    'Table one.child should not have descendents',
    ''
);
SELECT * FROM check_test(
    hasnt_inherited_tables('one', 'grandchild'::name),
    true,
    $$hasnt_inherited_tables('one', 'grandchild'::name)$$,
    'Table one.grandchild should not have descendents',
    ''
);
SELECT * FROM check_test(
    hasnt_inherited_tables('parent', 'here'),
    false,
    $$hasnt_inherited_tables('parent', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    hasnt_inherited_tables('one', 'parent', 'not there'),
    true,
    $$hasnt_inherited_tables('one', 'parent', 'not there')$$,
    'not there',
    ''
);

SELECT * FROM check_test(
    is_ancestor_of('grandparent', 'parent'),
    true,
    $$is_ancestor_of('grandparent', 'parent')$$,
    'Table grandparent should be an ancestor of parent',
    ''
);
SELECT * FROM check_test(
    is_ancestor_of('parent', 'grandparent'),
    false,
    $$is_ancestor_of('parent', 'grandparent')$$,
    'Table parent should be an ancestor of grandparent',
    ''
);
SELECT * FROM check_test(
    is_ancestor_of('grandparent', 'child'),
    false,
    $$is_ancestor_of('grandparent', 'child')$$,
    'Table grandparent should be an ancestor of child',
    ''
);
SELECT * FROM check_test(
    is_ancestor_of('grandparent', 'parent', 1),
    true,
    $$is_ancestor_of('grandparent', 'parent', 1)$$,
    'Table grandparent should be ancestor 1 of parent',
    ''
);
SELECT * FROM check_test(
    is_ancestor_of('grandparent', 'parent', 2),
    false,
    $$is_ancestor_of('grandparent', 'parent', 2)$$,
    'Table grandparent should be ancestor 2 of parent',
    ''
);
SELECT * FROM check_test(
    is_ancestor_of('grandparent', 'parent', 'here'),
    true,
    $$is_ancestor_of('grandparent', 'parent', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    is_ancestor_of('grandparent', 'parent', 2, 'not at two'),
    false,
    $$is_ancestor_of('grandparent', 'parent', 2, 'not at two')$$,
    'not at two',
    ''
);
SELECT * FROM check_test(
    is_ancestor_of('public', 'grandparent', 'one', 'child'::name),
    true,
    $$is_ancestor_of('public', 'grandparent', 'one', 'child'::name)$$,
    'Table public.grandparent should be an ancestor of one.child',
    ''
);
SELECT * FROM check_test(
    is_ancestor_of('public', 'grandparent', 'public', 'child'::name),
    false,
    $$is_ancestor_of('public', 'grandparent', 'public', 'child'::name)$$,
    'Table public.grandparent should be an ancestor of public.child',
    ''
);
SELECT * FROM check_test(
    is_ancestor_of('public', 'grandparent', 'one', 'child', 2),
    true,
    $$is_ancestor_of('public', 'grandparent', 'one', 'child', 2)$$,
    'Table public.grandparent should be ancestor 2 for one.child',
    ''
);
SELECT * FROM check_test(
    is_ancestor_of('public', 'grandparent', 'one', 'child', 1),
    false,
    $$is_ancestor_of('public', 'grandparent', 'one', 'child', 1)$$,
    'Table public.grandparent should be ancestor 1 for one.child',
    ''
);
SELECT * FROM check_test(
    is_ancestor_of('public', 'parted', 'one', 'part', 'partitions inherit'),
    true,
    $$is_ancestor_of('public', 'parted', 'one', 'part', 'partitions inherit')$$,
    'partitions inherit',
    ''
);
SELECT * FROM check_test(
    is_ancestor_of('public', 'parted', 'one', 'part', 1, 'over two generations'),
    false,
    $$is_ancestor_of('public', 'parted', 'one', 'part', 1, 'over two generations')$$,
    'over two generations',
    ''
);
SELECT * FROM check_test(
    isnt_ancestor_of('grandparent', 'parent'),
    false,
    $$isnt_ancestor_of('grandparent', 'parent')$$,
    'Table grandparent should not be an ancestor of parent',
    ''
);
SELECT * FROM check_test(
    isnt_ancestor_of('parent', 'grandparent'),
    true,
    $$isnt_ancestor_of('parent', 'grandparent')$$,
    'Table parent should not be an ancestor of grandparent',
    ''
);
SELECT * FROM check_test(
    isnt_ancestor_of('grandparent', 'parent', 1),
    false,
    $$isnt_ancestor_of('grandparent', 'parent', 1)$$,
    'Table grandparent should not be ancestor 1 of parent',
    ''
);
SELECT * FROM check_test(
    isnt_ancestor_of('grandparent', 'parent', 2),
    true,
    $$isnt_ancestor_of('grandparent', 'parent', 2)$$,
    'Table grandparent should not be ancestor 2 of parent',
    ''
);
SELECT * FROM check_test(
    isnt_ancestor_of('grandparent', 'parent', 'here'),
    false,
    $$isnt_ancestor_of('grandparent', 'parent', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    isnt_ancestor_of('grandparent', 'parent', 2, 'not at two'),
    true,
    $$isnt_ancestor_of('grandparent', 'parent', 2, 'not at two')$$,
    'not at two',
    ''
);
SELECT * FROM check_test(
    isnt_ancestor_of('public', 'grandparent', 'one', 'child'::name),
    false,
    $$isnt_ancestor_of('public', 'grandparent', 'one', 'child'::name)$$,
    'Table public.grandparent should not be an ancestor of one.child',
    ''
);
SELECT * FROM check_test(
    isnt_ancestor_of('public', 'grandparent', 'public', 'child'::name),
    true,
    $$isnt_ancestor_of('public', 'grandparent', 'public', 'child'::name)$$,
    'Table public.grandparent should not be an ancestor of public.child',
    ''
);
SELECT * FROM check_test(
    isnt_ancestor_of('public', 'grandparent', 'one', 'child', 2),
    false,
    $$isnt_ancestor_of('public', 'grandparent', 'one', 'child', 2)$$,
    'Table public.grandparent should not be ancestor 2 for one.child',
    ''
);
SELECT * FROM check_test(
    isnt_ancestor_of('public', 'grandparent', 'one', 'child', 1),
    true,
    $$isnt_ancestor_of('public', 'grandparent', 'one', 'child', 1)$$,
    'Table public.grandparent should not be ancestor 1 for one.child',
    ''
);
SELECT * FROM check_test(
    isnt_ancestor_of('public', 'stranger', 'one', 'child', 'strangers'),
    true,
    $$isnt_ancestor_of('public', 'stranger', 'one', 'child', 'strangers')$$,
    'strangers',
    ''
);
SELECT * FROM check_test(
    isnt_ancestor_of('public', 'parted', 'one', 'part', 2, 'over two generations'),
    false,
    $$isnt_ancestor_of('public', 'parted', 'one', 'part', 2, 'over two generations')$$,
    'over two generations',
    ''
);
SELECT * FROM check_test(
    is_descendent_of('parent', 'grandparent'),
    true,
    $$is_descendent_of('parent', 'grandparent')$$,
    'Table parent should be a descendent of grandparent',
    ''
);
SELECT * FROM check_test(
    is_descendent_of('grandparent', 'parent'),
    false,
    $$is_descendent_of('grandparent', 'parent')$$,
    'Table grandparent should be a descendent of parent',
    ''
);
SELECT * FROM check_test(
    is_descendent_of('parent', 'grandparent', 1),
    true,
    $$is_descendent_of('parent', 'grandparent', 1)$$,
    'Table parent should be descendent 1 from grandparent',
    ''
);
SELECT * FROM check_test(
    is_descendent_of('parent', 'grandparent', 2),
    false,
    $$is_descendent_of('parent', 'grandparent', 2)$$,
    'Table parent should be descendent 2 from grandparent',
    ''
);
SELECT * FROM check_test(
    is_descendent_of('parent', 'grandparent', 'here'),
    true,
    $$is_descendent_of('parent', 'grandparent', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    is_descendent_of('parent', 'grandparent', 2, 'not at two'),
    false,
    $$is_descendent_of('parent', 'grandparent', 2, 'not at two')$$,
    'not at two',
    ''
);
SELECT * FROM check_test(
    is_descendent_of('one', 'child', 'public', 'grandparent'::name),
    true,
    $$is_descendent_of('one', 'child', 'public', 'grandparent'::name)$$,
    'Table one.child should be a descendent of public.grandparent',
    ''
);
SELECT * FROM check_test(
    is_descendent_of('public', 'child', 'public', 'grandparent'::name),
    false,
    $$is_descendent_of('public', 'child', 'public', 'grandparent'::name)$$,
    'Table public.child should be a descendent of public.grandparent',
    ''
);
SELECT * FROM check_test(
    is_descendent_of('one', 'child', 'public', 'grandparent', 2),
    true,
    $$is_descendent_of('one', 'child', 'public', 'grandparent', 2)$$,
    'Table one.child should be descendent 2 from public.grandparent',
    ''
);
SELECT * FROM check_test(
    is_descendent_of('one', 'child', 'public', 'grandparent', 1),
    false,
    $$is_descendent_of('one', 'child', 'public', 'grandparent', 1)$$,
    'Table one.child should be descendent 1 from public.grandparent',
    ''
);
SELECT * FROM check_test(
    is_descendent_of('one', 'part', 'public', 'parted', 'partitions inherit'),
    true,
    $$is_descendent_of('one', 'part', 'public', 'parted', 'partitions inherit')$$,
    'partitions inherit',
    ''
);
SELECT * FROM check_test(
    is_descendent_of('one', 'part', 'public', 'parted', 1, 'over two generations'),
    false,
    $$is_descendent_of('one', 'part', 'public', 'parted', 1, 'over two generations')$$,
    'over two generations',
    ''
);
SELECT * FROM check_test(
    isnt_descendent_of('parent', 'grandparent'),
    false,
    $$isnt_descendent_of('parent', 'grandparent')$$,
    'Table parent should not be a descendent of grandparent',
    ''
);
SELECT * FROM check_test(
    isnt_descendent_of('grandparent', 'parent'),
    true,
    $$isnt_descendent_of('grandparent', 'parent')$$,
    'Table grandparent should not be a descendent of parent',
    ''
);
SELECT * FROM check_test(
    isnt_descendent_of('parent', 'grandparent', 1),
    false,
    $$isnt_descendent_of('parent', 'grandparent', 1)$$,
    'Table parent should not be descendent 1 from grandparent',
    ''
);
SELECT * FROM check_test(
    isnt_descendent_of('parent', 'grandparent', 2),
    true,
    $$isnt_descendent_of('parent', 'grandparent', 2)$$,
    'Table parent should not be descendent 2 from grandparent',
    ''
);
SELECT * FROM check_test(
    isnt_descendent_of('parent', 'grandparent', 'here'),
    false,
    $$isnt_descendent_of('parent', 'grandparent', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    isnt_descendent_of('parent', 'grandparent', 2, 'not at two'),
    true,
    $$isnt_descendent_of('parent', 'grandparent', 2, 'not at two')$$,
    'not at two',
    ''
);
SELECT * FROM check_test(
    isnt_descendent_of('one', 'child', 'public', 'grandparent'::name),
    false,
    $$isnt_descendent_of('one', 'child', 'public', 'grandparent'::name)$$,
    'Table one.child should not be a descendent of public.grandparent',
    ''
);
SELECT * FROM check_test(
    isnt_descendent_of('public', 'child', 'public', 'grandparent'::name),
    true,
    $$isnt_descendent_of('public', 'child', 'public', 'grandparent'::name)$$,
    'Table public.child should not be a descendent of public.grandparent',
    ''
);
SELECT * FROM check_test(
    isnt_descendent_of('one', 'child', 'public', 'grandparent', 2),
    false,
    $$isnt_descendent_of('one', 'child', 'public', 'grandparent', 2)$$,
    'Table one.child should not be descendent 2 from public.grandparent',
    ''
);
SELECT * FROM check_test(
    isnt_descendent_of('one', 'child', 'public', 'grandparent', 1),
    true,
    $$isnt_descendent_of('one', 'child', 'public', 'grandparent', 1)$$,
    'Table one.child should not be descendent 1 from public.grandparent',
    ''
);
SELECT * FROM check_test(
    isnt_descendent_of('one', 'child', 'public', 'stranger', 'strangers'),
    true,
    $$isnt_descendent_of('one', 'child', 'public', 'stranger', 'strangers')$$,
    'strangers',
    ''
);
SELECT * FROM check_test(
    isnt_descendent_of('one', 'part', 'public', 'parted', 2, 'over two generations'),
    false,
    $$isnt_descendent_of('one', 'part', 'public', 'parted', 2, 'over two generations')$$,
    'over two generations',
    ''
);

-- pgTAP looks no further than two generations.
SELECT * FROM check_test(
    is_ancestor_of('public', 'grandparent', 'one', 'grandchild'::name),
    false,
    $$is_ancestor_of('public', 'grandparent', 'one', 'grandchild'::name)$$,
    'Table public.grandparent should be an ancestor of one.grandchild',
    ''
);
SELECT * FROM check_test(
    is_ancestor_of('public', 'grandparent', 'one', 'grandchild', 3),
    false,
    $$is_ancestor_of('public', 'grandparent', 'one', 'grandchild', 3)$$,
    'Table public.grandparent should be ancestor 3 for one.grandchild',
    ''
);
SELECT * FROM check_test(
    is_descendent_of('one', 'grandchild', 'public', 'parent', 2),
    true,
    $$is_descendent_of('one', 'grandchild', 'public', 'parent', 2)$$,
    'Table one.grandchild should be descendent 2 from public.parent',
    ''
);

SELECT * FROM check_test(
    is_partitioned('parted'),
    true,
    $$is_partitioned('parted')$$,
    'Table parted should be partitioned',
    ''
);
SELECT * FROM check_test(
    is_partitioned('part'),
    false,
    $$is_partitioned('part')$$,
    'Table part should be partitioned',
    ''
);
SELECT * FROM check_test(
    is_partitioned('one', 'Part 2'::name),
    true,
    $$is_partitioned('one', 'Part 2'::name)$$,
    'Table one."Part 2" should be partitioned',
    ''
);
SELECT * FROM check_test(
    is_partitioned('public', 'Part 2'::name),
    false,
    $$is_partitioned('public', 'Part 2'::name)$$,
    'Table public."Part 2" should be partitioned',
    ''
);
SELECT * FROM check_test(
    is_partitioned('parted', 'here'),
    true,
    $$is_partitioned('parted', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    is_partitioned('one', 'parted', 'not there'),
    false,
    $$is_partitioned('one', 'parted', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    isnt_partitioned('parted'),
    false,
    $$isnt_partitioned('parted')$$,
    'Table parted should not be partitioned',
    ''
);
SELECT * FROM check_test(
    isnt_partitioned('part'),
    true,
    $$isnt_partitioned('part')$$,
    'Table part should not be partitioned',
    ''
);
SELECT * FROM check_test(
    isnt_partitioned('one', 'Part 2'::name),
    false,
    $$isnt_partitioned('one', 'Part 2'::name)$$,
    'Table one."Part 2" should not be partitioned',
    ''
);
SELECT * FROM check_test(
    isnt_partitioned('public', 'Part 2'::name),
    true,
    $$isnt_partitioned('public', 'Part 2'::name)$$,
    'Table public."Part 2" should not be partitioned',
    ''
);
SELECT * FROM check_test(
    isnt_partitioned('parted', 'here'),
    false,
    $$isnt_partitioned('parted', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    isnt_partitioned('one', 'parted', 'not there'),
    true,
    $$isnt_partitioned('one', 'parted', 'not there')$$,
    'not there',
    ''
);
SELECT * FROM check_test(
    is_partition_of('part', 'parted'),
    true,
    $$is_partition_of('part', 'parted')$$,
    'Table part should be a partition of parted',
    ''
);
SELECT * FROM check_test(
    is_partition_of('parent', 'grandparent'),
    false,
    $$is_partition_of('parent', 'grandparent')$$,
    'Table parent should be a partition of grandparent',
    ''
);
SELECT * FROM check_test(
    is_partition_of('was_part', 'parted'),
    false,
    $$is_partition_of('was_part', 'parted')$$,
    'Table was_part should be a partition of parted',
    ''
);
SELECT * FROM check_test(
    is_partition_of('nope', 'parted'),
    false,
    $$is_partition_of('nope', 'parted')$$,
    'Table nope should be a partition of parted',
    ''
);
SELECT * FROM check_test(
    is_partition_of('part', 'parted', 'here'),
    true,
    $$is_partition_of('part', 'parted', 'here')$$,
    'here',
    ''
);
SELECT * FROM check_test(
    is_partition_of('one', 'Part 2', 'public', 'parted'::name),
    true,
    $$is_partition_of('one', 'Part 2', 'public', 'parted'::name)$$,
    'Table one."Part 2" should be a partition of public.parted',
    ''
);
SELECT * FROM check_test(
    is_partition_of('one', 'part', 'public', 'parted'::name),
    false,
    $$is_partition_of('one', 'part', 'public', 'parted'::name)$$,
    'Table one.part should be a partition of public.parted',
    ''
);
SELECT * FROM check_test(
    is_partition_of('one', 'part', 'one', 'Part 2', 'of a partition'),
    true,
    $$is_partition_of('one', 'part', 'one', 'Part 2', 'of a partition')$$,
    'of a partition',
    ''
);
SELECT * FROM check_test(
    partitions_are('parted', ARRAY['part', 'one."Part 2"']),
    true,
    $$partitions_are('parted', ARRAY['part', 'one."Part 2"'])$$,
    'Table parted should have the correct partitions',
    ''
);
SELECT * FROM check_test(
    partitions_are('parted', ARRAY['part', 'Part 2', 'nope']),
    false,
    $$partitions_are('parted', ARRAY['part', 'Part 2', 'nope'])$$,
    'Table parted should have the correct partitions',
    E'    Extra partitions:\n'
        || E'        "one.""Part 2"""\n'
        || E'    Missing partitions:\n'
        || E'        "Part 2"\n'
        || E'        nope'
);
SELECT * FROM check_test(
    partitions_are('part', '{}'::name[]),
    true,
    $$partitions_are('part', '{}'::name[])$$,
    'Table part should have the correct partitions',
    ''
);
SELECT * FROM check_test(
    partitions_are('public', 'parted', ARRAY['one."Part 2"', 'part']),
    true,
    $$partitions_are('public', 'parted', ARRAY['one."Part 2"', 'part'])$$,
    'Table public.parted should have the correct partitions',
    ''
);
SELECT * FROM check_test(
    partitions_are('one', 'Part 2', ARRAY['part']),
    false,
    $$partitions_are('one', 'Part 2', ARRAY['part'])$$,
    'Table one."Part 2" should have the correct partitions',
    E'    Extra partitions:\n        "one.part"\n    Missing partitions:\n        part'
);
SELECT * FROM check_test(
    partitions_are('one', 'Part 2', ARRAY['one.part'], 'outside of the path'),
    true,
    $$partitions_are('one', 'Part 2', ARRAY['one.part'], 'outside of the path')$$,
    'outside of the path',
    ''
);
SELECT * FROM check_test(
    partitions_are('parted', ARRAY['part'], 'one is not enough'),
    false,
    $$partitions_are('parted', ARRAY['part'], 'one is not enough')$$,
    'one is not enough',
    E'    Extra partitions:\n        "one.""Part 2"""'
);

SELECT * FROM finish();
ROLLBACK;
