import { nearest } from "./problems.ts";
import type { SettingSchema } from "./setting-schema.ts";

/** The values that may be meant by a wrong one, the likeliest first; which of them is right, the schema says. */
export function meantValues(value: unknown, { examples = [], enum: words = [] }: SettingSchema): string[] {
  const amount = meantAmount(value, examples[0]);
  const texts = amount === undefined ? [] : [amount];
  // YAML reads 1.30 as 1.3.
  if (typeof value === "number") texts.push(String(value).replace(/\.\d$/, "$&0"));
  if (typeof value === "string") {
    const plain = value.trim();
    texts.push(plain, plain.toLowerCase(), nearest(plain, words.map(String)) ?? plain);
  }
  return texts;
}

/** The question about the value that was probably meant; of text that YAML reads as something else, the corrected line. */
export function suggestionOf(key: PropertyKey, value: unknown, meant: string): string {
  if (typeof value === "string" || Number.isNaN(Number(meant))) return `; did you mean ${meant}?`;
  return `, in quotes: ${String(key)}: "${meant}" (without, YAML reads the number ${String(value)})`;
}

/** The amount that was probably meant by a wrong one, in the unit of an example: `512Mi` by `512m`, `512MB` and `512`. */
function meantAmount(value: unknown, example: unknown): string | undefined {
  const [, unit] = /^\d+([MG]i|m)$/.exec(String(example)) ?? [];
  const [, count = "", letter = ""] =
    /^\+?(\d{1,5}(?:\.\d{1,3})?) ?([kmgt]?)(?:i?b|ib?)?$/i.exec(String(value).trim()) ?? [];
  if (unit === undefined || Number(count) === 0) return undefined;
  if (unit === "m") return letter === "" ? `${count}m` : undefined;
  return Number.isInteger(Number(count)) ? count + (letter ? `${letter.toUpperCase()}i` : unit) : undefined;
}
