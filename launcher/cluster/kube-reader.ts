import { messageOf, UserError } from "../../system/errors.ts";
import { kubeconfigFiles, type Env } from "../../system/folders.ts";
import { connectTo, type KubeClient } from "../../system/kube-client.ts";
import { run, which, type RunResult } from "../../system/process.ts";

/** Reads one path of a cluster's API; gives undefined when there is nothing. */
export type KubeReader = (path: string) => Promise<unknown>;

/**
 * A reader of the cluster behind a context. It is kubectl where that is on PATH, because kubectl knows every login and
 * proxy, else a client of our own, which knows certificates and tokens.
 *
 * @throws UserError when the context needs kubectl, and there is none.
 */
export function kubeReader(context: string, env: Env): KubeReader {
  const failed = (path: string, why: string) =>
    new UserError(`Context ${context} does not answer ${path}: ${why.trim()}`);
  if (which("kubectl", env) !== undefined) {
    return async (path) => {
      const args = ["--context", context, "--request-timeout=10s", "get", "--raw", path];
      const { code, stdout, output } = await kubectl(args, env);
      if (code !== 0 && output.includes("(NotFound)")) return undefined;
      if (code !== 0) throw failed(path, output);
      return JSON.parse(stdout) as unknown;
    };
  }
  const client = withoutKubectl(context, env);
  return async (path) => {
    try {
      return await client.get(path);
    } catch (error) {
      throw failed(path, messageOf(error));
    }
  };
}

/** Deletes one object by its path in a cluster's API; it does not wait until it is gone. */
export type KubeRemover = (path: string) => Promise<void>;

/** A remover on the cluster behind a context, by the same means as {@link kubeReader}. */
export function kubeRemover(context: string, env: Env): KubeRemover {
  if (which("kubectl", env) !== undefined) {
    return async (path) => {
      const args = ["--context", context, "--request-timeout=10s", "delete", "--raw", path];
      const { code, output } = await kubectl(args, env);
      if (code !== 0 && !output.includes("(NotFound)")) throw new Error(output.trim());
    };
  }
  const client = withoutKubectl(context, env);
  return async (path) => {
    await client.send("DELETE", path);
  };
}

const kubectl = (args: readonly string[], env: Env): Promise<RunResult> =>
  run("kubectl", args, { env, doing: "kubectl asked the cluster" });

function withoutKubectl(context: string, env: Env): KubeClient {
  try {
    return connectTo(kubeconfigFiles(env), context);
  } catch (error) {
    throw new UserError(
      "kubectl is needed to say what runs, and it is not on PATH: " +
        `${messageOf(error)}.\n` +
        "Fix: install it (https://kubernetes.io/docs/tasks/tools/); what is deployed is not affected.",
    );
  }
}
