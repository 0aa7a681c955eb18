/** A kind of object as the paths of the Kubernetes API name it (`metav1.APIResource`). */
export interface ApiResource {
  /** Group and version: `apps/v1`, `v1`. */
  readonly apiVersion: string;
  /** The kind in lower case and plural: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

/**
 * The plural of a kind in API paths, where no server can be asked for it.
 *
 * @see UnsafeGuessKindToResource, apimachinery/pkg/api/meta/restmapper.go, whose `gatewaies` is not followed.
 */
export function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (/(endpoints|params)$/.test(name)) return name;
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return `${name}${name.endsWith("s") ? "es" : "s"}`;
}

/**
 * The URL path of an object, or of all objects of its kind in a namespace when no name is given.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris
 */
export function apiPath(resource: ApiResource, namespace: string, name = ""): string {
  const { apiVersion, plural, namespaced } = resource;
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${namespaced ? `/namespaces/${namespace}` : ""}/${plural}${name && `/${name}`}`;
}
