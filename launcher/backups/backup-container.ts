import { spawn } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { BACKUP_MANAGER, dumpFunctions, restoreFunctions } from "../../backup/scripts.ts";
import type { Services } from "../../components/service.ts";
import { services } from "../../services.ts";
import { UserError } from "../../system/errors.ts";
import { lastLines, which } from "../../system/process.ts";
import { sandbox, sandboxCluster } from "../cluster/cluster-lifecycle.ts";
import type { DeployedStack } from "../stack/deployed-stack.ts";

/** The exit code of a script that refuses, and says why (EX_DATAERR); and of one that finds another at work (EX_TEMPFAIL). */
const REFUSED = 65;
const BUSY = 75;

/** The service that has backups, and those that write to it. */
export function backedUpService(list: Services = services): {
  readonly key: string;
  readonly writers: readonly string[];
} {
  const found = Object.entries(list).find(([, { sidecars }]) => sidecars?.[BACKUP_MANAGER]);
  if (found === undefined) {
    throw new UserError(
      `No service of services.ts has a sidecar ${BACKUP_MANAGER}: there is nothing to back up.`,
    );
  }
  const [key] = found;
  const writers = Object.entries(list).flatMap(([name, { uses = [] }]) => (uses.includes(key) ? [name] : []));
  return { key, writers };
}

/** The program kubectl, as it reaches the cluster of a stack and its namespace. */
export interface Kubectl {
  /** Runs it. @throws UserError with its last words */
  run(args: readonly string[]): Promise<string>;
  /** The program and the arguments by which everything goes there. */
  readonly command: readonly [string, ...string[]];
}

/** Finds kubectl: on PATH, else the sandbox's own. @throws UserError where there is none */
async function kubectlFor({ stack, cluster, root }: DeployedStack): Promise<Kubectl> {
  const isSandbox = sandboxCluster(stack) !== undefined;
  const own = async () =>
    join(await (await sandbox(root)).ensureBuilt("kubernetes", () => undefined), "kubectl");
  const program = which("kubectl", cluster.env) ?? (isSandbox ? await own() : undefined);
  if (program === undefined) {
    throw new UserError(
      "kubectl is needed to reach the backups, and it is not on PATH.\nFix: install it (https://kubernetes.io/docs/tasks/tools/).",
    );
  }
  const command = [program, "--context", cluster.context, "-n", stack.namespace] as const;
  return {
    command,
    run: async (args) => {
      const { code, stdout, stderr } = await piped([...command, ...args], cluster.env);
      if (code !== 0)
        throw new UserError(`kubectl ${args.slice(0, 3).join(" ")} failed:\n${lastLines(stderr, 5)}`);
      return stdout;
    },
  };
}

interface Piped {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command with a file or text as its input, and text or a file for its output. */
function piped(
  [program = "", ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  { text = "", from, to }: { readonly text?: string; readonly from?: string; readonly to?: string } = {},
): Promise<Piped> {
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
  if (to === undefined) child.stdout.setEncoding("utf8").on("data", (part: string) => (stdout += part));
  const written =
    to === undefined
      ? Promise.resolve()
      : new Promise<void>((done, fail) => {
          child.stdout.pipe(createWriteStream(to, { mode: 0o600 }).on("close", done).on("error", fail));
        });
  child.stdin.on("error", () => undefined); // it has ended, and its exit code says why
  if (from === undefined) child.stdin.end(text);
  else createReadStream(from).pipe(child.stdin);
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => {
      written.then(() => {
        done({ code: code ?? 1, stdout, stderr });
      }, fail);
    });
  });
}

/** The container in which the scripts of `backup/` run, beside the database. */
export interface BackupContainer {
  /** What reaches it, and all else of its namespace. */
  readonly kubectl: Kubectl;
  /**
   * Calls a function of `backup/dumps.sh` or `backup/restore.sh`.
   *
   * @returns what it wrote to stdout.
   * @throws UserError with what it says where it refuses or fails.
   */
  call(name: string, ...args: readonly string[]): Promise<string>;
  /** Copies a dump out of the container to a file of this computer. */
  download(dump: string, file: string): Promise<void>;
  /** Copies a file of this computer into the container, as a dump of that name. */
  upload(file: string, dump: string): Promise<void>;
  /** Keeps everybody else from restoring, until the function that it gives is called or this process ends. */
  lock(): Promise<() => void>;
}

/** Finds the backup container of a stack. @throws UserError where the stack has none, or it does not run */
export async function backupContainer(deployed: DeployedStack): Promise<BackupContainer> {
  const { stack, cluster } = deployed;
  const kubectl = await kubectlFor(deployed);
  const { key } = backedUpService();
  const pod = `${key}-0`;
  const found = JSON.parse(
    await kubectl.run(["get", "pods", "--field-selector", `metadata.name=${pod}`, "-o", "json"]),
  ) as { readonly items: readonly { readonly spec: { readonly containers: readonly { name: string }[] } }[] };
  const [item] = found.items;
  if (item === undefined)
    throw new UserError(
      `Pod ${pod} is not there, so its backups cannot be reached.\nFix: make up STACK=${stack.name}`,
    );
  if (!item.spec.containers.some(({ name }) => name === BACKUP_MANAGER)) {
    throw new UserError(
      `Stack ${stack.name} has switched ${BACKUP_MANAGER} off: nothing makes backups, and nothing can restore one.\n` +
        `Fix: in Pulumi.${stack.name}.yaml, remove multi-client:services.${key}.sidecars.${BACKUP_MANAGER}, then make up STACK=${stack.name}`,
    );
  }
  const exec = [...kubectl.command, "exec", "-i", pod, "-c", BACKUP_MANAGER, "--"];
  const must = ({ code, stdout, stderr }: Piped, what: string): string => {
    if (code === 0) return stdout;
    const said = lastLines(stderr.replace(/^command terminated with exit code \d+\n?/m, ""), 5);
    if (code === REFUSED) throw new UserError(`${what}: ${said.replace(/^refused: /m, "")}.`);
    if (code === BUSY) throw new UserError(`${what}: ${said}. Try again when it is done.`);
    throw new UserError(
      `${what} failed:\n${said}\nSee: ${kubectl.command.join(" ")} logs ${pod} -c ${BACKUP_MANAGER}`,
    );
  };
  const shell = (script: string, ...args: readonly string[]) => [
    ...exec,
    "sh",
    "-c",
    script,
    "backup",
    ...args,
  ];
  return {
    kubectl,
    async call(name, ...args) {
      const text = `${dumpFunctions}${restoreFunctions}`;
      return must(await piped(shell('eval "$(cat)"; "$@"', name, ...args), cluster.env, { text }), name);
    },
    async download(dump, file) {
      const words = shell('cat "$FOLDER/$1.dump"', dump);
      must(await piped(words, cluster.env, { to: file }), `copying ${dump}`);
    },
    async upload(file, dump) {
      const script = 'umask 077; cat >"$FOLDER/.part.up" && mv "$FOLDER/.part.up" "$FOLDER/$1.dump"';
      must(await piped(shell(script, dump), cluster.env, { from: file }), `copying ${file}`);
    },
    async lock() {
      // With a command after it, cat is no replacement of the shell, which would let go of the lock.
      const script = 'exec 8>"$FOLDER/.restore"; flock -n 8 || exit 75; echo locked; cat >/dev/null; :';
      const [program = "", ...args] = shell(script);
      const child = spawn(program, args, { env: cluster.env, stdio: ["pipe", "pipe", "pipe"] });
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (part: string) => (stderr += part));
      await new Promise<void>((done, fail) => {
        child.stdout.once("data", () => {
          done();
        });
        child.once("error", fail);
        child.once("close", (code) => {
          const busy = code === BUSY;
          fail(
            new UserError(
              busy
                ? "Another restore of this stack is at work. Try again when it is done."
                : `The restore cannot begin:\n${lastLines(stderr, 3)}`,
            ),
          );
        });
      });
      return () => {
        child.stdin.end();
      };
    },
  };
}
