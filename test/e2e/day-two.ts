import assert from "node:assert/strict";
import { apiPath } from "../../system/api-path.ts";
import { api, kindOf, list, until, type Loose } from "./cluster.ts";
import { isReady } from "./pods.ts";
import type { TestStack } from "./stack.ts";

/** The end of every case: what the cluster has is what the program says, and the state knows it. */
export async function settled(stack: TestStack): Promise<void> {
  // A pod whose probe was late for a moment makes its workload one that is to be updated. Of one that stays so the plan tells.
  const present = async () =>
    (await list("Pod", stack.namespace)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  await until("all pods are ready", async () => (await present()).every(isReady)).catch(() => undefined);
  const { code, output } = await stack.pulumi(["preview", "--refresh", "--expect-no-changes"]);
  assert.equal(code, 0, output.replaceAll(/^ .* (refreshing|refresh) *\n/gm, ""));
}

/** Changes an object as `kubectl edit` does, or as another `manager`; `scale` for its number of pods. */
export async function edit(
  stack: TestStack,
  [kind, name]: readonly [kind: string, name: string],
  change: Loose,
  { manager = "kubectl-edit", subresource = "" } = {},
): Promise<void> {
  const path = `${apiPath(kindOf(kind), stack.namespace, name)}${subresource && `/${subresource}`}`;
  const type = "application/strategic-merge-patch+json";
  await api().send("PATCH", path, { fieldManager: manager }, change, type);
}

/** Runs a target that must fail, and gives what it said. */
export async function failing(ran: Promise<{ code: number; output: string }>): Promise<string> {
  const { code, output } = await ran;
  assert.notEqual(code, 0, output);
  assert.doesNotMatch(output, /\n\s+at .*\(/, "no stack trace");
  return output;
}
