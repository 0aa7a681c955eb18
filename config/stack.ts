import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { kubeContexts, type KubeContext } from "../components/kubernetes/kubeconfig.ts";
import type { Services } from "../components/service.ts";
import { contextName, isManaged, type Config } from "../config.ts";
import { kubeconfigFiles } from "../system/folders.ts";
import { accountOf, type Account } from "./accounts.ts";
import { managedWarnings } from "./managed-checks.ts";
import { problemText } from "./problems.ts";
import { validate } from "./validate.ts";

/** The configuration of the current stack, and where it deploys to. */
export interface StackConfig extends Config {
  /** Of the user's kubeconfig. @default the stack makes its cluster */
  readonly context: KubeContext | undefined;
  /** Whose cloud. @default none */
  readonly account: Account | undefined;
}

/**
 * Reads the configuration of the current stack: once, all of it, before the first resource.
 *
 * @throws pulumi.RunError with every problem in it; Pulumi prints it without a stack trace.
 */
export function readConfig(services: Services): StackConfig {
  const prefix = `${pulumi.getProject()}:`;
  const all = pulumi.runtime.allConfig();
  const raw = Object.fromEntries(
    Object.entries(all)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => [key.slice(prefix.length), parsed(text)]),
  );
  // How the language host says which settings are secret; the SDK keeps its own reader internal.
  const secretKeys = parsed(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]") as string[];
  const files = kubeconfigFiles(process.env);
  const contexts = kubeContexts(files.map(readText));
  const simulated = process.env.MULTI_CLIENT_SIMULATED === "1";
  const { provider } = (raw.cluster ?? {}) as { provider?: unknown };
  const of =
    provider === "eks" || provider === "aks" || provider === "gke"
      ? accountOf(provider, all, simulated)
      : { account: undefined, problems: [] };
  const now = new Date();
  const disabled = parsed(all["pulumi:disable-default-providers"] ?? "[]");
  const result = validate(raw, services, {
    secretSections: secretKeys.map((key) => key.slice(prefix.length)),
    defaultProviderDisabled:
      Array.isArray(disabled) && disabled.some((name) => name === "kubernetes" || name === "*"),
    contexts,
    kubeconfig: files.join(", "),
    ...{ now, simulated, stack: pulumi.getStack(), account: of.account },
  });
  const problems = [...of.problems, ...result.problems];
  if (!("config" in result) || problems.length > 0)
    throw new pulumi.RunError(problemText(pulumi.getStack(), problems));
  const { cluster } = result.config;
  if (isManaged(cluster)) for (const warning of managedWarnings(cluster, now)) void pulumi.log.warn(warning);
  const context = contexts.find((c) => c.name === contextName(cluster));
  return { ...result.config, context, account: of.account };
}

/** Objects and lists arrive as JSON, everything else as it was written. */
function parsed(text: string): unknown {
  try {
    return /^[[{]/.test(text) ? JSON.parse(text) : text;
  } catch {
    return text; // the schema refuses it, by its key
  }
}

/** A kubeconfig that is not there has no contexts; the guard then says so. */
function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
