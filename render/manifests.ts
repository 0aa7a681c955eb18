import { stringify } from "yaml";
import { isObjectType, redacted, type Recorded } from "./recorder.ts";

/** Resources in an order in which each comes after everything it depends on; the same for the same program. */
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

/** A Kubernetes object as `kubectl apply` takes it, and the name of its file. */
export interface Manifest {
  readonly file: string;
  readonly yaml: string;
}

/** The Kubernetes objects among the resources, in the order given. */
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
      return { file, yaml: stringify(object, { lineWidth: 0 }) };
    });
}

/** A hidden value is no base64: it goes where plain text is taken. */
function secretText({ data, ...rest }: { data?: Record<string, unknown> }): Record<string, unknown> {
  return { ...rest, stringData: Object.fromEntries(Object.keys(data ?? {}).map((key) => [key, redacted])) };
}
