/** Settings from the environment; a missing one is named, and none is ever printed. */
export function settings(environment = process.env) {
  const missing = ["DATABASE_URL", "BETTER_AUTH_SECRET"].filter((name) => !environment[name]);
  if (missing.length > 0) {
    console.error(`not set: ${missing.join(", ")}; see ../.env.example`);
    process.exit(2);
  }
  return {
    databaseUrl: environment.DATABASE_URL,
    secret: environment.BETTER_AUTH_SECRET,
    baseURL: environment.BETTER_AUTH_URL ?? "http://localhost:3000",
  };
}
