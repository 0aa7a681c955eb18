import { randomBytes } from "node:crypto";
import { deepMerge, type Fields, isObject, listAt, objectAt } from "../../system/fields.ts";

/** The field manager of a creation, which is no apply (Creation, provider/pkg/await/await.go @ 94977969). */
export const CREATE_MANAGER = "pulumi-kubernetes";

/** Names the field manager of an object, which its state keeps (fieldManagerName, provider.go @ 94977969). */
export const newFieldManager = (): string => `${CREATE_MANAGER}-${randomBytes(4).toString("hex")}`;

/** The managers whose fields the first update takes over (fixCSAFieldManagers, await.go @ 94977969). */
const INHERITED =
  /^(Apply:kubectl|Update:(kubectl|before-first-apply|pulumi-kubernetes|pulumi-resource-kubernetes))/;

/** The managers of a creation, whose fields a preview may overwrite (patchForce, await.go @ 94977969). */
const CREATORS = [CREATE_MANAGER, "pulumi-resource-kubernetes", "pulumi-kubernetes.exe"];

const entriesOf = (object: Fields): Fields[] => listAt(object, "metadata", "managedFields").filter(isObject);

/** Tells whether a creation owns fields of an object, or no manager is known: no update has taken them over yet. */
export function hasFieldsOfCreate(object: Fields): boolean {
  const entries = entriesOf(object);
  const written = entries.filter(({ operation }) => operation === "Update").map(({ manager }) => manager);
  return entries.length === 0 || written.some((manager) => CREATORS.includes(String(manager)));
}

/**
 * Hands the fields that a creation or kubectl wrote to `manager`, so that a field which leaves the program leaves the
 * object (PatchReplaceFieldsManagers, fluxcd/pkg ssa).
 *
 * @returns the managed fields of the object; undefined when there is nothing to hand over.
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
