import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import type { meta, networking } from "@pulumi/kubernetes/types/input.js";
import * as pulumi from "@pulumi/pulumi";
import { aliasesFor } from "./aliases.ts";
import type { Cluster } from "./cluster/cluster.ts";
import type { ExposureType } from "./cluster/endpoint.ts";
import {
  applicationLabels,
  defaultDeny,
  derivedName,
  objectLabels,
  podLabels,
  selectorLabels,
} from "./kubernetes/labels.ts";
import type { Bucket } from "./bucket-copy.ts";
import type { ServiceDefinition, Services } from "./service.ts";

/** The arguments of {@link NetworkPolicies}. */
export interface NetworkPoliciesArgs {
  readonly namespace: pulumi.Input<string>;
  readonly services: Services;
  /** The exposure of the edge: with `clusterIP` a port-forward alone reaches it, which starts in the pod itself. */
  readonly exposure: ExposureType;
  /** The bucket that copies of backups go to. @default none, and then nothing copies */
  readonly bucket?: Bucket | undefined;
  readonly cluster: Pick<Cluster, "dnsPeers" | "dnsPorts" | "edgePeers" | "existingNamespace">;
}

/**
 * The internet: every IPv4 address but those that are private, shared, of the host itself, or link-local, among them the
 * clouds' metadata servers. Pods and Services are at private addresses.
 *
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 */
export const internet: networking.v1.NetworkPolicyPeer = {
  ipBlock: {
    cidr: "0.0.0.0/0",
    except: [
      "10.0.0.0/8",
      "100.64.0.0/10",
      "127.0.0.0/8",
      "169.254.0.0/16",
      "172.16.0.0/12",
      "192.168.0.0/16",
    ],
  },
};

/** A client of services: a service itself, or the job that copies its backups. */
type Client = Pick<ServiceDefinition, "formerly" | "uses" | "port" | "servicePort" | "edge" | "egress">;

/** The jobs that copy backups: each uses what its service does, and the service itself. */
function bucketCopies(services: Services): Record<string, Client> {
  const entries = Object.entries(services).flatMap(([key, { bucketCopy, uses = [], formerly = [] }]) =>
    bucketCopy === undefined
      ? []
      : [
          [
            derivedName.bucketCopy(key),
            { uses: [key, ...uses], formerly: formerly.map(derivedName.bucketCopy) },
          ] as const,
        ],
  );
  return Object.fromEntries(entries);
}

/**
 * The network policies of the application: nobody reaches anybody, but along `uses`, to DNS, and from outside to the edge.
 *
 * A service's own policy has all that its pods may do, in both directions: created one by one beside pods that run, none
 * of them cuts what another would allow. The one that denies everything to all other pods of the namespace comes last,
 * and only where the namespace is the application's.
 */
export class NetworkPolicies extends pulumi.ComponentResource {
  constructor(name: string, args: NetworkPoliciesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:app:NetworkPolicies", name, {}, opts);
    const { namespace, services, exposure, cluster, bucket } = args;
    const copies = bucket ? bucketCopies(services) : {};
    const clients: Readonly<Record<string, Client>> = { ...services, ...copies };
    const policyTypes = ["Ingress", "Egress"];
    const dns = {
      to: [...cluster.dnsPeers],
      ports: cluster.dnsPorts.flatMap((number) => [port(number, "UDP"), port(number)]),
    };
    const knocking =
      exposure === "clusterIP" ? [] : [{ ...(cluster.edgePeers && { from: [...cluster.edgePeers] }) }];
    const own = Object.entries(clients).map(([key, service]) => {
      const users = Object.entries(clients).filter(([, { uses = [] }]) => uses.includes(key));
      const from = users.map(([user, definition]) => podsOf(user, definition));
      const sources = [...(from.length > 0 ? [{ from }] : []), ...(service.edge ? knocking : [])];
      const to = (service.uses ?? []).flatMap((used) => {
        const target = services[used];
        return target?.port === undefined ? [] : [{ to: [podsOf(used, target)], ports: portsOf(target) }];
      });
      const spec = {
        podSelector: podsOf(key, service).podSelector,
        policyTypes,
        ingress:
          service.port === undefined ? [] : sources.map((each) => ({ ...each, ports: portsOf(service) })),
        egress: [
          dns,
          ...to,
          ...(service.egress === "internet" ? [{ to: [internet] }] : []),
          ...(key in copies ? (bucket?.egress ?? []) : []),
        ],
      };
      return new NetworkPolicy(
        key,
        { metadata: { name: key, namespace, labels: objectLabels(key) }, spec },
        { parent: this, ...aliasesFor(service.formerly) },
      );
    });
    if (cluster.existingNamespace !== true)
      new NetworkPolicy(
        defaultDeny,
        {
          metadata: { name: defaultDeny, namespace, labels: applicationLabels },
          spec: { podSelector: {}, policyTypes },
        },
        { parent: this, dependsOn: own },
      );
    this.registerOutputs({});
  }
}

/** The pods of a service, those under its former keys too: while it is renamed, pods of both are there. */
function podsOf(key: string, { formerly = [] }: Client): { podSelector: meta.v1.LabelSelector } {
  if (formerly.length === 0) return { podSelector: { matchLabels: podLabels(key) } };
  const labels = [key, ...formerly].map(selectorLabels);
  const expressions = Object.keys(selectorLabels(key)).map((label) => ({
    key: label,
    operator: "In",
    values: labels.map((each) => each[label] ?? ""),
  }));
  return { podSelector: { matchLabels: applicationLabels, matchExpressions: expressions } };
}

/**
 * The ports at which a service is reached. Policies are asked when the address of a Service was translated to a pod's, but
 * on EKS about the port of the Service too.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html (considerations)
 */
function portsOf({ port: own, servicePort }: Client): networking.v1.NetworkPolicyPort[] {
  return [...new Set([own, servicePort])].flatMap((number) => (number === undefined ? [] : [port(number)]));
}

/** A port of a network policy. */
export function port(number: number, protocol: "TCP" | "UDP" = "TCP"): networking.v1.NetworkPolicyPort {
  return { port: number, protocol };
}
