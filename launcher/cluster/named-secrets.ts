import { UserError } from "../../system/errors.ts";
import { at } from "../../system/fields.ts";
import type { Env } from "../../system/folders.ts";
import type { Log } from "../../system/log.ts";
import { passInterrupt } from "../../system/process.ts";
import type { Cli } from "../engine/cli.ts";
import type { State } from "../recovery/pending-operations.ts";
import { kubectlOf, type Plan } from "../stack/plan.ts";
import { isManaged, type Stack } from "../stack/read-stack.ts";
import { connectionTo } from "./cluster-connection.ts";
import { kubeReader, type KubeReader } from "./kube-reader.ts";
import { pullSecretCommand } from "./pull-secret-command.ts";

/** The stack whose Secrets are looked for. */
type Naming = Pick<Stack, "namespace" | "pullSecret" | "bucketSecret" | "images">;

/** A Secret that a setting names, and that somebody else makes in the application's namespace. */
interface NamedSecret {
  /** The setting that names it, such as `images.pullSecret`. */
  readonly setting: string;
  readonly name: string;
  /** What does not work without it, as a sentence that follows a colon. */
  readonly without: string;
  /** The application does not work without it either: then nothing is changed. */
  readonly refuses: boolean;
  /** What is made anew by itself as soon as it is there. */
  readonly retries: string;
  /** The command that makes it. */
  readonly create: string;
  /** What is wrong with one that is there, as the end of a sentence; undefined for nothing. */
  readonly fault: (secret: unknown) => string | undefined;
}

/** @see https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets */
const PULL_TYPE = "kubernetes.io/dockerconfigjson";
/** The keys that the Secret of `backup.s3` has. */
const BUCKET_KEYS = ["access-key-id", "secret-access-key"];

/** @param kubectl the command with its context and namespace. */
function namedSecrets({ pullSecret, bucketSecret, images }: Naming, kubectl: string): NamedSecret[] {
  const named: NamedSecret[] = [];
  if (pullSecret !== undefined)
    named.push({
      setting: "images.pullSecret",
      name: pullSecret,
      without: "no pod could pull its image",
      refuses: true,
      retries: "pods that could not pull try again by themselves",
      create: pullSecretCommand(kubectl, pullSecret, images),
      fault: (secret) => {
        const type = String(at(secret, "type"));
        return type === PULL_TYPE ? undefined : `is of type ${type}, and pods pull with ${PULL_TYPE} only`;
      },
    });
  if (bucketSecret !== undefined)
    named.push({
      setting: "backup.s3.secret",
      name: bucketSecret,
      without: "no backup is copied to the bucket",
      refuses: false,
      retries: "the job that waits for it begins by itself",
      create: `${kubectl} create secret generic ${bucketSecret} ${BUCKET_KEYS.map((key) => `--from-literal=${key}=...`).join(" ")}`,
      fault: (secret) => {
        const missing = BUCKET_KEYS.filter((key) => at(secret, "data", key) === undefined);
        return missing.length === 0 ? undefined : `has no key ${missing.join(", and no key ")}`;
      },
    });
  return named;
}

/** Checks the Secrets that a stack names, before anything is changed; see {@link checkNamedSecrets}. */
export async function checkStackSecrets(
  plan: Plan,
  cli: Cli,
  state: State | undefined,
  env: Env,
  log: Log,
): Promise<void> {
  const { stack } = plan;
  const kubectl = kubectlOf(stack, env);
  if (namedSecrets(stack, kubectl).length === 0) return;
  // A cluster that the stack makes is not there before its state is.
  const connection = isManaged(stack) && state === undefined ? undefined : await connectionTo(plan, cli, env);
  const get: KubeReader = (path) =>
    connection ? kubeReader(connection.context, connection.env)(path) : Promise.resolve(undefined);
  await checkNamedSecrets(stack, get, kubectl, log);
}

/**
 * Makes sure that the Secrets which settings name are there, and have what they are for. In a namespace that the stack is still
 * to make they cannot be: then the commands are said that make them while the pods wait. So they are where the application does
 * without.
 *
 * @param kubectl the command with its context.
 * @throws UserError which names each that the pods need and that is missing or wrong.
 */
export async function checkNamedSecrets(
  stack: Naming,
  get: KubeReader,
  kubectl: string,
  log: Log,
): Promise<void> {
  const path = `/api/v1/namespaces/${stack.namespace}`;
  const inNamespace = `${kubectl} -n ${stack.namespace}`;
  const problems: string[] = [];
  for (const { setting, name, without, refuses, retries, create, fault } of namedSecrets(
    stack,
    inNamespace,
  )) {
    let found: unknown;
    try {
      found = await get(`${path}/secrets/${name}`);
      if (found === undefined && (await get(path)) === undefined) {
        log(`Warning: Secret ${name} of ${setting} cannot be there yet: make up creates its namespace.`);
        log(`  Make it as soon as the namespace is there; ${retries}:`);
        log(`  ${create}`);
        continue;
      }
    } catch (error) {
      passInterrupt(error);
      continue; // who may not read it may still deploy pods that use it
    }
    const wrong = found === undefined ? "is not there" : fault(found);
    if (wrong === undefined) continue;
    const what = `Secret ${name} of ${setting}, in namespace ${stack.namespace}, ${wrong}: ${without}.`;
    const fix = [...(found === undefined ? [] : [`${inNamespace} delete secret ${name}`]), create];
    if (refuses) problems.push(`${what}\nFix: ${fix.join("\n     ")}`);
    else for (const line of [`Warning: ${what}`, ...fix.map((each) => `  ${each}`)]) log(line);
  }
  if (problems.length > 0) throw new UserError(problems.join("\n\n"));
}
