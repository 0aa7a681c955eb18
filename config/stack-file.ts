import { isCollection, isScalar, parseAllDocuments, visit, type Document } from "yaml";
import { UserError } from "../system/errors.ts";

/** A stack file as the engine reads it. */
export interface StackFile {
  /**
   * The text of every setting by its full key, as the engine hands it to the program: objects and lists as JSON. Text
   * that is encrypted is {@link ENCRYPTED}.
   */
  readonly texts: Readonly<Record<string, string>>;
  /** The full keys of settings that are encrypted, or hold something encrypted. */
  readonly secretKeys: readonly string[];
  /** As `pulumi stack init --secrets-provider` takes it; undefined where the file names none. */
  readonly secretsProvider: string | undefined;
}

/** Stands for text that only the secrets provider of the stack can decrypt. */
export const ENCRYPTED = "[secret]";

/** The keys at the top of a stack file: sdk/go/common/workspace/project.go (ProjectStack). */
const TOP = ["config", "secretsprovider", "encryptedkey", "encryptionsalt", "environment"];

/**
 * Reads a stack file by the engine's rules: keys with and without the project's name, merge keys, the numbers and dates
 * of Go's YAML. Sources: sdk/go/common/workspace/loaders.go (LoadProjectStackBytes), sdk/go/common/resource/config
 * (object.go, key.go), gopkg.in/yaml.v3 (resolve.go).
 *
 * @param file its name, for messages.
 * @throws UserError where the engine cannot read it either, or would not read what was meant.
 */
export function parseStackFile(file: string, text: string, project = "multi-client"): StackFile {
  const refuse = (found: string, fix: string): never => {
    throw new UserError(`${file} cannot be used: ${found}.\nFix: ${fix}`);
  };
  const [document] = parseAllDocuments(text, { schema: "failsafe", merge: true });
  if (document === undefined) return { texts: {}, secretKeys: [], secretsProvider: undefined };
  const zeros = document.errors.length === 0 ? lostZeros(document, text) : undefined;
  if (zeros !== undefined) return refuse(zeros.found, zeros.fix);
  let whole: unknown;
  try {
    whole = valueOf(document);
  } catch (error) {
    const [why = ""] = error instanceof Error ? error.message.split("\n") : [];
    return refuse(why.replace(/:$/, ""), `correct the file; git diff ${file} shows what changed`);
  }
  if (whole !== null && !isGroup(whole))
    return refuse(`it is ${kindOf(whole)}, not settings by key`, "write the settings below a key config:");
  const { config = null, secretsprovider, encryptionsalt, ...others } = whole ?? {};
  const misplaced = Object.keys(others).filter((key) => !TOP.includes(key) && key.includes(":"));
  if (misplaced.length > 0)
    return refuse(
      `${misplaced.join(", ")} is not below config:, where settings are read`,
      "indent it below config:",
    );
  if (config !== null && !isGroup(config))
    return refuse(
      `config: is ${kindOf(config)}`,
      `write the settings by key, without dashes: ${project}:cluster: ...`,
    );
  const settings = Object.entries(config ?? {}).map(
    ([key, value]) => [fullKey(key, project), value] as const,
  );
  const keys = settings.map(([key]) => key);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined)
    return refuse(`${twice} is there twice, with and without the project's name`, "take one of them away");
  const odd = keys.find((key) => key.split(":").length !== 2);
  if (odd !== undefined) return refuse(`${odd} is no key`, "write it as namespace:name, such as aws:region");
  const nested = settings.find(([key, value]) => key === `${project}:${project}` && isGroup(value));
  if (nested !== undefined) {
    const sections = Object.keys(nested[1] as object);
    const wanted = sections.map((section) => `${project}:${section}:`).join(", ");
    return refuse(
      `${sections.join(", ")} ${sections.length === 1 ? "is" : "are"} nested below ${project}:`,
      `the project's name is a part of each key; write below config: ${wanted}`,
    );
  }
  const secret = settings.filter(([, value]) => isSecret(value)).map(([key]) => key);
  const salt = encryptionsalt === undefined ? undefined : "passphrase";
  return {
    texts: Object.fromEntries(settings.map(([key, value]) => [key, textOf(value)])),
    secretKeys: secret,
    secretsProvider: typeof secretsprovider === "string" && secretsprovider !== "" ? secretsprovider : salt,
  };
}

/** A document as Go's YAML gives it. @throws Error where it is none, or an alias leads nowhere. */
function valueOf(document: Document.Parsed): unknown {
  for (const error of document.errors) throw error;
  visit(document, {
    Scalar(key, node) {
      const tag = node.tag?.replace("tag:yaml.org,2002:", "");
      if (typeof node.value !== "string" || (tag === undefined ? node.type !== "PLAIN" : tag === "str"))
        return;
      const value = scalarOf(node.value);
      node.value = key === "key" ? String(value) : value;
    },
    Pair(_, { key }) {
      if (isCollection(key)) throw new Error(`A key is text, and this is none: ${key.toString()}`);
    },
  });
  return isScalar(document.contents) ? document.contents.value : document.toJS();
}

/** The first number with a leading zero, which YAML takes away or reads as octal: nobody means that of an account or a name. */
function lostZeros(document: Document.Parsed, text: string): { found: string; fix: string } | undefined {
  let found: { found: string; fix: string } | undefined;
  visit(document, {
    Scalar(key, { type, tag, value, range }) {
      if (key === "key" || type !== "PLAIN" || tag !== undefined || typeof value !== "string") return;
      const read = /^[-+]?0\d/.test(value) ? scalarOf(value) : value;
      if (typeof read !== "number" && typeof read !== "bigint") return;
      const line = text.slice(0, range?.[0]).split("\n").length;
      const what = `${value} at line ${String(line)} is read as the number ${String(read)}`;
      found = { found: what, fix: `write it in quotes: "${value}"` };
      return visit.BREAK;
    },
  });
  return found;
}

const WHOLE = /^([-+]?)(0x[\da-f]+|0b[01]+|0o?[0-7]+|[1-9]\d*|0)$/i;
const DECIMAL = /^[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i;
const DATE =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]| )(\d\d?):(\d\d?):(\d\d?)(?:\.(\d{1,9}))?)?(Z|[-+]\d\d:\d\d)?$/;

/** A plain scalar as Go's YAML reads it: `0777` is octal, `1_000` a number, `yes` text, `2026-11-27` a date. */
function scalarOf(text: string): unknown {
  if (["", "~", "null", "Null", "NULL"].includes(text)) return null;
  if (["true", "True", "TRUE"].includes(text)) return true;
  if (["false", "False", "FALSE"].includes(text)) return false;
  const date = dateOf(text);
  if (date !== undefined) return date;
  const plain = /^[-+\d]/.test(text) ? text.replaceAll("_", "") : text;
  const [, sign, digits = ""] = WHOLE.exec(plain) ?? [];
  if (digits !== "") {
    const size = BigInt(digits.replace(/^0(?=[0-7])/, "0o").toLowerCase());
    const value = sign === "-" ? -size : size;
    if (value >= -(2n ** 63n) && value < 2n ** 64n)
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    if (!/^[1-9]/.test(digits)) return text;
  }
  const decimal = DECIMAL.test(plain) ? Number(plain) : Infinity;
  return Number.isFinite(decimal) ? decimal : text;
}

/** A date as Go writes it; undefined for other text. */
function dateOf(text: string): string | undefined {
  const [, year = "", month = "", day = "", hour = "0", minute = "0", second = "0", part = "", zone = "Z"] =
    DATE.exec(text) ?? [];
  const two = (number: string) => number.padStart(2, "0");
  const [date, time] = [`${year}-${two(month)}-${two(day)}`, `${two(hour)}:${two(minute)}:${two(second)}`];
  const read = new Date(`${date}T${time}Z`);
  if (Number.isNaN(read.getTime()) || read.toISOString().slice(0, 10) !== date) return undefined;
  const fraction = part.replace(/0+$/, "");
  const shift = zone.replace(":", "");
  return `${date} ${time}${fraction && `.${fraction}`} ${zone === "Z" ? "+0000 UTC" : `${shift} ${shift}`}`;
}

/** A key with its namespace, which is the project where none is written; `config` between the two is left out. */
function fullKey(key: string, project: string): string {
  return key.includes(":") ? key.replace(/^([^:]*):config:([^:]*)$/, "$1:$2") : `${project}:${key}`;
}

type Group = Readonly<Record<string, unknown>>;

const isGroup = (value: unknown): value is Group =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? "a list" : `text (${String(value).slice(0, 40)})`;

/** Tells whether a value is encrypted: an object with the one key `secure`, and text there. */
function isEncrypted(value: unknown): boolean {
  return isGroup(value) && Object.keys(value).join() === "secure" && typeof value.secure === "string";
}

function isSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isEncrypted(value) || Object.values(value).some(isSecret);
}

function textOf(value: unknown): string {
  if (isEncrypted(value)) return ENCRYPTED;
  if (value === null) return "";
  if (typeof value === "string" || typeof value === "bigint") return String(value);
  return JSON.stringify(value, (_, each: unknown) =>
    isEncrypted(each) ? ENCRYPTED : typeof each === "bigint" ? Number(each) : each,
  );
}
