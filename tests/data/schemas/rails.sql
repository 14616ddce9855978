-- A Rails application's structure.sql: bigserial keys, created_at and updated_at, polymorphic rows.
CREATE TYPE public.order_status AS ENUM ('pending', 'paid', 'shipped', 'cancelled');
CREATE FUNCTION public.touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TABLE public.schema_migrations (version character varying NOT NULL PRIMARY KEY);
CREATE TABLE public.ar_internal_metadata (
    key character varying NOT NULL PRIMARY KEY, value character varying,
    created_at timestamp(6) without time zone NOT NULL, updated_at timestamp(6) without time zone NOT NULL
);
CREATE TABLE public.users (
    id bigint NOT NULL, email character varying DEFAULT ''::character varying NOT NULL,
    encrypted_password character varying DEFAULT ''::character varying NOT NULL,
    reset_password_token character varying, sign_in_count integer DEFAULT 0 NOT NULL,
    current_sign_in_ip inet, admin boolean DEFAULT false NOT NULL, preferences jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp(6) without time zone NOT NULL, updated_at timestamp(6) without time zone NOT NULL
);
CREATE SEQUENCE public.users_id_seq START WITH 1 INCREMENT BY 1 NO MINVALUE NO MAXVALUE CACHE 1;
ALTER SEQUENCE public.users_id_seq OWNED BY public.users.id;
ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('public.users_id_seq'::regclass);
ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX index_users_on_email ON public.users USING btree (lower(email::text));
CREATE UNIQUE INDEX index_users_on_reset_password_token ON public.users USING btree (reset_password_token);
CREATE TABLE public.products (
    id bigserial PRIMARY KEY, sku character varying(20) NOT NULL, title character varying NOT NULL,
    price_cents integer DEFAULT 0 NOT NULL, position integer, deleted_at timestamp(6) without time zone,
    created_at timestamp(6) without time zone DEFAULT now() NOT NULL,
    updated_at timestamp(6) without time zone DEFAULT now() NOT NULL,
    CONSTRAINT products_price_check CHECK (price_cents >= 0)
);
CREATE UNIQUE INDEX index_products_on_sku ON public.products (sku) WHERE (deleted_at IS NULL);
CREATE TRIGGER products_touch BEFORE UPDATE ON public.products FOR EACH ROW EXECUTE FUNCTION public.touch_updated_at();
CREATE TABLE public.orders (
    id bigserial PRIMARY KEY, user_id bigint NOT NULL, status public.order_status DEFAULT 'pending' NOT NULL,
    number character varying NOT NULL, lock_version integer DEFAULT 0 NOT NULL, paid_at timestamp(6) without time zone,
    created_at timestamp(6) without time zone NOT NULL, updated_at timestamp(6) without time zone NOT NULL,
    CONSTRAINT fk_rails_orders_user FOREIGN KEY (user_id) REFERENCES public.users (id),
    CONSTRAINT orders_paid CHECK ((status <> 'paid') OR (paid_at IS NOT NULL))
);
CREATE INDEX index_orders_on_user_id ON public.orders (user_id);
CREATE UNIQUE INDEX index_orders_on_number ON public.orders (number);
CREATE TABLE public.line_items (
    id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES public.orders ON DELETE CASCADE,
    product_id bigint NOT NULL REFERENCES public.products ON DELETE RESTRICT,
    quantity smallint DEFAULT 1 NOT NULL CHECK (quantity BETWEEN 1 AND 999), unit_price numeric(10, 2) NOT NULL
);
CREATE UNIQUE INDEX index_line_items_on_order_and_product ON public.line_items (order_id, product_id);
CREATE INDEX index_line_items_on_product_id ON public.line_items (product_id);
CREATE TABLE public.comments (
    id bigserial PRIMARY KEY, commentable_type character varying NOT NULL, commentable_id bigint NOT NULL,
    author_id bigint REFERENCES public.users ON DELETE SET NULL, body text NOT NULL, parent_id bigint REFERENCES public.comments,
    created_at timestamp(6) without time zone NOT NULL, CONSTRAINT comments_body CHECK (char_length(body) <= 10000)
);
CREATE INDEX index_comments_on_commentable ON public.comments (commentable_type, commentable_id);
CREATE INDEX index_comments_on_author_id ON public.comments (author_id);
CREATE INDEX index_comments_on_parent_id ON public.comments (parent_id);
CREATE TABLE public.taggings (
    id bigserial PRIMARY KEY, tag character varying(64) NOT NULL, product_id bigint NOT NULL REFERENCES public.products,
    CONSTRAINT taggings_once UNIQUE (product_id, tag)
);
