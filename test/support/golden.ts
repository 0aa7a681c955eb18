import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Compares a text with the committed file that records it. `make test UPDATE=1` writes the file instead, so that a
 * change which is wanted is one command and one diff to read.
 *
 * @param file path from the root of the repository.
 * @throws Error naming the file and the command, with both texts for Mocha's diff, if the file is missing or differs.
 */
export function assertGolden(file: string, text: string): void {
  if (process.env.UPDATE) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return;
  }
  const committed = existsSync(file) ? readFileSync(file, "utf8") : "";
  const message = `${file} is not what the program gives now. If the change is wanted: make test UPDATE=1`;
  if (text !== committed) throw Object.assign(new Error(message), { actual: text, expected: committed });
}
