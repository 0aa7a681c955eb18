import assert from "node:assert/strict";

/** Files that are no dump of ours: what is wrong, how a good dump becomes one, and what the refusal says. */
export const faultyDumps: readonly (readonly [string, (bytes: Buffer) => Buffer, RegExp])[] = [
  ["cut off", (bytes) => bytes.subarray(0, bytes.length * 0.8), /cannot be read/],
  ["with flipped bits", (bytes) => flipped(bytes), /cannot be read/],
  ["empty", () => Buffer.alloc(0), /there is no dump/],
  ["no dump at all", () => Buffer.from("not a dump"), /cannot be read/],
  ["of a newer postgres", (bytes) => replaced(bytes, /1[5-9](\.\d+)/, "99$1"), /is of postgres 99/],
  ["of another database", (bytes) => replaced(bytes, /multi/, "other"), /is of database other/],
];

/** Some bytes of the data flipped, at the end of which the table of contents does not stand. */
function flipped(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  for (let at = changed.length - 40; at < changed.length - 20; at++) changed[at] = (changed[at] ?? 0) ^ 0xff;
  return changed;
}

/** A text in the header replaced by one of the same length. */
function replaced(bytes: Buffer, pattern: RegExp, by: string): Buffer {
  const text = bytes.toString("latin1");
  const changed = text.replace(pattern, by);
  assert.notEqual(changed, text);
  return Buffer.from(changed, "latin1");
}
