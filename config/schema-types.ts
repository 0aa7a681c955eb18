import { z } from "zod";
import { quantityPattern } from "../components/kubernetes/quantity.ts";

/** An object whose keys are all known. */
export function object<T extends z.core.$ZodLooseShape>(shape: T, example: string) {
  return z.strictObject(shape, { error: describe("settings", example) });
}

/** What a leaf allows, and an example, in the form that the messages are made of. */
export function describe(allowed: string, example: string): string {
  return `${allowed}, for example ${example}`;
}

/** What {@link describe} said; undefined for a message that is not of this form. */
export function parseDescription(
  message: string,
): { readonly allowed: string; readonly example: string } | undefined {
  const [, allowed, example] = /^([\s\S]*), for example ([\s\S]*)$/.exec(message) ?? [];
  return allowed === undefined || example === undefined ? undefined : { allowed, example };
}

/** Text of a form. */
export function string(pattern: RegExp, { allowed, example }: { allowed: string; example: string }) {
  const error = describe(allowed, example);
  return z.string({ error }).regex(pattern, { error });
}

/** One of a few words. */
export function enumOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: describe(values.join(", "), values[0]) });
}

/** A whole number in a range. */
export function integer(least: number, most: number, example: number) {
  const error = describe(`a whole number from ${String(least)} to ${String(most)}`, String(example));
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** A stack file may hold `1` as a number: `pulumi config set --path` makes numbers of digits. */
export function quantity(name: string, example: string) {
  const error = describe(name, example);
  return z
    .union([z.string(), z.number()], { error })
    .transform(String)
    .pipe(z.string().regex(quantityPattern, { error }));
}

/** A PEM block. */
export function pem(kind: string, example: string) {
  return string(new RegExp(`^\\s*-----BEGIN [A-Z ]*${kind}-----[\\s\\S]+-----END [A-Z ]*${kind}-----\\s*$`), {
    allowed: `a PEM block (${kind})`,
    example,
  });
}

/** Names of Kubernetes objects that become DNS labels: RFC 1123. */
export const dnsLabel = string(/^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, {
  allowed: "a DNS label: 1 to 63 lower-case letters, digits and '-', neither first nor last '-'",
  example: "multi-client",
});
/** DNS names, such as of hosts. */
export const dnsName = string(
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/,
  {
    allowed: "a DNS name in lower case",
    example: "app.example.com",
  },
);
