import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A role that a service logs in with, as the encrypted state keeps it. */
export interface DatabaseLogin {
  /** The name of the role. */
  readonly user: string;
  readonly password: string;
  /** The text that stands for the password in the database; nobody can log in with it. */
  readonly verifier: string;
}

/** The two roles of a database that take turns: a rotation makes the one that is not in use. */
export const loginRoles = (database: string): readonly [string, string] => [`${database}_a`, `${database}_b`];

/** The role that owns a database and everything in it; the login roles are its members. */
export const ownerRole = (database: string): string => `${database}_owner`;

/** A login with a new password: 24 bytes of the system's randomness, as 32 characters that need no quoting anywhere. */
export function newLogin(user: string): DatabaseLogin {
  const password = randomBytes(24).toString("base64url");
  return { user, password, verifier: scramVerifier(password, randomBytes(16)) };
}

/**
 * The verifier of a password, as PostgreSQL stores it: whoever sends this in place of the password leaves no trace of it in the
 * server's log.
 *
 * @param password ASCII, which SASLprep (RFC 4013) leaves as it is.
 * @param iterations the server's own number.
 * @see RFC 5802, section 3, for the two keys; PostgreSQL, src/common/scram-common.c (scram_build_secret), for the text.
 */
export function scramVerifier(password: string, salt: Buffer, iterations = 4096): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const key = (name: string) => createHmac("sha256", salted).update(name).digest();
  const stored = createHash("sha256").update(key("Client Key")).digest("base64");
  const server = key("Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${stored}:${server}`;
}

/** The shell function `create_login`, which makes sure that a login and the owner of its database are there. */
export const createLogin = readFileSync(join(import.meta.dirname, "create-login.sh"), "utf8");
