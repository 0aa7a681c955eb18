import { isObject, objectAt, type Fields } from "../system/fields.ts";

/** The text by which the engine says "not known yet" in a preview (sdk/go/common/resource/sig/sig.go). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** The key and the value that mark an object as a wrapped secret (pulumi/pulumi sdk/go/common/resource/sig/sig.go). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
/** The annotation in which `kubectl apply` stores a copy of all it was given, a Secret's data included. */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

const isSecret = (value: unknown): value is { value: unknown } =>
  isObject(value) && value[SIGNATURE] === SECRET;

/** Wraps a value so that the engine keeps it encrypted in state. */
export const secret = (value: unknown): Fields => (isSecret(value) ? value : { [SIGNATURE]: SECRET, value });

/** A deep copy without secret wrappers and nulls, which the API server may be sent. */
export function plain(value: unknown): unknown {
  if (isSecret(value)) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  return isObject(value) ? plainObject(value) : value;
}

/** The same for an object; empty for undefined. */
export function plainObject(value: Fields = {}): Fields {
  const known = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return Object.fromEntries(known.map(([key, inner]) => [key, plain(inner)]));
}

const some = (value: unknown, test: (leaf: unknown) => boolean): boolean =>
  test(value) ||
  (typeof value === "object" && value !== null && Object.values(value).some((inner) => some(inner, test)));

/** Tells whether a value anywhere inside is only known after an update. */
export const hasUnknown = (value: unknown): boolean => some(value, (leaf) => leaf === UNKNOWN);

/**
 * Copies secrecy from inputs to outputs, key by key; a list with one secret in it becomes secret as a whole, and
 * `data` and `stringData` of a Secret always are (annotateSecrets, provider/pkg/provider/provider.go @ 94977969).
 * It is stricter than the official plugin: the metadata of a Secret with a last-applied annotation, a copy of its data,
 * is secret too.
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
