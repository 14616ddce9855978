CREATE ROLE app;
CREATE TABLE user_roles (user_id integer NOT NULL, role text NOT NULL, PRIMARY KEY (user_id, role));
CREATE FUNCTION has_role(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT EXISTS (
        SELECT FROM public.user_roles
        WHERE user_id = nullif(current_setting('app.user_id', true), '')::integer AND role = wanted
    )
$$;
CREATE TABLE invoices (id integer PRIMARY KEY, customer integer NOT NULL, note text);
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON invoices FOR SELECT TO app
USING (customer = nullif(current_setting('app.user_id', true), '')::integer
    OR has_role('accountant'));
CREATE POLICY change ON invoices FOR UPDATE TO app USING (has_role('accountant'));
GRANT SELECT, UPDATE ON invoices TO app;
