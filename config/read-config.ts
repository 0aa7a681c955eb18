import * as pulumi from "@pulumi/pulumi";
import type { Services } from "../components/service.ts";
import type { Placeholders } from "./clouds/index.ts";
import { tlsWarnings } from "./certificates.ts";
import { isManaged } from "./schema.ts";
import { loadStackConfig, type StackConfig } from "./stack-config.ts";
import { managedWarnings } from "./managed-checks.ts";
import { parseValue } from "./raw-settings.ts";
import { problemText } from "./problems.ts";

/**
 * Reads the configuration of the current stack: once, all of it, before the first resource.
 *
 * @throws pulumi.RunError with every problem in it; Pulumi prints it without a stack trace.
 */
export function readConfig(services: Services): StackConfig {
  const stack = pulumi.getStack();
  const now = new Date();
  const result = loadStackConfig(
    {
      project: pulumi.getProject(),
      stack,
      all: pulumi.runtime.allConfig(),
      env: process.env,
      now,
      // How the language host says which settings are secret; the SDK keeps its own reader internal.
      secretKeys: parseValue(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]") as string[],
      placeholders: placeholders(process.env.MULTI_CLIENT_PLACEHOLDERS),
    },
    services,
  );
  if ("problems" in result) throw new pulumi.RunError(problemText(stack, result.problems));
  const { cluster, exposure } = result.config;
  const warnings = [
    ...(isManaged(cluster) ? managedWarnings(cluster, stack, now) : []),
    ...tlsWarnings(exposure, stack, now),
  ];
  for (const warning of warnings) void pulumi.log.warn(warning);
  return result.config;
}

/** What the launcher, or `make render`, says of placeholder values; nothing where one calls `pulumi up` oneself. */
function placeholders(asked = ""): Placeholders {
  return asked === "required" || asked === "allowed" ? asked : "refused";
}
