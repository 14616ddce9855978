-- End whoever uses a replication slot of this database, and drop the slot.
WITH ended AS MATERIALIZED (
    SELECT
        s.slot_name,
        coalesce(pg_terminate_backend(s.active_pid, 5000), TRUE) AS done
    FROM pg_replication_slots AS s
    WHERE s.database = current_database() AND NOT s.temporary
)

SELECT pg_drop_replication_slot(e.slot_name) FROM ended AS e WHERE e.done
