-- What pgTAP has only since 1.3.
BEGIN;
SELECT plan(23);
CREATE SCHEMA "Odd";
CREATE DOMAIN "Odd"."d(1)" AS varchar(7);
SELECT is(format_type_string(given), want, 'format_type_string(' || coalesce(given, 'NULL') || ')')
FROM (
    VALUES
    ('int', 'integer'),
    ('int4[]', 'integer[]'),
    ('varchar', 'character varying'),
    ('varchar(10)', 'character varying(10)'),
    ('VARCHAR ( 10 ) [ ]', 'character varying(10)[]'),
    ('numeric(7, 2)', 'numeric(7,2)'),
    ('decimal(5)', 'numeric(5,0)'),
    ('char', 'character'),
    ('"char"', '"char"'),
    ('bpchar', 'character'),
    ('bit(3)', 'bit(3)'),
    ('bit', 'bit'),
    ('bit varying', 'bit varying'),
    ('character varying[]', 'character varying[]'),
    ('timestamptz', 'timestamp with time zone'),
    ('timestamp(3) with time zone', 'timestamp(3) with time zone'),
    ('time(0)', 'time(0) without time zone'),
    ('interval', 'interval'),
    ('interval(3)', 'interval(3)'),
    ('INTERVAL  day to second(3)', 'interval day to second(3)'),
    ('"Odd"."d(1)"', '"Odd"."d(1)"'),
    ('nonesuch', NULL),
    ('no such type', NULL)
) AS v (given, want);
SELECT * FROM finish();
ROLLBACK;
