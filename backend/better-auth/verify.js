/** Verify a JWT against a JWKS, both on standard input as JSON; prints its claims. */
import { createLocalJWKSet, jwtVerify } from "jose";

let text = "";
for await (const part of process.stdin) text += part;
const { token, jwks, issuer } = JSON.parse(text);
const { payload } = await jwtVerify(token, createLocalJWKSet(jwks), { issuer, audience: issuer });
console.log(JSON.stringify(payload));
