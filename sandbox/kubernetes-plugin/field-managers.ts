import { randomBytes } from "node:crypto";
import { deepMerge, type Fields, isObject, listAt, objectAt } from "../../system/fields.ts";

/** Who makes objects: `create` is no apply, and its name is fixed (Creation, provider/pkg/await/await.go @ 94977969). */
export const CREATE_MANAGER = "pulumi-kubernetes";

/** One applier per object, kept in its state (fieldManagerName, provider/pkg/provider/provider.go @ 94977969). */
export const newFieldManager = (): string => `${CREATE_MANAGER}-${randomBytes(4).toString("hex")}`;

/** Writers, by operation and prefix, whose fields the first update takes over (fixCSAFieldManagers, await.go @ 94977969). */
const INHERITED =
  /^(Apply:kubectl|Update:(kubectl|before-first-apply|pulumi-kubernetes|pulumi-resource-kubernetes))/;

/** Writers of `create`, whose fields a preview may overwrite (patchForce, await.go @ 94977969). */
const CREATORS = [CREATE_MANAGER, "pulumi-resource-kubernetes", "pulumi-kubernetes.exe"];

const entriesOf = (object: Fields): Fields[] => listAt(object, "metadata", "managedFields").filter(isObject);

/** Whether `create` wrote fields of an object that no update has taken over yet, or nobody is known to have. */
export function hasFieldsOfCreate(object: Fields): boolean {
  const entries = entriesOf(object);
  const written = entries.filter(({ operation }) => operation === "Update").map(({ manager }) => manager);
  return entries.length === 0 || written.some((manager) => CREATORS.includes(String(manager)));
}

/**
 * The object's managed fields with everything that `create` or kubectl wrote handed to `manager`, so that a field which
 * leaves the program leaves the object (PatchReplaceFieldsManagers, fluxcd/pkg ssa); undefined when all is as it should.
 */
export function takeOverFields(object: Fields, manager: string): Fields[] | undefined {
  const entries = entriesOf(object);
  const writer = (entry: Fields) => `${String(entry.operation)}:${String(entry.manager)}`;
  const ours = entries.find((entry) => writer(entry) === `Apply:${manager}`);
  const theirs = entries.filter(
    (entry) => entry !== ours && !entry.subresource && INHERITED.test(writer(entry)),
  );
  const [first] = theirs;
  if (!first) return undefined;
  const base = ours ?? { ...first, manager, operation: "Apply" };
  const fieldsV1 = theirs
    .map((entry) => objectAt(entry, "fieldsV1"))
    .reduce(deepMerge, objectAt(base, "fieldsV1"));
  return [...entries.filter((entry) => entry !== ours && !theirs.includes(entry)), { ...base, fieldsV1 }];
}
