import { stringify } from "yaml";
import { z } from "zod";
import { quantityPattern, quantityValue } from "../components/kubernetes/quantity.ts";

/**
 * The types of settings. Each carries, as annotations of JSON Schema, what a refusal says: `title` is what is allowed,
 * in words, and the first of `examples` is the value that the command which mends it sets.
 */

/** Several settings, whose keys are all known. */
export function object<T extends z.core.$ZodLooseShape>(shape: T, example: object) {
  const shown = stringify(example, { collectionStyle: "flow" }).trim();
  return z.strictObject(shape).meta({ title: `settings such as ${shown}`, examples: [example] });
}

/**
 * A text of a form.
 *
 * @param blank stands in commands for a value that only the user knows. @default the example can be taken as it is
 */
export function string(pattern: RegExp, title: string, example: string, blank?: string) {
  return z
    .string()
    .regex(pattern)
    .meta({ title, examples: [example], ...(blank === undefined ? {} : { blank }) });
}

/** A text of a form, for which a whole number may stand: `pulumi config set --path` makes numbers of digits. */
export function digitsOr(pattern: RegExp, title: string, example: string, blank?: string) {
  return z
    .union([z.string().regex(pattern), z.int().nonnegative()])
    .transform(String)
    .meta({ title, examples: [example], ...(blank === undefined ? {} : { blank }) });
}

/** One of a few words. */
export function enumOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values).meta({ title: values.join(", "), examples: [values[0]] });
}

/** True or false. */
export function boolean(example: boolean) {
  return z.boolean().meta({ title: "true or false", examples: [example] });
}

/** A whole number in a range. */
export function integer(least: number, most: number, example: number) {
  const title = `a whole number from ${String(least)} to ${String(most)}`;
  return z
    .int()
    .min(least)
    .max(most)
    .meta({ title, examples: [example] });
}

/** A list with at least one entry, unless its example has none. */
export function list<T extends z.ZodType>(of: T, title: string, example: readonly string[]) {
  return z
    .array(of)
    .min(Math.min(1, example.length))
    .meta({ title, examples: [example] });
}

/** A quantity of Kubernetes. A stack file may hold `1` as a number: `pulumi config set --path` makes numbers of digits. */
function quantity(title: string, example: string, isRight: (value: number) => boolean) {
  return z
    .union([z.string(), z.number()])
    .transform(String)
    .refine((text) => quantityPattern.test(text) && isRight(quantityValue(text)))
    .meta({ title, examples: [example] });
}

/** A processor time. From 100 CPUs on, the unit `m` was forgotten: no pod of this application needs one CPU. */
export const cpu = quantity("a CPU quantity below 100", "250m", (value) => value < 100);

/**
 * A quantity of whole bytes, of which an API server says "fractional byte value is invalid, must be an integer".
 *
 * @param least a quantity below which the unit was forgotten.
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/api/pod/warnings.go
 */
export function bytes(least: string, example: string) {
  const title = `a quantity of whole bytes from ${least} to 8Ei`;
  return quantity(
    title,
    example,
    (value) => Number.isInteger(value) && value >= quantityValue(least) && value < 2 ** 63,
  );
}

/**
 * A PEM block, with or without text and other blocks around it, as nginx takes it: of EC keys, openssl writes the
 * parameters before the key. A certificate with its key in one text is none: the former is no secret.
 */
export function pem(kind: "CERTIFICATE" | "PRIVATE KEY", example: string) {
  const line = (word: string) => `-----${word} ([A-Z0-9]+ )*${kind}-----`;
  const alone = kind === "CERTIFICATE" ? "(?![\\s\\S]*PRIVATE KEY-----)" : "";
  const form = new RegExp(
    `^${alone}([\\s\\S]*\\n)?[ \\t]*${line("BEGIN")}\\r?\\n[\\s\\S]+\\n[ \\t]*${line("END")}`,
  );
  const contentMediaType = "application/x-pem-file";
  const title = `a PEM block (${kind})${alone && ", and no private key beside it"}`;
  return string(form, title, example).meta({
    title,
    examples: [example],
    contentMediaType,
  });
}

/** One part of a dotted address, without leading zeros: some readers take `010` for 8. */
const OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
/** An IPv4 network. */
export function cidr(example: string, blank?: string) {
  const form = new RegExp(`^${OCTET}(\\.${OCTET}){3}/(\\d|[12]\\d|3[0-2])$`);
  return string(form, "an IPv4 network in CIDR notation", example, blank);
}

/** The form of a GUID. */
export const guidPattern = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/** The name of a Kubernetes object that becomes a DNS label: RFC 1123. */
export const dnsLabel = string(
  /^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
  "a DNS label: 1 to 63 lower-case letters, digits and '-', neither first nor last '-'",
  "multi-client",
);
/** A DNS name, such as of a host, or that of this computer. */
export const dnsName = string(
  /^(?=.{1,253}$)(localhost|([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?)$/,
  "a DNS name in lower case",
  "app.example.com",
  "<your host name>",
);

/** Parts of an image reference. Grammar: https://pkg.go.dev/github.com/distribution/reference */
const DOMAIN_PART = "[a-z0-9]([a-z0-9-]*[a-z0-9])?";
/** A port of TCP, without leading zeros. */
export const PORT = "(6553[0-5]|655[0-2]\\d|65[0-4]\\d\\d|6[0-4]\\d{3}|[1-5]\\d{4}|[1-9]\\d{0,3})";
const DOMAIN = `(localhost|${DOMAIN_PART}(\\.${DOMAIN_PART})+|${DOMAIN_PART}(?=:))(:${PORT})?`;
const PATH_PART = "[a-z0-9]+((\\.|_{1,2}|-+)[a-z0-9]+)*";
/** The reference of an image. A name has at most 255 characters. */
export const imageReference = string(
  new RegExp(
    `^(?=[^@]{1,255}(@|$))(${DOMAIN}/)?${PATH_PART}(/${PATH_PART})*(:\\w[\\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$`,
  ),
  "an image reference",
  "redis:8@sha256:<64 hex digits>",
  "<image>",
);
/** A registry that stands in for another one. */
export const registry = string(
  new RegExp(`^${DOMAIN}(/${PATH_PART})*/?$`),
  "a registry, with a path if need be",
  "registry.example.com/mirror",
  "<your registry>",
);
