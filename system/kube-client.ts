import { Agent, request as begin } from "node:https";
import { apiPath, type ApiResource } from "./api-path.ts";
import { clientConfig, readKubeconfig, type ClientConfig } from "./client-config.ts";
import { isObject, nameOf, namespaceOf, objectAt, textAt, type Fields } from "./fields.ts";

/** An answer of the API server other than success. */
export class ApiError extends Error {
  readonly status: number;
  /** `metav1.StatusReason`, such as AlreadyExists. */
  readonly reason: string;
  /** The kind that the answer is about, such as namespaces. */
  readonly about: string;
  constructor(status: number, answer: Fields) {
    super(textAt(answer, "message") || `the API server answered ${status}`);
    this.status = status;
    this.reason = textAt(answer, "reason");
    this.about = textAt(answer, "details", "kind");
  }
}

/** Unknown fields are refused; kubectl and the official plugin let the server drop them with a warning. */
const written = (manager: string, dryRun: boolean) => ({
  fieldManager: manager,
  fieldValidation: "Strict",
  ...(dryRun && { dryRun: "All" }),
});

type Query = Readonly<Record<string, string>>;

/** The few verbs of the Kubernetes API that are needed here, on one cluster. */
export type KubeClient = ReturnType<typeof kubeClient>;

/**
 * A client of an API server; it opens no connection before the first request.
 *
 * @param timeout the longest silence of the API server, in milliseconds.
 */
export function kubeClient({ server, tls, token }: ClientConfig, timeout = 60_000) {
  const agent = new Agent({ keepAlive: true, ...tls });

  const send = async (
    method: string,
    path: string,
    query: Query = {},
    body?: unknown,
    type = "application/json",
  ): Promise<Fields> => {
    const url = `${server.replace(/\/$/, "")}${path}?${new URLSearchParams(query).toString()}`;
    const headers = {
      ...(body !== undefined && { "content-type": type }),
      ...(token !== "" && { authorization: `Bearer ${token}` }),
    };
    const exchange = (): Promise<[number, string]> =>
      new Promise((done, fail) => {
        const request = begin(url, { method, headers, agent, timeout }, (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (part: string) => (text += part));
          response.on("error", fail).on("end", () => {
            done([response.statusCode ?? 0, text]);
          });
        });
        request.on("timeout", () => request.destroy(new Error(`no answer within ${timeout / 1000} s`)));
        request.on("error", (error) => {
          // A refused connection to a name with several addresses has a code, but no message.
          const code = "code" in error ? String(error.code) : error.name;
          // The API server, or a load balancer before it, ended an idle connection just when it was used again. What has
          // no effect a second time is sent anew: https://nodejs.org/api/http.html#requestreusedsocket
          if (request.reusedSocket && code === "ECONNRESET" && method !== "POST") {
            done(exchange());
            return;
          }
          const why = error.message || code;
          fail(new Error(`configured Kubernetes cluster is unreachable: ${server}: ${why}`));
        });
        request.end(body === undefined ? undefined : JSON.stringify(body));
      });
    const [status, text] = await exchange();
    const answer: unknown = text.startsWith("{") ? JSON.parse(text) : { message: text };
    if (status >= 400) throw new ApiError(status, isObject(answer) ? answer : {});
    return isObject(answer) ? answer : {};
  };
  const pathOf = (resource: ApiResource, object: Fields) =>
    apiPath(resource, namespaceOf(object), nameOf(object));

  return {
    /** Sends any request: method, URL path, query, body and its content type. */
    send,
    /** Reads an object or a list by its URL path; gives undefined when there is none. */
    get: (path: string, query: Query = {}): Promise<Fields | undefined> =>
      send("GET", path, query).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      }),
    create: (resource: ApiResource, object: Fields, manager: string, dryRun: boolean) =>
      send("POST", apiPath(resource, namespaceOf(object)), written(manager, dryRun), object),
    /** Applies on the server: fields of `manager` that are gone from the object are removed. */
    apply: (resource: ApiResource, object: Fields, manager: string, dryRun: boolean, force: boolean) => {
      const query = { ...written(manager, dryRun), force: String(force) };
      return send("PATCH", pathOf(resource, object), query, object, "application/apply-patch+yaml");
    },
    replaceManagers: (resource: ApiResource, live: Fields, managedFields: unknown) => {
      const { resourceVersion } = objectAt(live, "metadata");
      const metadata = { managedFields, resourceVersion };
      return send("PATCH", pathOf(resource, live), {}, { metadata }, "application/merge-patch+json");
    },
    remove: (resource: ApiResource, live: Fields, propagationPolicy: string) =>
      send("DELETE", pathOf(resource, live), { propagationPolicy }),
  };
}

/**
 * A client of the cluster that a context leads to, in the first of the kubeconfig files that has it.
 *
 * @throws when the context does not exist or leads nowhere, or its user needs a helper program.
 */
export const connectTo = (kubeconfigs: readonly string[], context: string): KubeClient =>
  kubeClient(clientConfig(readKubeconfig(kubeconfigs), context));
