import assert from "node:assert/strict";
import { Provider } from "@pulumi/kubernetes/provider.js";
import { isObjectType, record, type Recorded } from "../../render/recorder.ts";
import { renderProgram, stackConfig, type Rendered } from "../../render/program.ts";

/** Records what a few lines of program register, with a provider to hand to components. */
export async function recordComponents(program: (provider: Provider) => void): Promise<Recorded[]> {
  const { resources } = await record({ project: "multi-client", stack: "test" }, () => {
    program(new Provider("here", { context: "test" }));
  });
  return resources;
}

/** The one resource of a type, and of a name where there are several. */
export function only(resources: readonly Recorded[], type: string, name?: string): Recorded {
  const found = resources.filter((r) => r.type === type && (name === undefined || r.name === name));
  const [first] = found;
  assert.ok(first && found.length === 1, `expected one ${type} ${name ?? ""}, got ${String(found.length)}`);
  return first;
}

/** `spec` of an object, as deep and loose as the manifest it stands for. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export function spec({ inputs }: Recorded): any {
  return inputs.spec;
}

/** The Kubernetes objects among the resources. */
export function objects({ resources }: Rendered): readonly Recorded[] {
  return resources.filter(({ type }) => isObjectType(type));
}

const ran = new Map<string, Promise<Rendered>>();

/**
 * Runs a stack as its file stands, with some sections of its configuration replaced; `undefined` removes one.
 * What was run before is not run again: nobody changes what it gives.
 */
export function runStack(stack: string, sections: Record<string, unknown> = {}): Promise<Rendered> {
  const config = stackConfig(stack);
  for (const [section, value] of Object.entries(sections)) config[`multi-client:${section}`] = value;
  const set = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
  const key = JSON.stringify([stack, set]);
  const result = ran.get(key) ?? renderProgram(stack, set);
  ran.set(key, result);
  return result;
}

/** A cluster that is not on this computer: what production will be to the program. */
export const remote = { provider: "existing", context: "far", local: false };

/** The kind in a resource's type: `Service` of `kubernetes:core/v1:Service`. */
export function kindOf({ type }: Recorded): string {
  return type.split(":")[2] ?? "";
}

/** Every Kubernetes object as `Kind name`, sorted; a generated suffix is a `*`. */
export function inventory(rendered: Rendered): string[] {
  return objects(rendered)
    .map((object) => {
      const { name } = object.inputs.metadata as { name: string };
      return `${kindOf(object)} ${name.replace(/-[0-9a-f]{8}$/, "-*")}`;
    })
    .sort();
}
