import { request } from "node:https";
import { sandboxThere } from "./engine.ts";
import { UserError } from "./errors.ts";
import { kubeconfigFiles, type Env } from "./folders.ts";
import { run, which } from "./process.ts";

/** Reads one path of a cluster's API. */
export type Get = (path: string) => Promise<unknown>;

/** Reads from the API server of a context: with kubectl, else with what the sandbox knows of kubeconfigs. */
export async function apiReader(context: string, root: string, env: Env): Promise<Get> {
  const failed = (path: string, why: string) =>
    new UserError(`Context ${context} does not answer ${path}: ${why.trim()}`);
  if (which("kubectl", env) !== undefined) {
    return async (path) => {
      const args = ["--context", context, "--request-timeout=10s", "get", "--raw", path];
      const { code, stdout, output } = await run("kubectl", args, { env });
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
  const { targetOf } = await import("../sandbox/kubernetes/kubeconfig.ts");
  const { server, tls, token } = targetOf(kubeconfigFiles(env)[0] ?? "", context);
  const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
  return (path) =>
    new Promise((resolve, reject) => {
      const sent = request(
        `${server}${path}`,
        { timeout: 10_000, agent: false, headers, ...tls },
        (answer) => {
          let text = "";
          answer.setEncoding("utf8").on("data", (part: string) => (text += part));
          answer.on("end", () => {
            if (answer.statusCode === 200) resolve(JSON.parse(text));
            else reject(failed(path, `${String(answer.statusCode)} ${text.slice(0, 300)}`));
          });
        },
      );
      sent.on("timeout", () => sent.destroy(new Error("no answer within 10 s")));
      sent.on("error", (error) => {
        reject(failed(path, error.message));
      });
      sent.end();
    });
}
