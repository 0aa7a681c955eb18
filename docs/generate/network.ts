import { derivedName } from "../../components/kubernetes/labels.ts";
import type { ServiceDefinition, Services } from "../../components/service.ts";
import { services as list } from "../../services.ts";
import { code, table } from "../../system/markdown.ts";

/** The ports at which a service is reached: the container's, and the Service's where it is another. */
export const portsOf = ({ port, servicePort }: Pick<ServiceDefinition, "port" | "servicePort">): number[] =>
  [...new Set([port, servicePort])].filter((each) => each !== undefined);

/** Tells whether one service may connect to another: where it says that it uses it. */
export const mayConnect = (services: Services, from: string, to: string): boolean =>
  services[from]?.uses?.includes(to) === true;

/** Who may connect to whom, by the list of services: a row for each that connects, a column for each that is reached. */
function matrix(services: Services): string {
  const keys = Object.keys(services);
  const reached = Object.entries(services).filter(([, { port }]) => port !== undefined);
  const copies = Object.entries(services).filter(([, { bucketCopy }]) => bucketCopy !== undefined);
  const row = (name: string, cell: (key: string) => boolean, dns: boolean, internet: boolean) => [
    name,
    ...reached.map(([key, service]) =>
      name === code(key) ? "-" : cell(key) ? portsOf(service).join(", ") : "no",
    ),
    dns ? "yes" : "no",
    internet ? "yes" : "no",
  ];
  return table(
    ["from, to", ...reached.map(([key]) => code(key)), "DNS", "internet"],
    [
      ...keys.map((from) =>
        row(code(from), (to) => mayConnect(services, from, to), true, services[from]?.egress === "internet"),
      ),
      ...copies.map(([from]) =>
        row(
          code(derivedName.bucketCopy(from)),
          (to) => to === from || mayConnect(services, from, to),
          true,
          false,
        ).fill("its bucket", -1),
      ),
      row("any other pod of the namespace", () => false, false, false),
      row("outside of the namespace", (to) => services[to]?.edge !== undefined, true, true).fill(
        "not ours",
        -2,
      ),
    ],
  );
}

/** The page docs/network.md. */
export function networkPage(): string {
  return [
    "# Network",
    "The table is generated from [`services.ts`](../services.ts); a test keeps it current, and another one compares it with " +
      "the network policies of each stack, for all pairs and ports.",
    "## Who may connect to whom",
    "Nobody, but along `uses`. A number is the port; a Service that has another port than its container is reached at both, " +
      "because EKS asks its policies about both.",
    matrix(list),
    [
      "- `outside of the namespace` reaches the edge as its exposure leads there: from the load balancer's addresses on EKS (the " +
        "public subnets) and GKE (Google's ranges), from anywhere on AKS and with a node port, load balancer or Ingress of a " +
        "cluster that the stack does not make. With `clusterIP` nobody does: a port-forward starts in the pod itself.",
      '- `egress: "internet"` in a service\'s entry opens public IPv4 addresses at every port to it. Private and link-local ones, ' +
        "with the clouds' metadata servers, stay closed.",
      "- A job that copies backups is there where the stack names a bucket. It reaches that at its port: on the internet, or in the " +
        "network that the stack names (`backup.s3.network`).",
      "- The kubelet's probes come from the node, which every engine lets through. Containers of one pod speak over loopback, " +
        "which no policy sees.",
      "- A pod of yours in this namespace needs a policy of its own. In a namespace that was there before " +
        "(`cluster.existingNamespace`) the pods of others stay as they are.",
      "- While a service is renamed, its policy is for the pods of both names.",
    ].join("\n"),
    "## Where policies are enforced",
    table(
      ["cluster", "by", "`make smoke`, where they are not"],
      [
        ["eks", "the agent of Auto Mode's nodes, which a ConfigMap of the stack turns on", "fails"],
        ["aks", "Cilium", "fails"],
        ["gke", "Dataplane V2", "fails"],
        ["minikube", "Calico, in a profile that `make up` made; in another one perhaps nothing", "warns"],
        ["existing", "what is installed there", "`cluster.networkPolicies` ([settings](settings.md)) says"],
        ["sandbox, real node", "kube-network-policies, where the kernel has NFQUEUE", "warns"],
        ["sandbox, simulated nodes", "nothing: no packet is sent", "does not run"],
      ],
    ),
    "Assertion 9 of `make smoke` tries a connection that the table forbids, and one that it allows, from a pod of the worker.",
  ].join("\n\n");
}
