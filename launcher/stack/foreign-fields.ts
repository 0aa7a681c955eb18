import { isDeepStrictEqual } from "node:util";
import { shellWords } from "../../system/shell-command.ts";
import type { EngineEvent } from "../engine/events.ts";
import { isExpected } from "./expected-fields.ts";

/**
 * One entry of `metadata.managedFields`: who set which fields, and by which subresource.
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
interface ManagedFields {
  readonly manager?: string;
  readonly subresource?: string;
  readonly fieldsV1?: Fields;
}
/** Fields as `fieldsV1` has them: `f:NAME` is a field, `k:KEYS` an item of a list by its keys, `v:VALUE` one by value. */
interface Fields {
  readonly [key: string]: Fields;
}

/** A field of an object that another field manager set, and this program did not set as well. */
export interface ForeignField {
  /** Kind and name: `Service client`. */
  readonly object: string;
  /** The field manager, with its subresource where it has one: `kubectl (scale)`. */
  readonly manager: string;
  /** Where it is: `spec.ports[port=9229,protocol=TCP]`. */
  readonly field: string;
  /** Whether the program sets it too, to another value. */
  readonly isOurs: boolean;
  /** JSON pointer in the object as it is. */
  readonly pointer: string;
}

/** The plugin's field managers, of `create` and of every update (fieldManagerName, provider/pkg/provider/provider.go @ 94977969). */
const OURS = /^pulumi-(resource-)?kubernetes/;

/** The fields that others set in the objects of a stack, but for the expected ones, from the refresh before a plan. */
export function foreignFields(events: readonly EngineEvent[]): ForeignField[] {
  return events
    .flatMap(({ resOutputsEvent }) => resOutputsEvent?.metadata ?? [])
    .filter(({ op, type }) => op === "refresh" && type.startsWith("kubernetes:"))
    .flatMap(({ type, old, new: now }) => {
      const object = (now?.outputs ?? {}) as { metadata?: { name?: string; managedFields?: unknown } };
      const { name = "", managedFields } = object.metadata ?? {};
      const kind = type.split(":").at(-1) ?? "";
      const entries = Array.isArray(managedFields) ? (managedFields as ManagedFields[]) : [];
      const ours = entries.filter(({ manager = "" }) => OURS.test(manager)).map(({ fieldsV1 }) => fieldsV1);
      return entries
        .filter(({ manager = "" }) => !OURS.test(manager))
        .flatMap(({ manager = "", subresource, fieldsV1 = {} }) =>
          without(fieldsV1, ours).flatMap((path): ForeignField[] => {
            const field = path.map(shown).join("").replace(/^\./, "");
            if (isExpected(kind, manager, field)) return [];
            // A refresh makes inputs of what it finds: what the program set are those before it.
            const [wanted, live] = [found(path, old?.inputs), found(path, object)];
            // What is gone, or the same as the program's, is nobody's concern.
            if (live === undefined || isDeepStrictEqual(wanted?.value, live.value)) return [];
            return [
              {
                object: `${kind} ${name}`,
                manager: subresource === undefined ? manager : `${manager} (${subresource})`,
                field,
                isOurs: wanted !== undefined,
                pointer: live.pointer,
              },
            ];
          }),
        );
    });
}

/** The topmost paths that `theirs` owns as a whole (`.`, or nothing below) and of which nothing is in any of `ours`. */
function without(theirs: Fields, ours: readonly (Fields | undefined)[]): string[][] {
  return Object.entries(theirs).flatMap(([key, below]): string[][] => {
    const same = ours.flatMap((fields) => fields?.[key] ?? []);
    const isWhole = "." in below || Object.keys(below).length === 0;
    if (key === ".") return [];
    if (isWhole && same.length === 0) return [[key]];
    return without(below, same).map((path) => [key, ...path]);
  });
}

/** `f:ports` as `.ports`, `k:{"port":80}` as `[port=80]`, `v:"a"` as `["a"]`. */
function shown(key: string): string {
  const rest = key.slice(2);
  if (key.startsWith("f:")) return /^[\w-]+$/.test(rest) ? `.${rest}` : `["${rest}"]`;
  if (!key.startsWith("k:")) return `[${rest}]`;
  const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>);
  return `[${keys.map(([name, value]) => `${name}=${String(value)}`).join(",")}]`;
}

/** What a path leads to in an object, and its JSON pointer (RFC 6901); undefined where nothing is there. */
function found(path: readonly string[], object: unknown): { value: unknown; pointer: string } | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return object === undefined ? undefined : { value: object, pointer: "" };
  const step = stepTo(key, object);
  const below = step === undefined ? undefined : found(rest, (object as Record<string, unknown>)[step]);
  return (
    below && {
      ...below,
      pointer: `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}${below.pointer}`,
    }
  );
}

function stepTo(key: string, object: unknown): string | undefined {
  const rest = key.slice(2);
  if (key.startsWith("f:"))
    return typeof object === "object" && object !== null && rest in object ? rest : undefined;
  const wanted: unknown = JSON.parse(rest);
  const index = (Array.isArray(object) ? (object as unknown[]) : []).findIndex((item) =>
    key.startsWith("k:")
      ? Object.entries(wanted as object).every(
          ([name, value]) => (item as Record<string, unknown>)[name] === value,
        )
      : item === wanted,
  );
  return index === -1 ? undefined : String(index);
}

/**
 * What becomes of those fields, for the user; empty where there are none.
 *
 * @param kubectl the command with its context and namespace.
 */
export function foreignFieldsText(fields: readonly ForeignField[], kubectl: string): string {
  if (fields.length === 0) return "";
  const lines = fields.map(({ object, manager, field, isOurs }) => {
    const then = isOurs ? "make up sets it back" : "this program does not set it, and leaves it";
    return `  ${object}: ${manager} set ${field}; ${then}`;
  });
  const removals = [...new Set(fields.map(({ object }) => object))].flatMap((object) => {
    const pointers = fields
      .filter((each) => each.object === object && !each.isOurs)
      .map(({ pointer }) => pointer);
    if (pointers.length === 0) return [];
    // Later items first: the others keep their places.
    pointers.sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
    const patch = JSON.stringify(pointers.map((path) => ({ op: "remove", path })));
    return [
      `  ${kubectl} patch ${shellWords([...object.toLowerCase().split(" "), "--type", "json", "-p", patch])}`,
    ];
  });
  return [
    "Set by others in the cluster:",
    ...lines,
    ...(removals.length > 0 ? ["To remove what is left:"] : []),
    ...removals,
    "",
  ].join("\n");
}
