import { Service } from "@pulumi/gcp/projects/service.js";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { Bucket, BucketWriter } from "../../bucket-copy.ts";
import { coreDnsPeers, dnsPorts, type Cluster, type GatewaySupport } from "../cluster.ts";
import type { Endpoint, EndpointTarget } from "../endpoint.ts";
import { managedNodeStartSeconds } from "../../timeouts.ts";
import { createStorageClass, managedEndpoint } from "../managed.ts";
import type { GkeArgs } from "./args.ts";
import { GkeBucket } from "./bucket.ts";
import { createControlPlane, kubeconfigOf } from "./control-plane.ts";
import { GkeIam } from "./iam.ts";
import { GkeKey } from "./key.ts";
import { GkeNetwork } from "./network.ts";

/** The disks of claims: Google encrypts every one. A disk is in one zone, and its pod comes back there. */
const disks = { provisioner: "pd.csi.storage.gke.io", parameters: { type: "pd-balanced" } };

/**
 * Autopilot answers DNS on the node. Dataplane V2 sends what goes to the cluster's DNS to the cache's pod there, and asks
 * the policies about that pod; with Cloud DNS, or past the cache, names are asked of two addresses of the node.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/nodelocal-dns-cache, gke-labs/kube-agents#162,
 * tektoncd/operator#4000
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
 * The addresses from which Google's load balancers send to pods, and check them.
 *
 * @see https://cloud.google.com/load-balancing/docs/firewall-rules
 */
const edgePeers = ["130.211.0.0/22", "35.191.0.0/16"].map((cidr) => ({ ipBlock: { cidr } }));

/**
 * A cluster of Google Kubernetes Engine in Autopilot mode, with a network, key and IAM of its own.
 *
 * The project's Cloud Resource Manager and Service Usage APIs have to be on: through them the others are turned on.
 */
export class GkeCluster extends pulumi.ComponentResource implements Cluster {
  readonly name: pulumi.Output<string>;
  readonly provider: Provider;
  readonly protectData = true;
  readonly storageClassName: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<string>;
  readonly gateway: GatewaySupport;
  readonly awaitsAddress = true;
  readonly nodeStartSeconds = managedNodeStartSeconds;
  readonly dnsPeers = dnsPeers;
  readonly dnsPorts = dnsPorts;
  /**
   * None: Autopilot gives each pod that is not to be evicted a node of its own, for higher least requests.
   *
   * @see https://cloud.google.com/kubernetes-engine/docs/how-to/extended-duration-pods
   */
  readonly onlyPodAnnotations = undefined;
  readonly edgePeers = edgePeers;
  /** Dataplane V2 enforces on Autopilot, always. */
  readonly networkPolicies = "enforced";
  readonly createBucket: (writer: BucketWriter) => Bucket;

  constructor(name: string, args: GkeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:GkeCluster", name, {}, opts);
    const parent = { parent: this };
    const enable = (api: string) => enableApi(args, api, parent);
    const apis = {
      container: enable("container"),
      compute: enable("compute"),
      kms: enable("cloudkms"),
      iam: enable("iam"),
    };
    // The security posture dashboard shows nothing of the cluster without it:
    // https://cloud.google.com/kubernetes-engine/docs/concepts/about-security-posture-dashboard
    enable("containersecurity");
    const network = new GkeNetwork(args.name, { ...args, ...args.network, api: apis.compute }, parent);
    const iam = new GkeIam(args.name, { ...args, api: apis.iam }, parent);
    const key = new GkeKey(args.name, { ...args, apis: [apis.kms, apis.container] }, parent);
    const cluster = createControlPlane(args, { network, iam, key, api: apis.container }, parent);
    this.name = cluster.name;
    this.kubeconfig = kubeconfigOf(cluster);
    this.gateway = gatewaySupport(args);
    this.provider = new Provider(
      "kubernetes",
      {
        kubeconfig: this.kubeconfig,
        context: cluster.name,
        clusterIdentifier: cluster.id,
        enablePatchForce: args.takeOver ?? false,
      },
      // Objects go while the deployer still may delete them.
      { parent: this, dependsOn: [...iam.adminGrants] },
    );
    const inside = { parent: this, provider: this.provider };
    this.storageClassName = createStorageClass(args.name, disks, inside).metadata.name;
    this.createBucket = (writer) =>
      new GkeBucket(args.name, { ...args, cluster, writer, api: enable("storage") }, parent);
    this.registerOutputs({ name: this.name, kubeconfig: this.kubeconfig });
  }

  endpoint(target: EndpointTarget, address: pulumi.Input<string>): pulumi.Output<Endpoint> {
    return pulumi.all([this.name, address]).apply(([name, known]) => managedEndpoint(name, target, known));
  }
}

/** Turns an API of the project on. It stays on: others in the project may use it. */
function enableApi({ name, project }: GkeArgs, api: string, parent: pulumi.CustomResourceOptions): Service {
  const args = { project, service: `${api}.googleapis.com`, disableOnDestroy: false };
  return new Service(`${name}-${api}`, args, parent);
}

/** Google's load balancer as a Gateway. @see https://cloud.google.com/kubernetes-engine/docs/concepts/gateway-api */
function gatewaySupport({ certificate }: GkeArgs): GatewaySupport {
  return {
    className: "gke-l7-global-external-managed",
    annotations: certificate === undefined ? {} : { "networking.gke.io/certmap": certificate },
    terminatesTls: certificate !== undefined,
    healthCheckPolicy: { apiVersion: "networking.gke.io/v1", kind: "HealthCheckPolicy" },
  };
}
