import { cloudOf } from "../../config/clouds/index.ts";
import { daysLeft, defaultKubernetesVersion } from "../../config/kubernetes-versions.ts";
import { UserError } from "../../system/errors.ts";
import { value } from "../../system/folders.ts";
import type { Invocation } from "../stack/plan.ts";
import { readSettingsOf, stackNames } from "../stack/read-stack.ts";

/**
 * Says how long the Kubernetes version of each stack is supported. Ends with code 1 where that is less than DAYS, and
 * where a stack file cannot be read; the others are reported all the same.
 */
export function versions({ root, env, log }: Invocation): Promise<void> {
  const least = Number(value(env.DAYS) ?? "60");
  if (!Number.isInteger(least))
    throw new UserError(`DAYS is ${JSON.stringify(env.DAYS)}.\nExpected: a number of days, such as 60.`);
  for (const name of stackNames(root)) {
    const found = supportOf(root, name, new Date());
    if (found === undefined) continue;
    log(found.text);
    if (found.days < least) process.exitCode = 1;
  }
  return Promise.resolve();
}

/** The support of a stack's version, in words and days; undefined for a stack that makes no cluster. */
function supportOf(
  root: string,
  name: string,
  now: Date,
): { readonly text: string; readonly days: number } | undefined {
  try {
    const { cluster, cloud } = readSettingsOf(root, name);
    if (cloud === undefined) return undefined;
    const { kubernetesVersion = defaultKubernetesVersion } = cluster;
    const version =
      typeof kubernetesVersion === "string" ? kubernetesVersion : JSON.stringify(kubernetesVersion);
    const { versions: supported, source } = cloudOf(cloud).versions;
    const support = supported[version];
    const days = support === undefined ? -1 : daysLeft(support, now);
    const end =
      support === undefined
        ? `not in config/clouds/${cloud}.ts`
        : `until ${support.exact ? "" : "about "}${support.end}`;
    const text = `Pulumi.${name}.yaml: Kubernetes ${version} on ${cloud}: ${end}, ${String(days)} days (${source})`;
    return { text, days };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { text: error.message, days: -Infinity };
  }
}
