-- The index, the trigger and the identity's sequence go with their table.
-- No CASCADE: what others have built on these objects makes this fail, and stays.

DROP TABLE tasks;
DROP FUNCTION set_updated_at();
DROP TABLE users;
