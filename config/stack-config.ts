import { readKubeconfig } from "../system/client-config.ts";
import { kubeContexts, type KubeContext } from "../system/kubeconfig.ts";
import type { Services } from "../components/service.ts";
import { kubeconfigFiles, kubeconfigNames, type Env } from "../system/folders.ts";
import { accountOf } from "./accounts.ts";
import type { Account, Placeholders } from "./clouds/index.ts";
import { nearNamespaces } from "./near-namespaces.ts";
import type { Problem } from "./problems.ts";
import { parseValue, readSettings } from "./raw-settings.ts";
import { contextName, type Config } from "./schema.ts";
import { validate } from "./validate.ts";

/** The variable with which `make drill` names its throw-away stack to the program. */
export const DRILL_STACK = "MULTI_CLIENT_DRILL_STACK";

/** The configuration of a stack, and where it deploys to. */
export interface StackConfig extends Config {
  /** The name of the stack. */
  readonly stack: string;
  /** The context of the user's kubeconfig. @default the stack makes its cluster */
  readonly context: KubeContext | undefined;
  /** The account of the cloud. Empty where the stack makes no cluster. */
  readonly account: Account;
  /** The stack is the throw-away one of `make drill`. */
  readonly isDrill: boolean;
}

/** A stack's configuration as the engine has it, and what it is judged by. */
export interface RawStackConfig {
  readonly project: string;
  readonly stack: string;
  /** Text by full key: objects and lists as JSON, everything else as it was written. */
  readonly all: Readonly<Record<string, string>>;
  /** Full keys of settings that are secret, or hold a secret. */
  readonly secretKeys: readonly string[];
  readonly placeholders: Placeholders;
  /** The environment, which names the kubeconfig. */
  readonly env: Env;
  readonly now: Date;
}

/** The configuration, or every problem with it. */
export function loadStackConfig(
  { project, stack, all, secretKeys, placeholders, env, now }: RawStackConfig,
  services: Services,
): { readonly config: StackConfig } | { readonly problems: readonly Problem[] } {
  const near = nearNamespaces(all, project);
  // What stands under such a name is checked as what was probably meant.
  const { sections, texts, cloud } = readSettings({ ...near.meant, ...all }, project);
  const contexts = kubeContexts(readKubeconfig(kubeconfigFiles(env)));
  const { account, problems: accountProblems } =
    cloud === undefined ? { account: {}, problems: [] } : accountOf(cloud, texts, placeholders);
  const disabled = parseValue(texts["pulumi:disable-default-providers"] ?? "[]");
  const isDrill = env[DRILL_STACK] === stack;
  const result = validate(sections, services, {
    secretSections: secretKeys.map((key) => key.slice(key.indexOf(":") + 1)),
    defaultProviderDisabled:
      Array.isArray(disabled) && disabled.some((name) => name === "kubernetes" || name === "*"),
    contexts,
    kubeconfig: kubeconfigNames(env),
    isDrill,
    now,
    placeholders,
    stack,
    account,
  });
  const problems = [...near.problems, ...accountProblems, ...result.problems];
  if (!("config" in result) || problems.length > 0) return { problems };
  const context = contexts.find((c) => c.name === contextName(result.config.cluster));
  return { config: { ...result.config, stack, context, account, isDrill } };
}
