import { connect } from "node:net";
import { isPrivate } from "../../components/kubernetes/server-address.ts";
import { readKubeconfig } from "../../system/client-config.ts";
import { UserError } from "../../system/errors.ts";
import { kubeContexts, type KubeContext } from "../../system/kubeconfig.ts";
import { kubeconfigFiles, kubeconfigNames, value, type Env } from "../../system/folders.ts";

/** The context of that name, as kubectl finds it. */
export function findContext(name: string, env: Env): KubeContext | undefined {
  return kubeContexts(readKubeconfig(kubeconfigFiles(env))).find((context) => context.name === name);
}

/** The reason why no server answers at the URL's host and port; undefined when one does. */
export function unreachable(url: string, timeoutMs = 5000): Promise<string | undefined> {
  const { hostname, port, protocol } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ""),
      port: Number(port === "" ? (protocol === "http:" ? 80 : 443) : port),
      timeout: timeoutMs,
    });
    const end = (why: string | undefined) => {
      socket.destroy();
      resolve(why);
    };
    socket.once("connect", () => {
      end(undefined);
    });
    socket.once("timeout", () => {
      end(`no answer within ${String(timeoutMs / 1000)} s`);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      end(error.code ?? error.message);
    });
  });
}

/**
 * Makes sure that the API server of a context answers, before Pulumi asks it for every object.
 *
 * @param fix what to do when it does not. @param gone what to do besides where there is no such context.
 * @throws UserError with server, context and what to do.
 */
export async function checkReachable(name: string, env: Env, fix: string, gone = ""): Promise<void> {
  const context = findContext(name, env);
  if (context === undefined) {
    throw new UserError(
      `Context ${name} is not in the kubeconfig (${kubeconfigNames(env)}).\n` +
        `Fix: ${fix}\nContexts there are: kubectl config get-contexts${gone}`,
    );
  }
  if (behindProxy(context.server, env)) return;
  const why = await unreachable(context.server);
  if (why === undefined) return;
  throw new UserError(
    `The API server of context ${name} does not answer: ${why}.\n` +
      `Server: ${context.server}\nNothing was changed.\nFix: ${fix}`,
  );
}

/** A server out in the world is perhaps reached through a proxy only: then a plain connection says nothing. */
function behindProxy(server: string, env: Env): boolean {
  return (value(env.HTTPS_PROXY) ?? value(env.https_proxy)) !== undefined && !isPrivate(server);
}
