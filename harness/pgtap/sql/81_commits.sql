-- Deferred constraints and triggers (not in pgTAP).
--
-- These constraints and constraint triggers are checked only at COMMIT.
--
-- A test script rarely commits, so these assertions ask what COMMIT would say: they make all
-- that is deferred run at once, take note, and undo that. Constraints are then in the mode
-- they were in, and what was waiting for COMMIT waits for it still; what a deferred trigger
-- did is undone too. The statement itself stays done if all went well, and is undone if not.
-- With NULL for the statement only what waits already is asked about.
--
--     SELECT commits_ok('INSERT INTO orders VALUES (1, 7)', 'An order needs its customer');
--     SELECT throws_on_commit('DELETE FROM ledger WHERE id = 1', '23514', 'ledger unbalanced');
--     SELECT commits_ok();

/*# commits_ok([query text] [, description text])
Tests that a statement succeeds, and would still at COMMIT; without one, what was done so far.
describe: 'Should commit'
*/
$$
DECLARE
    died record := tap._commit(:query);
BEGIN
    RETURN tap._ok(
        died.code IS NULL,
        :description,
        tap._died(died.stage, died.code, died.message, died.detail)
    );
END;
$$;

/*# throws_on_commit(query text, errcode character, errmsg text, description text)
Tests that a statement fails, but only at COMMIT: with this SQLSTATE and this message.
*/
$$
DECLARE
    died record := tap._commit(:query);
    title text := coalesce(
        :description, 'threw ' || tap._wanted_error(:errcode::text, :errmsg) || ' on commit'
    );
BEGIN
    IF died.stage <> 'at COMMIT' THEN
        RETURN tap._ok(
            false, title, tap._died(died.stage, died.code, died.message, died.detail)
        );
    END IF;
    RETURN tap._threw(died.code, died.message, :errcode::text, :errmsg, title);
END;
$$;

-- As in throws_ok(), a text of five bytes is an error code, and what follows it the message.
/*# throws_on_commit(query text)
throws_on_commit(query text, errmsg text [, description text])
Tests that a statement fails, but only at COMMIT: with this SQLSTATE or this message.
*/
$$
SELECT CASE
    WHEN octet_length(:errmsg) = 5
        THEN tap.throws_on_commit(:query, :errmsg::character(5), :description, NULL)
    ELSE tap.throws_on_commit(:query, NULL::character, :errmsg, :description)
END
$$;

-- Work that was deferred earlier is asked first: its failure is not this statement's.
CREATE FUNCTION tap._commit(
    query text, OUT stage text, OUT code text, OUT message text, OUT detail text
) LANGUAGE plpgsql AS $fn$
BEGIN
    IF query IS NOT NULL THEN
        stage := 'in work deferred before';
        SELECT * INTO code, message, detail FROM tap._deferred_error();
        IF code IS NULL THEN
            stage := 'in the statement';
            SELECT * INTO code, message, detail FROM tap._error(query);
        END IF;
        IF code IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    stage := 'at COMMIT';
    SELECT * INTO code, message, detail FROM tap._deferred_error();
    IF code IS NOT NULL THEN
        RAISE SQLSTATE 'TAP00' USING MESSAGE = 'undo the statement';
    END IF;
EXCEPTION WHEN SQLSTATE 'TAP00' THEN
    -- Variables keep their values.
END;
$fn$;

-- The error that COMMIT would raise. Which mode each constraint is in cannot be asked; only
-- the rollback of the block that changed it, itself and not one around it, puts it back.
CREATE FUNCTION tap._deferred_error(OUT code text, OUT message text, OUT detail text)
LANGUAGE plpgsql AS $fn$
BEGIN
    SET CONSTRAINTS ALL IMMEDIATE;
    RAISE SQLSTATE 'TAP00' USING MESSAGE = 'undo SET CONSTRAINTS';
EXCEPTION
    WHEN SQLSTATE 'TAP00' THEN
        RETURN;
    WHEN OTHERS OR assert_failure THEN
        GET STACKED DIAGNOSTICS
            code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
END;
$fn$;

CREATE FUNCTION tap._died(stage text, code text, message text, detail text) RETURNS text
LANGUAGE sql IMMUTABLE AS $fn$
SELECT format('    died %s: %s: %s', stage, code, message)
    || coalesce(E'\n        DETAIL: ' || nullif(detail, ''), '')
$fn$;
