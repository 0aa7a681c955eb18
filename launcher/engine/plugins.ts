import { UserError } from "../../system/errors.ts";
import { isLocal, type Stack } from "../stack/read-stack.ts";

/** The plugins that drive the cluster: Pulumi's, or the sandbox's stand-ins, which speak to local clusters only. */
export type Plugins = "official" | "standin";

/**
 * Stand-ins are an explicit choice: stack `sandbox`, the end-to-end stacks, or PLUGINS=standin together with a local
 * context that the stack file names. Nothing falls back to them.
 *
 * @param asked value of PLUGINS.
 * @param endToEnd whether the end-to-end suite runs this.
 */
export function choosePlugins(
  stack: Stack,
  asked: string | undefined,
  endToEnd = false,
): { readonly plugins: Plugins; readonly because: string } {
  if (asked !== undefined && asked !== "official" && asked !== "standin") {
    throw new UserError(`PLUGINS is ${JSON.stringify(asked)}; it must be official or standin.`);
  }
  const because =
    asked !== undefined
      ? `PLUGINS=${asked}`
      : endToEnd
        ? "an end-to-end stack"
        : stack.name === "sandbox"
          ? "stack sandbox"
          : undefined;
  if (because === undefined || asked === "official") return { plugins: "official", because: because ?? "" };
  const { target } = stack;
  if (target.provider === "managed") {
    if (target.hasPlaceholderAccount) return { plugins: "standin", because };
    throw new UserError(
      `Simulated clouds (${because}) are refused for stack ${stack.name}: Pulumi.${stack.name}.yaml names a real account.\n` +
        "Expected: the placeholder account, as the committed prod files have it, because a stand-in must\n" +
        "never pretend to deploy to somebody's account.\n" +
        `Fix: make <target> STACK=${stack.name} PLUGINS=official`,
    );
  }
  if (!isLocal(stack)) {
    const found =
      target.provider !== "other"
        ? `context ${target.context}, without local: true`
        : `no context of a local cluster (multi-client:cluster is ${target.fault})`;
    throw new UserError(
      `Stand-in plugins (${because}) are refused for stack ${stack.name}.\n` +
        `Found in Pulumi.${stack.name}.yaml: ${found}.\n` +
        "Expected: a local cluster (provider minikube, or existing with a context and local: true), because a\n" +
        "stand-in must never pretend to deploy anywhere else.\n" +
        `Fix: make <target> STACK=${stack.name} PLUGINS=official`,
    );
  }
  return { plugins: "standin", because };
}
