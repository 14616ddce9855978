-- The subscriptions of this database; the catalog is shared by all of them.
SELECT s.subname
FROM pg_subscription AS s
INNER JOIN pg_database AS d ON s.subdbid = d.oid
WHERE d.datname = current_database()
