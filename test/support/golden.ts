import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { diff } from "node:util";

/** Lines of a file's difference that a failure shows. */
const shownLines = 20;

/** Says whether the run writes the golden files instead of comparing them: `make test UPDATE=1`. */
export const isUpdate = process.env.UPDATE === "1";

/**
 * Compares texts with the committed files that record them. `make test UPDATE=1` writes the files instead, so that a
 * change which is wanted is one command and one diff to read.
 *
 * @param texts by path from the root of the repository.
 * @throws AssertionError with the lines that differ, and the command that writes the files.
 */
export function assertGoldenFiles(texts: Readonly<Record<string, string>>): void {
  if (isUpdate) for (const [file, text] of Object.entries(texts)) writeFileSync(file, text);
  const differences = Object.entries(texts).flatMap(([file, text]) => difference(file, text));
  if (differences.length > 0)
    assert.fail([...differences, "If the change is wanted: make test UPDATE=1"].join("\n"));
}

/** The same for one file. */
export function assertGolden(file: string, text: string): void {
  assertGoldenFiles({ [file]: text });
}

function difference(file: string, text: string): string[] {
  const committed = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (committed === text) return [];
  const changes = diff(text.split("\n"), committed.split("\n"))
    .filter(([operation]) => operation !== 0)
    .map(([operation, line]) => `${operation === 1 ? "+" : "-"} ${line}`);
  const more = changes.length - shownLines;
  return [
    `${file} is not what the program gives now:`,
    ...changes.slice(0, shownLines),
    ...(more > 0 ? [`... and ${more} more lines`] : []),
  ];
}
