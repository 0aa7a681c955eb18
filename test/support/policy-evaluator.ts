import { contains } from "../../components/cluster/cidr.ts";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- policies are read as loosely as the API answers them
type Loose = any;

/** An end of a connection: a pod with its labels and namespace, or an address that is no pod's. */
export interface End {
  readonly labels?: Readonly<Record<string, string>>;
  /** The namespace of the pod, by its name. @default no pod */
  readonly namespace?: string;
  /** IPv4. */
  readonly address: string;
}

/** Tells whether a label selector takes labels: `matchLabels`, and `In` of `matchExpressions`. */
function selects(selector: Loose, labels: Readonly<Record<string, string>> = {}): boolean {
  const { matchLabels = {}, matchExpressions = [], ...rest } = selector as Record<string, Loose>;
  if (Object.keys(rest).length > 0) throw new Error(`not evaluated: ${JSON.stringify(rest)}`);
  return (
    Object.entries(matchLabels as object).every(([key, value]) => labels[key] === value) &&
    (matchExpressions as Loose[]).every(({ key, operator, values }) => {
      if (operator !== "In") throw new Error(`not evaluated: operator ${String(operator)}`);
      return values.includes(labels[key]) as boolean;
    })
  );
}

function isPeer(peer: Loose, of: End, namespace: string): boolean {
  const within = (cidr: string) => contains(cidr, `${of.address}/32`);
  if (peer.ipBlock) return within(peer.ipBlock.cidr) && !(peer.ipBlock.except ?? []).some(within);
  if (of.namespace === undefined) return false;
  const isNear = peer.namespaceSelector
    ? selects(peer.namespaceSelector, { "kubernetes.io/metadata.name": of.namespace })
    : of.namespace === namespace;
  return isNear && selects(peer.podSelector ?? {}, of.labels);
}

/**
 * Tells whether network policies let a connection through, by the rules of the API: policies that select a pod isolate it
 * in their directions, and what any rule of theirs allows is allowed.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function allows(
  policies: readonly Loose[],
  from: End,
  to: End,
  port: number,
  protocol = "TCP",
): boolean {
  const side = (pod: End, other: End, type: "Ingress" | "Egress") => {
    const own = policies.filter(
      ({ metadata, spec }) =>
        metadata.namespace === pod.namespace &&
        spec.policyTypes.includes(type) &&
        selects(spec.podSelector, pod.labels),
    );
    if (own.length === 0) return true;
    const [rules, peers] = type === "Ingress" ? ["ingress", "from"] : ["egress", "to"];
    return own.some(({ metadata, spec }) =>
      (spec[rules] ?? []).some(
        (rule: Loose) =>
          (!rule[peers] || rule[peers].some((peer: Loose) => isPeer(peer, other, metadata.namespace))) &&
          (!rule.ports ||
            rule.ports.some((each: Loose) => each.port === port && (each.protocol ?? "TCP") === protocol)),
      ),
    );
  };
  return side(from, to, "Egress") && side(to, from, "Ingress");
}
