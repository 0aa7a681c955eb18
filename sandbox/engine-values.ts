/** A JSON object as it travels to and from the engine and the API server. */
export type Fields = Record<string, unknown>;

/** How the engine spells "not known yet" in a preview (pulumi/pulumi sdk/go/common/resource/plugin/rpc.go). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Key and value that mark an object as a wrapped secret (pulumi/pulumi sdk/go/common/resource/sig.go). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
/** What `kubectl apply` stores on an object: a copy of all it was given, a Secret's data included. */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

export const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isSecret = (value: unknown): value is { value: unknown } =>
  isObject(value) && value[SIGNATURE] === SECRET;

/** Wraps a value so that the engine keeps it encrypted in state. */
export const secret = (value: unknown): Fields => (isSecret(value) ? value : { [SIGNATURE]: SECRET, value });

/** The value at a path of keys, undefined where any of them is missing. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value);
}

/** The object at a path of keys, empty where there is none. */
export function objectAt(value: unknown, ...path: string[]): Fields {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

/** The list at a path of keys, empty where there is none. */
export function listAt(value: unknown, ...path: string[]): unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The text at a path of keys, empty where there is none. */
export function textAt(value: unknown, ...path: string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

/** The number at a path of keys, 0 where there is none. */
export const numberAt = (value: unknown, ...path: string[]): number => Number(at(value, ...path) ?? 0);

/** A copy without some keys. */
export function without(object: Fields, keys: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/** An object's name, empty when it has none. */
export const nameOf = (object: Fields): string => textAt(object, "metadata", "name");

/** An object's namespace, empty when it has none. */
export const namespaceOf = (object: Fields): string => textAt(object, "metadata", "namespace");

/** A deep copy without secret wrappers and nulls: what the API server may be sent. */
export function plain(value: unknown): unknown {
  if (isSecret(value)) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  return isObject(value) ? plainObject(value) : value;
}

/** `plain` for an object, empty for undefined. */
export function plainObject(value: Fields = {}): Fields {
  const known = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(known.map(([key, inner]) => [key, plain(inner)]));
}

const some = (value: unknown, test: (leaf: unknown) => boolean): boolean =>
  test(value) ||
  (typeof value === "object" && value !== null && Object.values(value).some((inner) => some(inner, test)));

/** Whether a value that is only known after an update hides anywhere inside. */
export const hasUnknown = (value: unknown): boolean => some(value, (leaf) => leaf === UNKNOWN);

/**
 * Copies secrecy from inputs to outputs, key by key; a list with one secret in it becomes secret as a whole, and
 * `data` and `stringData` of a Secret always are (annotateSecrets, provider/pkg/provider/provider.go @ 94977969).
 * Stricter than the official plugin: with a last-applied annotation, a copy of its data, so is a Secret's metadata.
 */
export function keepSecrets(outputs: Fields, inputs: Fields): Fields {
  if (outputs.kind === "Secret") {
    const keys = LAST_APPLIED in objectAt(outputs, "metadata", "annotations") ? ["metadata"] : [];
    const hidden = [...keys, "data", "stringData"].filter((key) => key in outputs);
    return { ...outputs, ...Object.fromEntries(hidden.map((key) => [key, secret(outputs[key])])) };
  }
  const kept = Object.entries(outputs).map(([key, output]): [string, unknown] => {
    const input = inputs[key];
    if (isObject(output) && isObject(input) && !isSecret(input)) return [key, keepSecrets(output, input)];
    return [key, some(input, isSecret) ? secret(output) : output];
  });
  return Object.fromEntries(kept);
}
