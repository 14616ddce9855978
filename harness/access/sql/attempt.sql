-- One attempt as a role with settings, in a subtransaction that is always undone.
-- "before" runs as the superuser; "command" as the actor, a query that returns texts, or else a statement.
-- "look" is a query that the superuser sees the effects with; "viewers" are [actor, settings, query], asked afterwards.
CREATE FUNCTION pg_temp.harness_attempt(
    actor text, settings jsonb, is_query boolean,
    before text, command text, look text, viewers jsonb, as_replica boolean
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    one record;
    viewer jsonb;
    found text[];
    remaining text[];
    seen text[];
    others jsonb := '[]';
    state text;
    said text;
    name text;
BEGIN
    BEGIN
        IF before IS NOT NULL THEN
            EXECUTE before;
        END IF;
        IF as_replica THEN
            PERFORM pg_catalog.set_config('session_replication_role', 'replica', true);
        END IF;
        FOR one IN SELECT * FROM pg_catalog.jsonb_each_text(settings) LOOP
            PERFORM pg_catalog.set_config(one.key, one.value, true);
        END LOOP;
        IF actor IS NOT NULL THEN
            PERFORM pg_catalog.set_config('role', actor, true);
        END IF;
        IF is_query THEN
            EXECUTE command INTO found;
        ELSE
            EXECUTE command;
        END IF;
        IF look IS NOT NULL THEN
            PERFORM pg_catalog.set_config('role', 'none', true);
            EXECUTE look INTO remaining;
        END IF;
        FOR viewer IN SELECT * FROM pg_catalog.jsonb_array_elements(viewers) LOOP
            PERFORM pg_catalog.set_config('role', 'none', true);
            FOR one IN SELECT * FROM pg_catalog.jsonb_each_text(viewer -> 1) LOOP
                PERFORM pg_catalog.set_config(one.key, one.value, true);
            END LOOP;
            PERFORM pg_catalog.set_config('role', viewer ->> 0, true);
            BEGIN
                EXECUTE viewer ->> 2 INTO seen;
            EXCEPTION WHEN OTHERS THEN
                seen := NULL;
            END;
            others := others || pg_catalog.jsonb_build_array(pg_catalog.to_jsonb(seen));
        END LOOP;
        RAISE EXCEPTION USING ERRCODE = 'HA000';
    EXCEPTION
        WHEN SQLSTATE 'HA000' THEN
            RETURN pg_catalog.jsonb_build_object(
                'found', found, 'left', remaining, 'others', others
            );
        WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS
                state = RETURNED_SQLSTATE, said = MESSAGE_TEXT, name = CONSTRAINT_NAME;
            RETURN pg_catalog.jsonb_build_object('state', state, 'message', said, 'constraint', name);
    END;
END $$;
