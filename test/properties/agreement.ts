import { quantityValue } from "../../components/kubernetes/quantity.ts";
import type { Rendered } from "../../render/program.ts";
import { allows } from "../support/policy-evaluator.ts";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- manifests are read as loosely as the API answers them
type Loose = any;

/** Names of objects that become DNS labels (RFC 1123), generated ones included. */
const LABEL = /^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

const subset = (part: Loose, whole: Loose): boolean =>
  Object.entries(part as object).every(([name, value]) => whole?.[name] === value);

/** The one object that is in a namespace of the cluster's own, because EKS looks for it there. */
const elsewhere = "ConfigMap amazon-vpc-cni";

/** Kinds that are in no namespace. */
const clusterWide = new Set<unknown>(["Namespace", "StorageClass", "IngressClass", "IngressClassParams"]);

/**
 * Where the objects of a rendered program do not fit each other: selectors, ports, names, references, amounts. Empty
 * when all is well. What the API server thinks of each of them alone is not asked here.
 */
export function disagreements({ resources }: Rendered, namespace: string): string[] {
  const objects: Loose[] = resources
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ type, inputs }) => ({ kind: type.split(":")[2], ...inputs }));
  const of = (kind: string): Loose[] => objects.filter((each) => each.kind === kind);
  const has = (kind: string, name: unknown): boolean =>
    of(kind).some(({ metadata }) => metadata.name === name);
  const found: string[] = [];
  const expect = (holds: boolean, text: string) => {
    if (!holds) found.push(text);
  };
  const workloads = [...of("Deployment"), ...of("StatefulSet")];
  /** Whether there is a Service of a name, to whose pods policies let pods with labels through. */
  const reaches = (labels: Record<string, string>, name: unknown): boolean =>
    of("Service").some(
      ({ metadata, spec }) =>
        metadata.name === name &&
        allows(
          of("NetworkPolicy"),
          { labels, namespace, address: "10.244.0.7" },
          { labels: spec.selector, namespace, address: "10.244.0.8" },
          spec.ports[0].targetPort,
        ),
    );

  const seen = new Set<string>();
  for (const { kind, metadata } of objects) {
    const title = `${String(kind)} ${String(metadata.name)}`;
    expect(!seen.has(title), `${title} is there twice`);
    seen.add(title);
    expect(LABEL.test(metadata.name), `${title} has no name that DNS takes`);
    if (!clusterWide.has(kind) && title !== elsewhere)
      expect(metadata.namespace === namespace, `${title} is in another namespace`);
  }
  for (const { metadata, spec } of of("Service")) {
    const title = `Service ${String(metadata.name)}`;
    const targets = workloads.filter(({ spec: { template } }) =>
      subset(spec.selector, template.metadata.labels),
    );
    expect(targets.length === 1, `${title} selects ${targets.length} workloads`);
    const ports = targets.flatMap(({ spec: { template } }) =>
      template.spec.containers.flatMap((c: Loose) =>
        (c.ports ?? []).flatMap((p: Loose) => [p.containerPort, p.name]),
      ),
    ) as unknown[];
    for (const { targetPort } of spec.ports)
      expect(ports.includes(targetPort), `${title}: no container has port ${String(targetPort)}`);
  }
  for (const { kind, metadata, spec } of workloads) {
    const title = `${String(kind)} ${String(metadata.name)}`;
    const { template } = spec;
    const pod = template.spec;
    expect(subset(spec.selector.matchLabels, template.metadata.labels), `${title} does not select its pods`);
    expect(has("ServiceAccount", pod.serviceAccountName), `${title}: no such ServiceAccount`);
    for (const volume of pod.volumes ?? []) {
      const references: [string, unknown][] = [
        ["ConfigMap", volume.configMap?.name],
        ["Secret", volume.secret?.secretName],
        ["PersistentVolumeClaim", volume.persistentVolumeClaim?.claimName],
      ];
      for (const [of, name] of references)
        expect(name === undefined || has(of, name), `${title}: no ${of} ${String(name)}`);
    }
    const names = new Set((pod.volumes ?? []).map(({ name }: Loose) => name));
    const containers = [...pod.containers, ...(pod.initContainers ?? [])];
    for (const { name, env, volumeMounts, resources: amounts } of containers) {
      const place = `${title}, container ${String(name)}`;
      for (const mount of volumeMounts ?? [])
        expect(names.has(mount.name), `${place}: no volume ${String(mount.name)}`);
      for (const { name: variable, value, valueFrom } of env ?? []) {
        if (variable.endsWith("HOST") && /^[a-z]/.test(value ?? ""))
          expect(reaches(template.metadata.labels, value), `${place}: reaches no Service ${String(value)}`);
        const secret = valueFrom?.secretKeyRef?.name;
        expect(secret === undefined || has("Secret", secret), `${place}: no Secret ${String(secret)}`);
      }
      for (const [what, request] of Object.entries((amounts?.requests ?? {}) as Record<string, string>)) {
        const limit = amounts?.limits?.[what] as string | undefined;
        expect(
          limit === undefined || quantityValue(request) <= quantityValue(limit),
          `${place}: requests ${request} of ${what}, its limit is ${limit ?? ""}`,
        );
      }
    }
    if (kind === "StatefulSet") {
      const governing = of("Service").find((each) => each.metadata.name === spec.serviceName);
      expect(
        governing?.spec.clusterIP === "None",
        `${title}: no headless Service ${String(spec.serviceName)}`,
      );
    }
  }
  for (const { metadata, spec } of of("PodDisruptionBudget")) {
    const targets = workloads.filter(({ spec: { template } }) =>
      subset(spec.selector.matchLabels, template.metadata.labels),
    );
    expect(
      targets.length === 1,
      `PodDisruptionBudget ${String(metadata.name)} is of ${targets.length} workloads`,
    );
  }
  for (const { metadata, spec } of of("HorizontalPodAutoscaler")) {
    const target = workloads.find((each) => each.metadata.name === spec.scaleTargetRef.name);
    expect(target !== undefined, `HorizontalPodAutoscaler ${String(metadata.name)} scales nothing`);
    expect(target?.spec.replicas === undefined, `${String(metadata.name)}: autoscaler and replicas fight`);
    expect(spec.minReplicas <= spec.maxReplicas, `${String(metadata.name)}: min above max`);
  }
  for (const { metadata, spec } of of("Ingress")) {
    for (const { secretName } of spec.tls ?? [])
      expect(has("Secret", secretName), `Ingress ${String(metadata.name)}: no Secret ${String(secretName)}`);
    const paths = (spec.rules ?? []).flatMap(({ http }: Loose) => http.paths);
    for (const { backend } of paths) {
      const { name, port } = backend.service;
      const service = of("Service").find((each) => each.metadata.name === name);
      const ports = (service?.spec.ports ?? []).map((each: Loose) => each.port) as unknown[];
      expect(
        ports.includes(port.number),
        `Ingress: Service ${String(name)} has no port ${String(port.number)}`,
      );
    }
  }
  return found;
}
