-- What the library has counted since plan(): which plan it is of, how many tests ran and how
-- many of them failed (a rollback undoes neither), and the last one that failed. NULL without a
-- plan. It works whatever the search path and the role are.
SELECT
    pg_catalog.to_regclass('pg_temp.__tap_failed__')::pg_catalog.oid AS plan,
    pg_catalog.pg_sequence_last_value(pg_catalog.to_regclass('pg_temp.__tresults___numb_seq')) AS ran,
    pg_catalog.pg_sequence_last_value(pg_catalog.to_regclass('pg_temp.__tap_failed__')) AS failed,
    pg_catalog.current_setting('harness.failure', true) AS failure
