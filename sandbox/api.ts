import { readFileSync } from "node:fs";
import { request } from "node:https";
import { parse } from "yaml";
import type { ClientCertificate } from "./cluster/user-context.ts";

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly "certificate-authority": string } },
  ];
  readonly users: readonly [
    { readonly user: { readonly "client-certificate": string; readonly "client-key": string } },
  ];
}

/** How the cluster of a kubeconfig that kwokctl wrote is reached. */
export function accessFrom(file: string): ClientCertificate {
  const { clusters, users } = parse(readFileSync(file, "utf8")) as Kubeconfig;
  const [{ cluster }, { user }] = [clusters[0], users[0]];
  return {
    server: cluster.server,
    ca: cluster["certificate-authority"],
    cert: user["client-certificate"],
    key: user["client-key"],
  };
}

/** One request to the API server: its status and text. Rejects when nobody answers within 3 s. */
export function call(
  access: ClientCertificate,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const tls = {
      ca: readFileSync(access.ca),
      cert: readFileSync(access.cert),
      key: readFileSync(access.key),
    };
    const headers = { "content-type": "application/json" };
    const sent = request(
      `${access.server}${path}`,
      { method, headers, timeout: 3000, agent: false, ...tls },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (part: string) => (text += part));
        answer.on("end", () => {
          resolve({ status: answer.statusCode ?? 0, text });
        });
        answer.on("error", reject);
      },
    );
    sent.on("timeout", () => sent.destroy(new Error("no answer within 3 s")));
    sent.on("error", reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
