-- Stand-in for Supabase's vault: secrets are kept, under nothing but a reversal, for tests alone.
CREATE TABLE vault.secrets (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text,
    description text NOT NULL DEFAULT '',
    secret text NOT NULL,
    key_id uuid,
    nonce bytea DEFAULT uuid_send(gen_random_uuid()),
    created_at timestamptz NOT NULL DEFAULT current_timestamp,
    updated_at timestamptz NOT NULL DEFAULT current_timestamp
);
CREATE UNIQUE INDEX secrets_name_idx ON vault.secrets (name) WHERE name IS NOT NULL;
CREATE VIEW vault.decrypted_secrets AS
SELECT id, name, description, secret,
    convert_from(decode(reverse(secret), 'hex'), 'UTF8') AS decrypted_secret, key_id, nonce,
    created_at, updated_at
FROM vault.secrets;
CREATE FUNCTION vault.create_secret(
    new_secret text, new_name text DEFAULT NULL, new_description text DEFAULT '', new_key_id uuid DEFAULT NULL
) RETURNS uuid LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    -- stand-in of pgtap-harness: supabase_vault
    INSERT INTO vault.secrets (secret, name, description, key_id)
    VALUES (reverse(encode(convert_to($1, 'UTF8'), 'hex')), $2, $3, $4) RETURNING id
$$;
CREATE FUNCTION vault.update_secret(
    secret_id uuid, new_secret text DEFAULT NULL, new_name text DEFAULT NULL,
    new_description text DEFAULT NULL, new_key_id uuid DEFAULT NULL
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE vault.secrets AS s
    SET secret = coalesce(reverse(encode(convert_to($2, 'UTF8'), 'hex')), s.secret),
        name = coalesce($3, s.name), description = coalesce($4, s.description), updated_at = now()
    WHERE s.id = $1
$$;
