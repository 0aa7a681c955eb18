import { loadStackConfig } from "../../config/stack-config.ts";
import { problemText } from "../../config/problems.ts";
import { services } from "../../services.ts";
import { UserError } from "../../system/errors.ts";
import type { Env } from "../../system/folders.ts";
import type { Cli } from "../engine/cli.ts";
import type { Stack } from "./stack-file.ts";

/** What `pulumi config --json` says of a setting. */
interface Setting {
  readonly value?: string;
  readonly secret: boolean;
}

/**
 * Refuses a configuration as the program would, before a refresh has asked for every resource there is. The program
 * checks it again: whoever calls `pulumi up` has no other check.
 */
export async function checkConfiguration(cli: Cli, stack: Stack, env: Env): Promise<void> {
  const { stdout } = await cli.ask(["config", "--json", "--show-secrets"]);
  const settings = Object.entries(JSON.parse(stdout) as Record<string, Setting>);
  const result = loadStackConfig(
    {
      project: "multi-client",
      stack: stack.name,
      env,
      now: new Date(),
      all: Object.fromEntries(settings.map(([key, { value = "" }]) => [key, value])),
      secretKeys: settings.filter(([, { secret }]) => secret).map(([key]) => key),
      simulated: stack.target.provider === "managed" && stack.target.simulated,
    },
    services,
  );
  if ("problems" in result) throw new UserError(problemText(stack.name, result.problems));
}
