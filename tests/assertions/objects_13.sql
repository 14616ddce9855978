-- Signatures that pgTAP has since 1.3.
BEGIN;
SELECT plan(12);

CREATE SCHEMA one;
CREATE TYPE one."Pair" AS (a int, b int);

SELECT * FROM check_test(
    has_composite('one', 'Pair'::name),
    true,
    'has_composite(schema, type)',
    'Composite type one."Pair" should exist',
    ''
);
SELECT * FROM check_test(
    has_composite('public', 'Pair'::name),
    false,
    'has_composite(another schema, type)',
    'Composite type public."Pair" should exist',
    ''
);
SELECT * FROM check_test(
    hasnt_composite('one', 'Pair'::name),
    false,
    'hasnt_composite(schema, type)',
    'Composite type one."Pair" should not exist',
    ''
);
SELECT * FROM check_test(
    hasnt_composite('public', 'Pair'::name),
    true,
    'hasnt_composite(another schema, type)',
    'Composite type public."Pair" should not exist',
    ''
);

SELECT * FROM finish();
ROLLBACK;
