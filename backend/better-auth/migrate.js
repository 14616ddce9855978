/** Create or bring up to date Better Auth's own tables, in their own schema. */
import { getMigrations } from "better-auth/db/migration";
import pg from "pg";
import { createAuth, SCHEMA } from "./auth.js";
import { settings } from "./settings.js";

/** @param {string} databaseUrl @returns the names of the tables that were created or changed */
export async function migrate(databaseUrl, given) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
  await client.end();
  const { auth, close } = createAuth(databaseUrl, given);
  const { toBeCreated, toBeAdded, runMigrations } = await getMigrations(auth.options);
  await runMigrations();
  await close();
  return [...toBeCreated, ...toBeAdded].map(({ table }) => table);
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const { databaseUrl, ...given } = settings();
  console.log(`tables: ${(await migrate(databaseUrl, given)).join(", ") || "all there"}`);
}
