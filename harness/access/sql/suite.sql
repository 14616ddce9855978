-- What a role reaches with a statement, which is undone: keys of test_rows(), 'none', or an SQLSTATE.
-- The statement 'SELECT' reads all of them.
CREATE FUNCTION pg_temp.reached(actor text, settings jsonb, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := (SELECT jsonb_object_agg(place, key) FROM pg_temp.test_rows());
    one record;
    found text;
BEGIN
    FOR one IN SELECT * FROM jsonb_each_text(settings) LOOP
        PERFORM set_config(one.key, one.value, true);
    END LOOP;
    PERFORM set_config('role', actor, true);
    IF statement = 'SELECT' THEN
        EXECUTE $query$-- of the file$query$ INTO found;
    ELSE
        EXECUTE statement;
        PERFORM set_config('role', 'none', true);
        -- A row that was changed is stored elsewhere.
        SELECT string_agg(b.value, ', ' ORDER BY b.value COLLATE "C") INTO found
        FROM jsonb_each_text(before) AS b
        WHERE b.key NOT IN (SELECT place FROM pg_temp.test_rows());
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'ZZ000';
EXCEPTION
    WHEN SQLSTATE 'ZZ000' THEN RETURN coalesce(found, 'none');
    WHEN OTHERS THEN RETURN SQLSTATE;
END $$;

-- Keys of test_rows() the like of which a role may add, 'none', or an SQLSTATE. Policies are checked
-- before constraints: a row that a constraint refuses is one that the role may add.
CREATE FUNCTION pg_temp.may_add(actor text, settings jsonb, relation text, columns text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    insertion text := format(
        'INSERT INTO %1$s (%2$s) SELECT %2$s FROM jsonb_populate_record(NULL::%1$s, $1)', relation, columns
    );
    one record;
    setting record;
    found text;
BEGIN
    FOR one IN SELECT * FROM pg_temp.test_rows() ORDER BY key COLLATE "C" LOOP
        BEGIN
            FOR setting IN SELECT * FROM jsonb_each_text(settings) LOOP
                PERFORM set_config(setting.key, setting.value, true);
            END LOOP;
            PERFORM set_config('role', actor, true);
            EXECUTE insertion USING one.content;
            RAISE EXCEPTION USING ERRCODE = 'ZZ000';
        EXCEPTION
            WHEN SQLSTATE 'ZZ000' OR integrity_constraint_violation THEN
                found := concat_ws(', ', found, one.key);
            WHEN insufficient_privilege THEN
                NULL;
            WHEN OTHERS THEN
                RETURN SQLSTATE;
        END;
    END LOOP;
    RETURN coalesce(found, 'none');
END $$;
