import { fromRender } from "../../policy/from-render.ts";
import type { Resource } from "../../policy/rules/rule.ts";
import { committedStacks } from "../../render/program.ts";
import { runStack } from "./pulumi.ts";

/** The resources of every committed stack, as the rules of the policy take them. One program runs at a time. */
export async function committedResources(): Promise<Record<string, Resource[]>> {
  const stacks: Record<string, Resource[]> = {};
  for (const stack of committedStacks()) stacks[stack] = fromRender((await runStack(stack)).resources);
  return stacks;
}
