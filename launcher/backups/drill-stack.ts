import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { UserError } from "../../system/errors.ts";
import { stateFolder } from "../../system/folders.ts";
import { openCli } from "../engine/cli.ts";
import type { DeployedStack } from "../stack/deployed-stack.ts";
import { makePlan, type Invocation } from "../stack/plan.ts";
import { readSettingsOf } from "../stack/read-stack.ts";
import { down } from "../commands/down.ts";
import type { Stack } from "../stack/read-stack.ts";
import type { Kubectl } from "../cluster/kubectl.ts";
import type { Dump } from "./dump-list.ts";

/** The sections that the drill has from the stack; the others say where it is and how it is reached. */
const KEPT = ["images", "services", "rollout"];

/**
 * The folder of a drill, where its dump lies. It is there from before the stack file is written until after that is gone: without it,
 * a file of that name is a person's own. Its name is always the same, so that what a killed drill left goes with the next one.
 */
export const drillFolder = ({ env, stack }: Pick<DeployedStack, "env" | "stack">): string =>
  join(stateFolder(env), drillName(stack.name));

/** The name of the throw-away stack of a drill; its namespace has a name that ends so too. */
export const drillName = (stack: string): string => `drill-${stack}`;

/**
 * Refuses a dump that an older postgres is to restore, before anything is made for that.
 *
 * @throws UserError where the tag of the image names an older major version; without such a tag the restore itself refuses.
 */
export function checkMajor(image: string, { name, server = 0 }: Dump): void {
  const here = Number(/:(\d+)[^/]*$/.exec(image.replace(/@.*/, ""))?.[1]);
  const from = Math.floor(server / 10_000);
  if (!(from > here)) return;
  throw new UserError(
    `The newest verified backup, ${name}, is of postgres ${from}, and the program has postgres ${here}: ${image}. Nothing was made.\n` +
      "An older postgres does not read the dump of a newer one.\n" +
      "Fix: rehearse with the version of the program that the stack was deployed with.",
  );
}

/** Refuses a namespace of the drill's name that is there where no drill is: it would go with this one. */
async function checkNoNamespace(deployed: DeployedStack, kubectl: Kubectl): Promise<void> {
  const namespace = drillName(deployed.stack.namespace);
  if ((await kubectl.run(["get", "namespace", namespace, "--ignore-not-found", "-o", "name"])).trim() === "")
    return;
  throw new UserError(
    `Namespace ${namespace} is there, and no drill made it: a drill would remove it and its disks. Nothing was changed.\n` +
      `Fix: if nobody needs it: kubectl --context ${deployed.cluster.context} delete namespace ${namespace}`,
  );
}

/**
 * Writes the stack file of the drill: the same program on the same cluster, in a namespace that may go again.
 *
 * @throws UserError where its namespace is there already, see {@link checkNoNamespace}
 */
export async function writeDrillFile(
  deployed: DeployedStack,
  kubectl: Kubectl,
  claim: string,
): Promise<void> {
  const { stack, cluster, root } = deployed;
  await checkNoNamespace(deployed, kubectl);
  const { sections } = readSettingsOf(root, stack.name);
  const storageClass = await kubectl.run(["get", "pvc", claim, "-o", "jsonpath={.spec.storageClassName}"]);
  const copies = stack.pullSecret !== undefined;
  const existingNamespace = copies && { existingNamespace: true };
  const target = { provider: "existing", context: cluster.context, local: true, ...existingNamespace };
  const config = {
    namespace: drillName(stack.namespace),
    cluster: { ...target, ...(storageClass !== "" && { storageClass }) },
    exposure: { type: "clusterIP" },
    ...Object.fromEntries(Object.entries(sections).filter(([key]) => KEPT.includes(key))),
  };
  const named = Object.entries(config).map(([key, value]) => [`multi-client:${key}`, value]);
  const file = {
    ...(stack.secretsProvider !== undefined && { secretsprovider: stack.secretsProvider }),
    config: { "pulumi:disable-default-providers": ["kubernetes"], ...(Object.fromEntries(named) as object) },
  };
  writeFileSync(drillFile(deployed), stringify(file));
  if (copies) await copyPullSecret(stack, kubectl);
}

/** Makes the namespace of the drill with a copy of the stack's pull secret: pods can name none of another namespace. */
async function copyPullSecret({ namespace, pullSecret = "" }: Stack, kubectl: Kubectl): Promise<void> {
  const name = drillName(namespace);
  const { type, data } = JSON.parse(
    await kubectl.run(["get", "secret", pullSecret, "-o", "json"]),
  ) as Readonly<Record<string, unknown>>;
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  const items = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } },
    { apiVersion: "v1", kind: "Secret", metadata: { name: pullSecret, namespace: name }, type, data },
  ];
  // Not applied: that would keep the login in an annotation too.
  await kubectl.run(
    ["create", "-n", name, "-f", "-"],
    JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  );
}

/** The path of the stack file of the drill. */
const drillFile = ({ root, stack }: DeployedStack): string =>
  join(root, `Pulumi.${drillName(stack.name)}.yaml`);

/** The invocation of a make target for the throw-away stack. */
export function drillInvocation(
  invocation: Invocation,
  deployed: DeployedStack,
  command: string,
): Invocation {
  const { stack, cluster, plan } = deployed;
  const env = { ...cluster.env, STACK: drillName(stack.name), PLUGINS: plan.plugins, WRITE: "0", JSON: "" };
  return { ...invocation, command, env };
}

/**
 * Removes what a drill made, its disks with it; nothing happens where there is nothing.
 *
 * @throws UserError where the stack file is not one that a drill of this computer wrote.
 */
export async function removeDrill(
  invocation: Invocation,
  deployed: DeployedStack,
  kubectl: Kubectl,
): Promise<void> {
  const path = drillFile(deployed);
  if (!existsSync(path)) return;
  if (!existsSync(drillFolder(deployed)))
    throw new UserError(
      `${path} was not written by make drill, which would remove it with all that its stack has. Nothing was changed.\n` +
        `Fix: give that stack another name; what an older version of make drill left goes by: make down STACK=${drillName(deployed.stack.name)}, then rm ${path}`,
    );
  const drill = drillInvocation(invocation, deployed, "down");
  const plan = makePlan(drill);
  const isThere = (await (await openCli(plan, drill, () => undefined)).state()) !== undefined;
  if (isThere) {
    // The disks of claims outlive a stack where their class says so; those of a drill hold nothing of their own.
    const volumes = await kubectl.run([
      ...["get", "pvc", "-n", plan.stack.namespace, "--ignore-not-found"],
      ...["-o", 'jsonpath={range .items[*]}{.spec.volumeName}{"\\n"}{end}'],
    ]);
    for (const volume of volumes.split("\n").filter(Boolean)) {
      const change = JSON.stringify({ spec: { persistentVolumeReclaimPolicy: "Delete" } });
      await kubectl.run(["patch", "pv", volume, "-p", change]);
    }
    await down(drill);
  }
  if (deployed.stack.pullSecret !== undefined)
    await kubectl.run(["delete", "namespace", plan.stack.namespace, "--ignore-not-found"]);
  rmSync(path);
}
