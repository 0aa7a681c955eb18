import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";

/** One call of a program, as a shell made it. */
interface Call {
  readonly program: string;
  readonly args: readonly string[];
  readonly stdin: string;
}

/** The calls that lines make when they are pasted into a shell in a folder. `az` answers with an id. */
function calls(lines: readonly string[], folder: string): Call[] {
  const recorded = ["pulumi", "minikube"].map(
    (name) => `${name}() { printf '%s\\0' ${name} "$@"; printf '\\1%s\\2' "$(cat)"; }`,
  );
  const az = "az() { echo 11111111-2222-3333-4444-555555555555; }";
  const { stdout, stderr } = spawnSync("sh", ["-eu", "-c", [...recorded, az, ...lines].join("\n")], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (stderr !== "") throw new Error(stderr);
  return stdout
    .split("\u0002")
    .slice(0, -1)
    .map((call) => {
      const [words = "", stdin = ""] = call.split("\u0001");
      const [program = "", ...args] = words.split("\0").slice(0, -1);
      return { program, args, stdin };
    });
}

type Container = Record<string, unknown> | unknown[];
const isContainer = (value: unknown): value is Container => typeof value === "object" && value !== null;

/** The parts of a path: sdk/go/property/path.go. */
const partsOf = (path: string): (string | number)[] =>
  [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|\.?([^.[]+)/g)].map(([, index, quoted, name = ""]) =>
    index !== undefined ? Number(index) : quoted !== undefined ? (JSON.parse(quoted) as string) : name,
  );

/** A value as the CLI takes it behind `--path`: coerce, sdk/go/common/resource/config/object.go. */
const coerced = (text: string): unknown =>
  /^(true|false)$/.test(text) ? text === "true" : /^(0|[-+]?[1-9]\d*)$/.test(text) ? Number(text) : text;

/**
 * Does what `pulumi config set` and `pulumi config rm` do to the file of the stack that is named: Map.Set and Map.Remove,
 * sdk/go/common/resource/config. `test/e2e/sandbox/fixes.e2e.ts` compares it with the CLI. A secret stays readable.
 */
function configure(args: readonly string[], stdin: string, folder: string): void {
  const flags = new Map<string, string>();
  const words: string[] = [];
  for (let at = 2; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--stack" || word === "--type") flags.set(word, args[++at] ?? "");
    else if (word === "--") words.push(...args.slice(++at, (at = args.length)));
    else if (word.startsWith("--")) flags.set(word, "");
    else words.push(word);
  }
  const file = join(folder, `Pulumi.${flags.get("--stack") ?? ""}.yaml`);
  if (!existsSync(file)) throw new Error(`no stack of ${args.join(" ")}`);
  const whole = parse(readFileSync(file, "utf8")) as { config: Record<string, unknown> };
  const [key = "", text = stdin.replace(/\n$/, "")] = words;
  const [, namespace = "", name = ""] = /^([^:]*):(.*)$/.exec(key) ?? [];
  const [first = "", ...path] = flags.has("--path") ? partsOf(name) : [name];
  const root = `${namespace}:${first}`;
  const isTyped = flags.has("--type") || path.length === 0;
  const value = flags.has("--secret") ? { secure: text } : isTyped ? text : coerced(text);
  if (path.length === 0) {
    if (args[1] === "rm") Reflect.deleteProperty(whole.config, root);
    else whole.config[root] = value;
  } else if (args[1] === "rm") removeAt(whole.config[root], path);
  else {
    if (!isContainer(whole.config[root])) whole.config[root] = typeof path[0] === "number" ? [] : {};
    setAt(whole.config[root] as Container, path, value);
  }
  writeFileSync(file, stringify(whole));
}

function setAt(at: Container, [key = "", ...rest]: readonly (string | number)[], value: unknown): void {
  const holder = at as Record<string | number, unknown>;
  if (Array.isArray(at) !== (typeof key === "number")) throw new Error(`${key}: not the key of such a value`);
  if (Array.isArray(at) && Number(key) > at.length) throw new Error(`${key}: array index out of range`);
  if (rest.length === 0) {
    holder[key] = value;
    return;
  }
  holder[key] ??= typeof rest[0] === "number" ? [] : {};
  if (!isContainer(holder[key])) throw new Error(`${key}: expected an array or a map`);
  setAt(holder[key], rest, value);
}

function removeAt(at: unknown, [key = "", ...rest]: readonly (string | number)[]): void {
  if (!isContainer(at) || Array.isArray(at) !== (typeof key === "number")) return;
  if (rest.length > 0) removeAt((at as Record<string | number, unknown>)[key], rest);
  else if (Array.isArray(at)) at.splice(Number(key), 1);
  else Reflect.deleteProperty(at, key);
}

/**
 * Pastes lines into a shell in a folder with stack files.
 *
 * @returns the commands that are not `pulumi config`, which somebody else has to follow: `minikube start -p other`.
 */
export function paste(lines: readonly string[], folder: string): string[] {
  return calls(lines, folder).flatMap(({ program, args, stdin }) => {
    if (program !== "pulumi" || args[0] !== "config") return [[program, ...args].join(" ")];
    configure(args, stdin, folder);
    return [];
  });
}
