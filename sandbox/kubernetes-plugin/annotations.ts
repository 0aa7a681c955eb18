import { type Fields, objectAt, textAt } from "../../system/fields.ts";

/**
 * The annotations of provider/pkg/metadata/annotations.go @ 94977969 that are served. `patchFieldManager` is not, nor
 * `replaceUnready`, which is for Jobs only, nor any form of `waitFor` but one JSONPath.
 */
const PREFIX = "pulumi.com/";
const SERVED = [
  "autonamed",
  "deletionPropagationPolicy",
  "patchForce",
  "skipAwait",
  "timeoutSeconds",
  "waitFor",
] as const;

type Name = (typeof SERVED)[number];

const annotation = (object: Fields, name: Name): string =>
  textAt(object, "metadata", "annotations", PREFIX + name);

/** Tells whether an annotation is exactly "true" (IsAnnotationTrue, annotations.go @ 94977969). */
export const isAnnotated = (object: Fields, name: Name): boolean => annotation(object, name) === "true";

/** Lists the annotations of the official plugin that would silently do nothing here. */
export const unsupportedAnnotations = (object: Fields): string[] =>
  Object.keys(objectAt(object, "metadata", "annotations")).filter(
    (key) => key.startsWith(PREFIX) && !SERVED.some((name) => key === PREFIX + name),
  );

/** The seconds that an operation may take: `customTimeouts`, the annotation, else 10 min (overrides.go @ 94977969). */
export function timeoutSeconds(custom: number, inputs: Fields): number {
  const asked = annotation(inputs, "timeoutSeconds");
  return custom || (/^[+-]?\d+$/.test(asked) ? Number(asked) : 600);
}

/** How the objects are deleted that a deleted object owns (DeletionPropagation, overrides.go @ 94977969). */
export function propagationPolicy(inputs: Fields): "Orphan" | "Background" | "Foreground" {
  const asked = annotation(inputs, "deletionPropagationPolicy").toLowerCase();
  return asked === "orphan" ? "Orphan" : asked === "background" ? "Background" : "Foreground";
}

/** Tells whether `skipAwait` also covers the deletion (allowsSkipAwaitWithDelete, overrides.go @ 94977969). */
export const skipsDeletionWait = (inputs: Fields): boolean =>
  isAnnotated(inputs, "skipAwait") &&
  ["Namespace", "Deployment", "StatefulSet"].includes(String(inputs.kind));

/**
 * Tells whether the object has a value at the JSONPath of `pulumi.com/waitFor`, any value where the annotation names
 * none; undefined without the annotation.
 *
 * @see ReadyCondition, provider/pkg/metadata/overrides.go, and condition/jsonpath.go @ 94977969.
 */
export function meetsWaitFor(inputs: Fields, live: Fields): boolean | undefined {
  const [, path] = /^jsonpath=\{\.(.*)\}$/.exec(annotation(inputs, "waitFor")) ?? [];
  if (path === undefined) return undefined;
  const found = path
    .split(/[.[\]]+/)
    .filter(Boolean)
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], live);
  return found !== undefined;
}
