import { Cluster as Gke } from "@pulumi/gcp/container/cluster.js";
import { Service } from "@pulumi/gcp/projects/service.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass.js";
import * as pulumi from "@pulumi/pulumi";
import { managedEndpoint, type Endpoint, type EndpointTarget } from "../endpoint.ts";
import { execKubeconfig, gkePlugin } from "../exec-kubeconfig.ts";
import { coreDnsPeers, managedNodeStartSeconds, type Cluster, type GatewaySupport } from "../cluster.ts";
import { GkeIam } from "./iam.ts";
import { controlPlane, type GkeDependencies } from "./control-plane.ts";
import { GkeKey } from "./key.ts";
import { GkeNetwork } from "./network.ts";
import type { GkeArgs } from "./args.ts";

/** Google's load balancers as Gateways: https://cloud.google.com/kubernetes-engine/docs/concepts/gateway-api */
const gateway: GatewaySupport = {
  className: "gke-l7-global-external-managed",
  annotations: (certificate): Readonly<Record<string, string>> =>
    certificate === undefined ? {} : { "networking.gke.io/certmap": certificate },
  healthCheckPolicy: { apiVersion: "networking.gke.io/v1", kind: "HealthCheckPolicy" },
};

/**
 * Autopilot answers DNS on the node. Dataplane V2 sends what goes to the cluster's DNS to the cache's pod there, and asks
 * the policies about that pod; with Cloud DNS, or past the cache, names are asked of two addresses of the node.
 * Sources: https://cloud.google.com/kubernetes-engine/docs/how-to/nodelocal-dns-cache, gke-labs/kube-agents#162,
 * tektoncd/operator#4000.
 */
const dnsPeers: Cluster["dnsPeers"] = [
  ...coreDnsPeers,
  {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
    podSelector: { matchLabels: { "k8s-app": "node-local-dns" } },
  },
  { ipBlock: { cidr: "169.254.20.10/32" } },
  { ipBlock: { cidr: "169.254.169.254/32" } },
];

/**
 * A cluster of Google Kubernetes Engine in Autopilot mode, with a network, key and node account of its own.
 *
 * The project's Cloud Resource Manager and Service Usage APIs have to be on: through them the others are turned on.
 */
export class GkeCluster extends pulumi.ComponentResource implements Cluster {
  readonly name: pulumi.Output<string>;
  readonly provider: Provider;
  readonly local = false;
  readonly storageClassName: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly gateway = gateway;
  readonly awaitsAddress = true;
  readonly nodeStartSeconds = managedNodeStartSeconds;
  readonly dnsPeers = dnsPeers;

  constructor(name: string, args: GkeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:GkeCluster", name, {}, opts);
    const { project, region, deletionProtection, labels } = args;
    const parent = { parent: this };
    const [container, compute, kms, iam] = [
      this.enable(args, "container"),
      this.enable(args, "compute"),
      this.enable(args, "cloudkms"),
      this.enable(args, "iam"),
    ];
    const network = new GkeNetwork(args.name, { project, region, ...args.network, api: compute }, parent);
    const access = new GkeIam(args.name, { project, region, admins: args.admins, api: iam }, parent);
    const key = new GkeKey(
      args.name,
      { project, region, deletionProtection, labels, apis: [kms, container] },
      parent,
    );
    // Roles, key and way out stay until the cluster is gone.
    const before = [container, ...access.nodeGrants, key.grant, network.natGateway];
    const { nodeAccount } = access;
    const cluster = this.createCluster(args, { network, nodeAccount, keyId: key.keyId }, before);
    this.name = cluster.name;
    this.kubeconfig = kubeconfigOf(cluster);
    this.provider = new Provider(
      "kubernetes",
      { kubeconfig: this.kubeconfig, context: cluster.name, clusterIdentifier: cluster.id },
      // Objects go while the deployer still may delete them.
      { parent: this, dependsOn: [...access.adminGrants] },
    );
    this.storageClassName = this.createStorageClass(args.name).metadata.name;
    this.registerOutputs({ name: this.name, kubeconfig: this.kubeconfig });
  }

  endpoint(target: EndpointTarget, address: pulumi.Input<string>): pulumi.Output<Endpoint> {
    return pulumi.all([this.name, address]).apply(([name, known]) => managedEndpoint(name, target, known));
  }

  /** Turns an API of the project on. It stays on: others in the project may use it. */
  private enable({ name, project }: GkeArgs, api: string): Service {
    return new Service(
      `${name}-${api}`,
      { project, service: `${api}.googleapis.com`, disableOnDestroy: false },
      { parent: this },
    );
  }

  private createCluster(args: GkeArgs, around: GkeDependencies, before: pulumi.Resource[]): Gke {
    return new Gke(args.name, controlPlane(args, around), {
      parent: this,
      dependsOn: before,
      protect: args.deletionProtection,
      customTimeouts: { create: "40m", update: "90m", delete: "60m" },
      // Autopilot sets them, and a change of the first would mean another cluster.
      ignoreChanges: ["nodeConfig", "dnsConfig"],
    });
  }

  /** Google encrypts every disk. The disk is in one zone; its pod comes back there. */
  private createStorageClass(name: string): StorageClass {
    return new StorageClass(
      name,
      {
        provisioner: "pd.csi.storage.gke.io",
        parameters: { type: "pd-balanced" },
        reclaimPolicy: "Retain",
        allowVolumeExpansion: true,
        volumeBindingMode: "WaitForFirstConsumer",
      },
      { parent: this, provider: this.provider },
    );
  }
}

/** By the DNS endpoint always, whose certificate is one that every computer trusts. */
function kubeconfigOf({ name, controlPlaneEndpointsConfig }: Gke): pulumi.Output<string> {
  const text = pulumi
    .all([name, controlPlaneEndpointsConfig.dnsEndpointConfig.endpoint])
    .apply(([known, endpoint]) => execKubeconfig({ name: known, server: `https://${endpoint}` }, gkePlugin));
  return pulumi.secret(text);
}
