-- End whoever uses a replication slot, and wait for the end.
SELECT pg_terminate_backend(s.active_pid, 5000)
FROM pg_replication_slots AS s
WHERE s.slot_name = %s AND s.active_pid IS NOT NULL
