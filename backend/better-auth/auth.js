/** Better Auth: its own tables in the schema "auth", its users mirrored into public.users. */
import { betterAuth } from "better-auth";
import { jwt } from "better-auth/plugins/jwt";
import pg from "pg";
import { mirror } from "./mirror.js";

export const SCHEMA = "auth";

/**
 * @param {string} databaseUrl the direct endpoint: search_path is set for each session
 * @param {{ secret: string, baseURL: string }} settings
 */
export function createAuth(databaseUrl, { secret, baseURL }) {
  const own = new pg.Pool({ connectionString: databaseUrl, options: `-c search_path=${SCHEMA}` });
  const application = new pg.Pool({ connectionString: databaseUrl });
  const auth = betterAuth({
    secret,
    baseURL,
    database: own,
    emailAndPassword: { enabled: true },
    user: { deleteUser: { enabled: true } },
    plugins: [jwt()],
    databaseHooks: { user: mirror(application) },
    telemetry: { enabled: false },
  });
  const close = () => Promise.all([own.end(), application.end()]);
  return { auth, close };
}
