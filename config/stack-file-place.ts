import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Pair } from "yaml";
import { projectRoot } from "../system/folders.ts";

/** The place of a setting in the stack file. */
export interface Place {
  /** The line of its key, or of the innermost group there is. @default the file has none of them */
  readonly line: number | undefined;
  /**
   * The section is one text, of JSON or encrypted. The CLI replaces all of it where a part is to be set
   * (object.Set, sdk/go/common/resource/config/object.go).
   */
  readonly isText: boolean;
}

/** The file of a stack. */
const stackFileOf = (stack: string): string => `Pulumi.${stack}.yaml`;

/** Where a setting stands in a stack file. @param path behind the project's name */
function placeOf(text: string, [section, ...path]: readonly PropertyKey[]): Place {
  const lineCounter = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter, schema: "failsafe", logLevel: "silent" });
  const names = [`multi-client:${String(section)}`, String(section)];
  const pairOf = (node: unknown, wanted: readonly string[]): Pair | undefined =>
    isMap(node) ? node.items.find(({ key }) => wanted.includes(String(key))) : undefined;
  let pair = pairOf(pairOf(contents, ["config"])?.value, names);
  const isText =
    (isScalar(pair?.value) && /^\s*[{[]/.test(String(pair.value.value))) ||
    (isMap(pair?.value) && pair.value.items.map(({ key }) => String(key)).join() === "secure");
  let node: unknown = pair?.key;
  for (const key of path) {
    const next = typeof key === "number" ? undefined : pairOf(pair?.value, [String(key)]);
    const entry = typeof key === "number" && isSeq(pair?.value) ? pair.value.items[key] : undefined;
    if (next === undefined && entry === undefined) break;
    node = next?.key ?? entry;
    pair = next;
  }
  const range = (node as { readonly range?: readonly number[] } | undefined)?.range;
  return { line: range?.[0] === undefined ? undefined : lineCounter.linePos(range[0]).line, isText };
}

/** A place in the stack's file, in words: `Pulumi.prod.yaml, line 7`. */
export function placeText(stack: string, path: readonly PropertyKey[], root = projectRoot()): string {
  const { line } = readPlace(stack, path, root);
  return stackFileOf(stack) + (line === undefined ? "" : `, line ${String(line)}`);
}

/** {@link placeOf} in the stack's own file; in none where that cannot be read, as under `--config-file`. */
export function readPlace(stack: string, path: readonly PropertyKey[], root = projectRoot()): Place {
  const file = join(root, stackFileOf(stack));
  return existsSync(file) ? placeOf(readFileSync(file, "utf8"), path) : { line: undefined, isText: false };
}
