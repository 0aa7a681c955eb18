import { computed, type Recorded } from "../render/recorder.ts";
import { unknown, type Resource } from "./rules/rule.ts";

/** The resources of a rendered program as the rules take them. */
export function fromRender(resources: readonly Recorded[]): Resource[] {
  return resources.map(({ urn, type, name, inputs, protect, retainOnDelete }) => ({
    urn,
    type,
    name,
    inputs: marked(inputs) as Resource["inputs"],
    protect,
    retainOnDelete,
  }));
}

/** A value in which {@link unknown} stands for each text that the recorder has in the place of an unknown value. */
function marked(value: unknown): unknown {
  if (value === computed) return unknown;
  if (Array.isArray(value)) return value.map(marked);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, marked(item)]));
}
