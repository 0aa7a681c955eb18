import { stringify } from "yaml";
import { isObjectType, redacted, type Recorded } from "./recorder.ts";

/**
 * Sorts resources so that each comes after everything that it depends on. The order is the same for the same program.
 *
 * @throws when resources depend on each other.
 */
export function inOrder(resources: readonly Recorded[]): Recorded[] {
  const waiting = new Map([...resources].sort((a, b) => (a.urn < b.urn ? -1 : 1)).map((r) => [r.urn, r]));
  const ordered: Recorded[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter(
      ({ dependsOn, parent }) => !waiting.has(parent) && !dependsOn.some((urn) => waiting.has(urn)),
    );
    if (ready.length === 0)
      throw new Error(`resources depend on each other: ${[...waiting.keys()].join(", ")}`);
    for (const resource of ready) waiting.delete(resource.urn);
    ordered.push(...ready);
  }
  return ordered;
}

/** A Kubernetes object, and the file that `kubectl apply` takes. */
export interface Manifest {
  /** Name of the file. */
  readonly file: string;
  readonly object: Readonly<Record<string, unknown>>;
  /** The object as text that readers of YAML 1.1 and of 1.2 take for the same. */
  readonly yaml: string;
}

/** The manifests of the Kubernetes objects among the resources, in the given order. */
export function manifests(resources: readonly Recorded[]): Manifest[] {
  return resources
    .filter(({ type }) => isObjectType(type))
    .map(({ inputs }, index) => {
      const { apiVersion, kind, metadata, ...rest } = inputs as {
        apiVersion: string;
        kind: string;
        metadata: { name: string };
      };
      const object = { apiVersion, kind, metadata, ...(kind === "Secret" ? secretText(rest) : rest) };
      const file = `${String(index).padStart(2, "0")}-${kind.toLowerCase()}-${metadata.name}.yaml`;
      return { file, object, yaml: manifestText(object) };
    });
}

/** A kustomize base of the manifests, without Secrets, whose values are hidden; each of them has to be made by hand. */
export function kustomization(list: readonly Manifest[]): string {
  const resources = list
    .filter(({ object }) => object.kind !== "Secret")
    .map(({ file }) => `objects/${file}`);
  return manifestText({ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources });
}

/**
 * An object as YAML in which text stays text for every reader. kubectl, Argo CD and kube-score read YAML 1.1, to which a
 * bare `yes` is a boolean, `1:30` a number of base 60 and `2026-11-27` a date (https://yaml.org/type/); what only 1.2
 * takes for something else, such as the number `0o17`, is quoted too.
 */
export function manifestText(object: unknown): string {
  return stringify(object, { lineWidth: 0, compat: "yaml-1.1" });
}

/** Moves the data of a Secret to where plain text is taken: a hidden value is no base64. */
function secretText({ data, ...rest }: { data?: Record<string, unknown> }): Record<string, unknown> {
  return { ...rest, stringData: Object.fromEntries(Object.keys(data ?? {}).map((key) => [key, redacted])) };
}
