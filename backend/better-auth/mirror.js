import { APIError } from "better-auth/api";

/**
 * The mirror: every account of Better Auth is a row of public.users, which tasks hang on.
 *
 * "after" hooks run when Better Auth has committed its own rows; what has to keep it from that is
 * asked in "before". ../docs/better-auth.md says what is left where one fails.
 *
 * @param {import("pg").Pool} pool the application's database
 * @returns hooks for betterAuth({ databaseHooks: { user: ... } })
 */
export function mirror(pool) {
  const upsert = (user) =>
    pool.query(
      `INSERT INTO public.users (id, email, name, created_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET email = EXCLUDED.email, name = EXCLUDED.name`,
      [user.id, user.email, user.name || null, user.createdAt],
    );
  const refuseTaken = async (user) => {
    const { rowCount } = await pool.query("SELECT FROM public.users WHERE email = $1", [user.email]);
    if (rowCount > 0) throw new APIError("UNPROCESSABLE_ENTITY", { message: "E-mail is taken." });
  };
  return {
    create: { before: refuseTaken, after: upsert },
    update: { after: upsert },
    delete: {
      // Tasks go with their user, by the foreign key's ON DELETE CASCADE.
      after: (user) => pool.query("DELETE FROM public.users WHERE id = $1", [user.id]),
    },
  };
}
