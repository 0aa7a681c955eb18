import { Agent, request as begin } from "node:https";
import type { Target } from "./client-config.ts";
import type { Kind } from "../sandbox/kubernetes-plugin/served-kinds.ts";
import { isObject, nameOf, namespaceOf, objectAt, textAt } from "../sandbox/engine-values.ts";
import type { Fields } from "../sandbox/engine-values.ts";

/** Longest silence of the API server, in milliseconds: on the first contact, and later, under load. */
const FIRST_CONTACT = 10_000;
const PATIENCE = 60_000;

/** An answer of the API server other than success. */
export class ApiError extends Error {
  readonly status: number;
  /** `metav1.StatusReason`, such as AlreadyExists. */
  readonly reason: string;
  /** What the answer is about, such as namespaces. */
  readonly about: string;
  constructor(status: number, answer: Fields) {
    super(textAt(answer, "message") || `the API server answered ${status}`);
    this.status = status;
    this.reason = textAt(answer, "reason");
    this.about = textAt(answer, "details", "kind");
  }
}

/** The URL path of an object, or of its kind in a namespace when no name is given. */
export function pathOf(kind: Kind, namespace: string, name = ""): string {
  const root = kind.apiVersion.includes("/") ? `/apis/${kind.apiVersion}` : `/api/${kind.apiVersion}`;
  return `${root}${kind.namespaced ? `/namespaces/${namespace}` : ""}/${kind.plural}${name && `/${name}`}`;
}

/** Unknown fields are refused; the official plugin lets the server drop them, with a warning that nobody sees. */
const written = (manager: string, dryRun: boolean) => ({
  fieldManager: manager,
  fieldValidation: "Strict",
  ...(dryRun && { dryRun: "All" }),
});

type Query = Readonly<Record<string, string>>;

/** The few verbs of the Kubernetes API this plugin needs, on one cluster. */
export type Cluster = ReturnType<typeof connect>;

/** A cluster; no connection is opened yet. */
export function connect({ server, tls, token }: Target) {
  const agent = new Agent({ keepAlive: true, ...tls });

  const send = async (
    method: string,
    path: string,
    query: Query = {},
    body?: unknown,
    type = "application/json",
    timeout = PATIENCE,
  ): Promise<Fields> => {
    const url = `${server.replace(/\/$/, "")}${path}?${new URLSearchParams(query).toString()}`;
    const headers = {
      ...(body !== undefined && { "content-type": type }),
      ...(token !== "" && { authorization: `Bearer ${token}` }),
    };
    const [status, text] = await new Promise<[number, string]>((done, fail) => {
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
        const why = error.message || ("code" in error ? String(error.code) : error.name);
        fail(new Error(`configured Kubernetes cluster is unreachable: ${server}: ${why}`));
      });
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
    const answer: unknown = text.startsWith("{") ? JSON.parse(text) : { message: text };
    if (status >= 400) throw new ApiError(status, isObject(answer) ? answer : {});
    return isObject(answer) ? answer : {};
  };
  const at = (kind: Kind, object: Fields) => pathOf(kind, namespaceOf(object), nameOf(object));

  return {
    /** Any request: method, URL path, query, body and its content type. */
    send,
    /** @throws within 10 s when nothing answers. */
    probe: () => send("GET", "/version", {}, undefined, undefined, FIRST_CONTACT),
    /** An object or a list by URL path; undefined when there is none. */
    get: (path: string, query: Query = {}): Promise<Fields | undefined> =>
      send("GET", path, query).catch((error: unknown) => {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      }),
    create: (kind: Kind, object: Fields, manager: string, dryRun: boolean) =>
      send("POST", pathOf(kind, namespaceOf(object)), written(manager, dryRun), object),
    /** Server-side apply: fields of `manager` that are gone from the object are removed. */
    apply: (kind: Kind, object: Fields, manager: string, dryRun: boolean, force: boolean) => {
      const query = { ...written(manager, dryRun), force: String(force) };
      return send("PATCH", at(kind, object), query, object, "application/apply-patch+yaml");
    },
    replaceManagers: (kind: Kind, live: Fields, managedFields: unknown) => {
      const { resourceVersion } = objectAt(live, "metadata");
      const metadata = { managedFields, resourceVersion };
      return send("PATCH", at(kind, live), {}, { metadata }, "application/merge-patch+json");
    },
    remove: (kind: Kind, live: Fields, propagationPolicy: string) =>
      send("DELETE", at(kind, live), { propagationPolicy }),
  };
}
