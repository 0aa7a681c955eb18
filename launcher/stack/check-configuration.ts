import { loadStackConfig } from "../../config/stack-config.ts";
import { problemText } from "../../config/problems.ts";
import { services } from "../../services.ts";
import { UserError } from "../../system/errors.ts";
import type { Env } from "../../system/folders.ts";
import type { Cli } from "../engine/cli.ts";
import { countOf, type State } from "../recovery/pending-operations.ts";
import { kubernetesUpgrade, kubernetesVersionStep } from "./kubernetes-version-step.ts";
import type { Stack } from "./read-stack.ts";

/** A setting as `pulumi config --json` gives it. */
interface Setting {
  readonly value?: string;
  readonly secret: boolean;
}

/** The settings of a stack as the engine hands them to the program, in clear: text by full key, and who is secret. */
export async function engineSettings(
  cli: Cli,
): Promise<{ readonly texts: Readonly<Record<string, string>>; readonly secretKeys: readonly string[] }> {
  const { stdout } = await cli.ask(["config", "--json", "--show-secrets"]);
  const settings = Object.entries(JSON.parse(stdout) as Record<string, Setting>);
  return {
    texts: Object.fromEntries(settings.map(([key, { value = "" }]) => [key, value])),
    secretKeys: settings.filter(([, { secret }]) => secret).map(([key]) => key),
  };
}

/**
 * Refuses a configuration as the program would, before a refresh has asked for every resource there is. The program
 * checks it again: whoever calls `pulumi up` has no other check. A version of Kubernetes that the cluster cannot reach
 * from the one that it has is refused here alone, because only the state tells that.
 *
 * @param state of the stack; where nothing is deployed, the program reports as soon, and nothing is checked here.
 * @returns the minor version of Kubernetes to which the update brings the cluster; undefined where it stays.
 */
export async function checkConfiguration(
  cli: Cli,
  stack: Stack,
  env: Env,
  state: State | undefined,
): Promise<string | undefined> {
  if (countOf(state) === 0) return undefined;
  const { texts, secretKeys } = await engineSettings(cli);
  const result = loadStackConfig(
    {
      project: "multi-client",
      stack: stack.name,
      env,
      now: new Date(),
      all: texts,
      secretKeys,
      placeholders: stack.target.provider === "managed" && stack.target.simulated ? "required" : "refused",
    },
    services,
  );
  const problems =
    "problems" in result ? result.problems : kubernetesVersionStep(result.config.cluster, state);
  if ("problems" in result || problems.length > 0)
    throw new UserError(problemText(stack.name, problems, { pulumi: cli.byHand }));
  return kubernetesUpgrade(result.config.cluster, state);
}
