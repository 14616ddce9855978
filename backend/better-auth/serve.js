/**
 * Better Auth without a web server: a request a line on standard input, a response a line on
 * standard output, as JSON. It ends with its input. The tests speak to it.
 */
import { createInterface } from "node:readline";
import { createAuth } from "./auth.js";
import { migrate } from "./migrate.js";
import { settings } from "./settings.js";

const { databaseUrl, ...given } = settings();
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

say({ tables: await migrate(databaseUrl, given) });
const { auth, close } = createAuth(databaseUrl, given);
for await (const line of createInterface({ input: process.stdin })) {
  const { method, path, headers = {}, body } = JSON.parse(line);
  const request = new Request(`${given.baseURL}/api/auth${path}`, {
    method,
    headers: { "content-type": "application/json", origin: given.baseURL, ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const response = await auth.handler(request);
  const text = await response.text();
  say({
    status: response.status,
    cookies: response.headers.getSetCookie().map((cookie) => cookie.split(";")[0]),
    body: text ? JSON.parse(text) : null,
  });
}
await close();
