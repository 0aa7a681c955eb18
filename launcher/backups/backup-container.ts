import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, renameSync, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import {
  BACKUP_MANAGER,
  dumpFunctions,
  restoreFunctions,
  type CalledFunction,
} from "../../backup/scripts.ts";
import type { Services } from "../../components/service.ts";
import { services } from "../../services.ts";
import { errorCode, UserError } from "../../system/errors.ts";
import { lastLines } from "../../system/process.ts";
import { shellWords } from "../../system/shell-command.ts";
import { kubectlFor, piped, type Kubectl, type Piped } from "../cluster/kubectl.ts";
import type { DeployedStack } from "../stack/deployed-stack.ts";
import { BUSY, scriptFailure } from "./script-failure.ts";

/** Prints the checksum of a dump, and nothing where there is none of that name. */
const FOUND = 'if [ -e "$FOLDER/$1.dump" ]; then sha256sum <"$FOLDER/$1.dump" | cut -c -64; fi';
/**
 * Takes a dump from stdin, which ends for `cat` as if all had come when the client dies: only the whole gets the name. The part
 * is none of those that the next dump removes.
 */
const TAKE = `umask 077; part=$FOLDER/.upload
cat >"$part" || { rm -f "$part"; exit 1; }
[ "$(sha256sum <"$part" | cut -c -64)" = "$2" ] && exec mv "$part" "$FOLDER/$1.dump"
echo "refused: $(stat -c %s "$part") bytes came, and these are not the file: copy it again" >&2
rm -f "$part"; exit 65`;

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
  call(name: CalledFunction, ...args: readonly string[]): Promise<string>;
  /**
   * Copies a dump out of the container to a file of this computer, which is there only when its checksum is the dump's.
   *
   * @throws UserError where another thing came than was dumped, or the error of a file that cannot be written.
   */
  download(dump: { readonly name: string; readonly sha256?: string }, file: string): Promise<void>;
  /**
   * Copies a file of this computer into the container, as a dump of that name; where the same is there, nothing is copied.
   *
   * @throws UserError where the file cannot be read, another dump has the name, or not all of the file came.
   */
  upload(file: string, dump: string): Promise<void>;
  /** Keeps everybody else from restoring, or from rotating the password, until the function that it gives is called or this process ends. */
  lock(): Promise<() => void>;
}

/** The SHA-256 of a file. @throws UserError where it cannot be read */
async function checksum(file: string): Promise<string> {
  const sum = createHash("sha256");
  try {
    await pipeline(createReadStream(file), sum);
  } catch (error) {
    const why = errorCode(error) === "EISDIR" ? "it is a folder" : errorCode(error) || String(error);
    throw new UserError(
      `${file} cannot be read: ${why}. Nothing was changed.\nExpected: a file that make backup TO=folder wrote.`,
    );
  }
  return sum.digest("hex");
}

/** A pod, as far as it is read here. */
interface DatabasePod {
  readonly metadata: { readonly deletionTimestamp?: string };
  readonly spec: { readonly containers: readonly { readonly name: string }[] };
}

/** Finds the containers of the pod that has the database. @throws UserError where there is none, or it is being replaced */
export async function databasePod(
  deployed: DeployedStack,
  key: string,
): Promise<{ readonly kubectl: Kubectl; readonly pod: string; readonly containers: readonly string[] }> {
  const kubectl = await kubectlFor(deployed);
  const pod = `${key}-0`;
  const found = JSON.parse(
    await kubectl.run(["get", "pods", "--field-selector", `metadata.name=${pod}`, "-o", "json"]),
  ) as { readonly items: readonly DatabasePod[] };
  const [item] = found.items;
  if (item === undefined)
    throw new UserError(
      `Pod ${pod} is not there, so the database cannot be reached.\nFix: make up STACK=${deployed.stack.name}`,
    );
  if (item.metadata.deletionTimestamp !== undefined)
    throw new UserError(
      `Pod ${pod} is being replaced. Try again when another one is there: make status STACK=${deployed.stack.name}`,
    );
  return { kubectl, pod, containers: item.spec.containers.map(({ name }) => name) };
}

/** Finds the backup container of a stack. @throws UserError where the stack has none, or it does not run */
export async function backupContainer(deployed: DeployedStack): Promise<BackupContainer> {
  const { stack, cluster } = deployed;
  const { key } = backedUpService();
  const { kubectl, pod, containers } = await databasePod(deployed, key);
  if (!containers.includes(BACKUP_MANAGER)) {
    throw new UserError(
      `Stack ${stack.name} has switched ${BACKUP_MANAGER} off: nothing makes backups, and nothing can restore one.\n` +
        `Fix: in Pulumi.${stack.name}.yaml, remove multi-client:services.${key}.sidecars.${BACKUP_MANAGER}, then make up STACK=${stack.name}`,
    );
  }
  const exec = [...kubectl.command, "exec", "-i", pod, "-c", BACKUP_MANAGER, "--"];
  const place = { kubectl: shellWords(kubectl.command), pod, stack: stack.name };
  const must = (ran: Piped, what: string): string => {
    if (ran.code === 0) return ran.stdout;
    throw scriptFailure(ran, what, place);
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
    async download({ name, sha256 }, file) {
      const part = `${file}.part`;
      try {
        must(await piped(shell('cat "$FOLDER/$1.dump"', name), cluster.env, { to: part }), `copying ${name}`);
        if (sha256 !== undefined && (await checksum(part)) !== sha256)
          throw new UserError(`What came of ${name} is not what was dumped. Copy it again.`);
        renameSync(part, file);
      } finally {
        rmSync(part, { force: true });
      }
    },
    async upload(file, dump) {
      const sum = await checksum(file);
      const found = must(await piped(shell(FOUND, dump), cluster.env), `looking for ${dump}`).trim();
      if (found === sum) return;
      if (found !== "")
        throw new UserError(
          `There is a backup ${dump} on the claim already, and ${file} is another. Nothing was changed.\n` +
            `Fix: rename the file, for example to my.dump; or restore the one that is there: FROM=${dump}`,
        );
      must(await piped(shell(TAKE, dump, sum), cluster.env, { from: file }), `copying ${file}`);
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
                ? "A restore of this stack, or a rotation of its password, is at work. Try again when it is done."
                : `This cannot begin:\n${lastLines(stderr, 3)}`,
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
