import { sandboxThere } from "../engine/find-engine.ts";
import { UserError } from "../../system/errors.ts";
import { kubeconfigFiles, type Env } from "../../system/folders.ts";
import { run, which } from "../../system/process.ts";

/** Reads one path of a cluster's API; undefined when there is nothing. */
export type KubeReader = (path: string) => Promise<unknown>;

/** Reads from the API server of a context: with kubectl, else with what the sandbox knows of kubeconfigs. */
export async function kubeReader(context: string, root: string, env: Env): Promise<KubeReader> {
  const failed = (path: string, why: string) =>
    new UserError(`Context ${context} does not answer ${path}: ${why.trim()}`);
  if (which("kubectl", env) !== undefined) {
    return async (path) => {
      const args = ["--context", context, "--request-timeout=10s", "get", "--raw", path];
      const { code, stdout, output } = await run("kubectl", args, { env });
      if (output.includes("(NotFound)")) return undefined;
      if (code !== 0) throw failed(path, output);
      return JSON.parse(stdout) as unknown;
    };
  }
  if (!sandboxThere(root)) {
    throw new UserError(
      "kubectl is needed to say what runs, and it is not on PATH.\n" +
        "Fix: install it (https://kubernetes.io/docs/tasks/tools/); what is deployed is not affected.",
    );
  }
  const { connectTo } = await import("../../sandbox/index.ts");
  const cluster = connectTo(kubeconfigFiles(env), context);
  return async (path) => {
    try {
      return await cluster.get(path);
    } catch (error) {
      throw failed(path, error instanceof Error ? error.message : String(error));
    }
  };
}
