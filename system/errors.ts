/** An error for the user: its message says what was found, what was expected and what to do, without a stack trace. */
export class UserError extends Error {
  /** The exit code of the launcher. */
  readonly exitCode: number;

  /** @param exitCode is never 0. @default 1 */
  constructor(message: string, exitCode = 1) {
    super(message);
    this.name = "UserError";
    this.exitCode = exitCode;
  }
}

/** The message of an error, or what was thrown in its place, as text. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The code of a system error (`ENOENT`), or "" for any other. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** Runs a part of the project whose plain errors are written for the user; any other error is a fault of ours. */
export async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.constructor === Error && errorCode(error) === "") {
      throw new UserError(error.message);
    }
    throw error;
  }
}

const unwritable = new Map([
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the disk quota is used up"],
  ["EROFS", "it is read-only"],
  ["EACCES", "permission is denied"],
  ["EPERM", "permission is denied"],
  ["ENOTDIR", "a part of its path is a file"],
]);

/** Turns a full or read-only folder into one clear message; any other error is returned as it is. */
export function explainWrite(error: unknown, folder: string, variable: string): unknown {
  // Node answers ENOENT where it cannot make a folder on a read-only disk.
  const noFolder = error instanceof Error && "syscall" in error && error.syscall === "mkdir";
  const why = unwritable.get(errorCode(error)) ?? (noFolder ? "the folder cannot be made" : undefined);
  if (why === undefined) return error;
  return new UserError(
    `Cannot write to ${folder}: ${why}.\n` +
      `Fix: free space or permissions there, or choose another place: export ${variable}=/a/writable/folder`,
  );
}
