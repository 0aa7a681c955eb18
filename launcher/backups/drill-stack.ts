import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { managedNodeStartSeconds, timeoutsOf } from "../../components/timeouts.ts";
import { groupOf, type Group } from "../../config/raw-settings.ts";
import { DRILL_MARK } from "../../config/cluster-args.ts";
import { DRILL_STACK } from "../../config/stack-config.ts";
import { services } from "../../services.ts";
import { UserError } from "../../system/errors.ts";
import { stateFolder } from "../../system/folders.ts";
import { shellWords } from "../../system/shell-command.ts";
import { openCli } from "../engine/cli.ts";
import type { DeployedStack } from "../stack/deployed-stack.ts";
import { makePlan, type Invocation } from "../stack/plan.ts";
import { isManaged, readSettingsOf, type Stack } from "../stack/read-stack.ts";
import { down } from "../commands/down.ts";
import { selectorOf, type Kubectl } from "../cluster/kubectl.ts";
import type { State } from "../recovery/pending-operations.ts";
import { hasCreated, isImmutableSettings } from "../recovery/unused-settings.ts";
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

/** The label of a namespace that a drill makes beside its stack. */
const MADE_BY_DRILL = { "app.kubernetes.io/managed-by": "multi-client-drill" };

/** Refuses a namespace of the drill's name that is there where no drill is: it would go with this one. */
async function checkNoNamespace({ stack }: DeployedStack, kubectl: Kubectl): Promise<void> {
  const namespace = drillName(stack.namespace);
  if ((await kubectl.run(["get", "namespace", namespace, "--ignore-not-found", "-o", "name"])).trim() === "")
    return;
  throw new UserError(
    `Namespace ${namespace} is there, and no drill that this backend knows made it: a drill would remove it and its disks. Nothing was changed.\n` +
      `Fix: if nobody needs it: ${shellWords(kubectl.command)} delete namespace ${namespace}; disks that their class retains stay in kubectl get pv`,
  );
}

/** The stack file of the drill: the same program on the same cluster, in a namespace that may go again. */
function drillText({ stack, cluster, root }: DeployedStack, storageClass: string): string {
  const { sections } = readSettingsOf(root, stack.name);
  const isOfCloud = isManaged(stack);
  // Whether policies bind, and which DNS pods they let through, is what a cloud's own cluster knows, and this one is named by context.
  const networkPolicies = isOfCloud ? "none" : groupOf(sections.cluster).networkPolicies;
  const config = {
    namespace: drillName(stack.namespace),
    cluster: {
      ...{ provider: "existing", context: cluster.context, local: true },
      ...(stack.pullSecret !== undefined && { existingNamespace: true }),
      ...(storageClass !== "" && { storageClass }),
      ...(networkPolicies !== undefined && { networkPolicies }),
    },
    exposure: { type: "clusterIP" },
    ...Object.fromEntries(Object.entries(sections).filter(([key]) => KEPT.includes(key))),
    ...(isOfCloud && { rollout: { timeoutSeconds: awaitsNodes(), ...groupOf(sections.rollout) } }),
  };
  const named = Object.entries(config).map(([key, value]) => [`multi-client:${key}`, value]);
  return stringify({
    ...(stack.secretsProvider !== undefined && { secretsprovider: stack.secretsProvider }),
    config: { "pulumi:disable-default-providers": ["kubernetes"], ...(Object.fromEntries(named) as object) },
  });
}

/** The seconds that the slowest service may take where its pods may wait for a node. */
const awaitsNodes = (): number =>
  Math.max(
    ...Object.keys(services).map((key) => timeoutsOf(services, key, undefined, managedNodeStartSeconds).pods),
  );

/**
 * Writes the stack file of the drill.
 *
 * @throws UserError where its namespace is there already, see {@link checkNoNamespace}
 */
export async function writeDrillFile(
  deployed: DeployedStack,
  kubectl: Kubectl,
  claim: string,
): Promise<void> {
  const { stack } = deployed;
  await checkNoNamespace(deployed, kubectl);
  const storageClass = await kubectl.run(["get", "pvc", claim, "-o", "jsonpath={.spec.storageClassName}"]);
  writeFileSync(drillFile(deployed), drillText(deployed, storageClass));
  if (stack.pullSecret !== undefined) await copyPullSecret(stack, kubectl);
}

/** Makes the namespace of the drill with a copy of the stack's pull secret: pods can name none of another namespace. */
async function copyPullSecret({ namespace, pullSecret = "" }: Stack, kubectl: Kubectl): Promise<void> {
  const name = drillName(namespace);
  const { type, data } = JSON.parse(
    await kubectl.run(["get", "secret", pullSecret, "-o", "json"]),
  ) as Readonly<Record<string, unknown>>;
  const labels = { "pod-security.kubernetes.io/enforce": "restricted", ...MADE_BY_DRILL };
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
  const name = drillName(stack.name);
  const env = {
    ...{ ...cluster.env, STACK: name, [DRILL_STACK]: name },
    ...{ PLUGINS: plan.plugins, WRITE: "0", JSON: "" },
  };
  return { ...invocation, command, env };
}

/** Refuses a stack file of the drill's name that no drill wrote. @throws UserError which says so */
export function checkDrillFile(deployed: DeployedStack): void {
  const path = drillFile(deployed);
  if (!existsSync(path) || existsSync(drillFolder(deployed))) return;
  throw new UserError(
    `${path} was not written by make drill, which would remove it with all that its stack has. Nothing was changed.\n` +
      `Fix: give that stack another name; what an older version of make drill left goes by: make down STACK=${drillName(deployed.stack.name)}, then rm ${path}`,
  );
}

/** Tells whether a state is that of a drill: the program marks it before it makes anything. */
export function isOfDrill(state: State): boolean {
  const settings = state.deployment.resources?.find(isImmutableSettings)?.outputs?.output as
    Group | undefined;
  return settings === undefined ? !hasCreated(state) : settings[DRILL_MARK] !== undefined;
}

/**
 * Removes what a drill made, its disks with it: one that was killed, on this computer or another one with the same backend.
 *
 * @throws UserError where the backend has a stack of its name that is none.
 */
export async function removeDrill(
  invocation: Invocation,
  deployed: DeployedStack,
  kubectl: Kubectl,
): Promise<void> {
  const path = drillFile(deployed);
  const isKnown = existsSync(path);
  if (!isKnown) writeFileSync(path, drillText(deployed, ""));
  const drill = drillInvocation(invocation, deployed, "down");
  const plan = makePlan(drill);
  const { name } = plan.stack;
  const namespace = drillName(deployed.stack.namespace);
  const cli = await openCli(plan, drill, () => undefined);
  const state = await cli.state();
  if (state !== undefined) {
    if (plan.stack.namespace !== namespace || !isOfDrill(state)) {
      if (!isKnown) rmSync(path);
      rmSync(drillFolder(deployed), { recursive: true, force: true });
      throw new UserError(
        `The backend has a stack ${name} that no drill made. Nothing was changed.\n` +
          `Fix: give it another name: ${cli.byHand} stack rename NEW-NAME --stack ${name}\n` +
          `What an older version of make drill left goes by make down STACK=${name}, with its stack file.`,
      );
    }
    // The disks of claims outlive a stack where their class says so; those of a drill hold nothing of their own.
    const volumes = await kubectl.run([
      ...["get", "pvc", "-n", namespace, "--ignore-not-found"],
      ...["-o", 'jsonpath={range .items[*]}{.spec.volumeName}{"\\n"}{end}'],
    ]);
    for (const volume of volumes.split("\n").filter(Boolean)) {
      const change = JSON.stringify({ spec: { persistentVolumeReclaimPolicy: "Delete" } });
      await kubectl.run(["patch", "pv", volume, "-p", change]);
    }
    await down(drill);
  }
  // A drill of another backend may be at work in it.
  if (deployed.stack.pullSecret !== undefined && (isKnown || state !== undefined))
    await kubectl.run([
      ...["delete", "namespace", "--field-selector", `metadata.name=${namespace}`],
      ...["-l", selectorOf(MADE_BY_DRILL)],
    ]);
  rmSync(path);
}
