INSERT INTO {catalog}
SELECT (jsonb_populate_record(NULL::{catalog}, content::jsonb)).*
FROM unnest(%s::text[]) AS content
