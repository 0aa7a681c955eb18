import { readFileSync } from "node:fs";
import { kubeContexts, type KubeContext } from "../components/kubernetes/kubeconfig.ts";
import type { Services } from "../components/service.ts";
import { contextName, type Config } from "./schema.ts";
import { kubeconfigFiles, type Env } from "../system/folders.ts";
import { accountOf, type Account } from "./accounts.ts";
import type { Problem } from "./problems.ts";
import { validate } from "./validate.ts";

/** The configuration of a stack, and where it deploys to. */
export interface StackConfig extends Config {
  /** Of the user's kubeconfig. @default the stack makes its cluster */
  readonly context: KubeContext | undefined;
  /** Whose cloud. @default none */
  readonly account: Account | undefined;
}

/** A stack's configuration as the engine has it, and what it is judged by. */
export interface RawStackConfig {
  readonly project: string;
  readonly stack: string;
  /** Text by full key: objects and lists as JSON, everything else as it was written. */
  readonly all: Readonly<Record<string, string>>;
  /** Full keys of settings that are secret, or hold a secret. */
  readonly secretKeys: readonly string[];
  /** Whether the clouds are the sandbox's. */
  readonly simulated: boolean;
  /** Names the kubeconfig. */
  readonly env: Env;
  readonly now: Date;
}

/** The configuration, or everything that is wrong with it. */
export function loadStackConfig(
  { project, stack, all, secretKeys, simulated, env, now }: RawStackConfig,
  services: Services,
): { readonly config: StackConfig } | { readonly problems: readonly Problem[] } {
  const prefix = `${project}:`;
  const raw = Object.fromEntries(
    Object.entries(all)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => [key.slice(prefix.length), parseValue(text)]),
  );
  const files = kubeconfigFiles(env);
  const contexts = kubeContexts(files.map(readText));
  const { provider } = (raw.cluster ?? {}) as { provider?: unknown };
  const of =
    provider === "eks" || provider === "aks" || provider === "gke"
      ? accountOf(provider, all, simulated)
      : { account: undefined, problems: [] };
  const disabled = parseValue(all["pulumi:disable-default-providers"] ?? "[]");
  const result = validate(raw, services, {
    secretSections: secretKeys.map((key) => key.slice(prefix.length)),
    defaultProviderDisabled:
      Array.isArray(disabled) && disabled.some((name) => name === "kubernetes" || name === "*"),
    contexts,
    kubeconfig: files.join(", "),
    now,
    simulated,
    stack,
    account: of.account,
  });
  const problems = [...of.problems, ...result.problems];
  if (!("config" in result) || problems.length > 0) return { problems };
  const context = contexts.find((c) => c.name === contextName(result.config.cluster));
  return { config: { ...result.config, context, account: of.account } };
}

/** Objects and lists arrive as JSON, everything else as it was written. */
export function parseValue(text: string): unknown {
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
