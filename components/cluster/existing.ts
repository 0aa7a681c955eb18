import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { existingEndpoint, type Endpoint, type EndpointTarget } from "./endpoint.ts";
import { coreDnsPeers, ownKubeconfig, type Cluster } from "./cluster.ts";

/** What an existing cluster is known by. */
export interface ExistingArgs {
  readonly context: pulumi.Input<string>;
  readonly name: string;
  /** On this computer: see {@link Cluster.local}. */
  readonly local: boolean;
  /** Address at which node ports answer. @default none is known */
  readonly nodeAddress?: string | undefined;
  /** @default the cluster's default class */
  readonly storageClass?: string | undefined;
}

/** Any cluster of the kubeconfig, by the name of its context: kind, k3d, on-premises, the sandbox. */
export class ExistingCluster extends pulumi.ComponentResource implements Cluster {
  readonly name: string;
  readonly provider: Provider;
  readonly local: boolean;
  readonly storageClassName: string | undefined;
  readonly awaitsAddress: boolean;
  readonly nodeStartSeconds = 0;
  readonly dnsPeers = coreDnsPeers;
  private readonly nodeAddress: string | undefined;

  constructor(name: string, args: ExistingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:ExistingCluster", name, {}, opts);
    this.name = args.name;
    this.local = args.local;
    this.storageClassName = args.storageClass;
    this.awaitsAddress = !args.local;
    this.nodeAddress = args.nodeAddress;
    this.provider = new Provider(
      "kubernetes",
      { ...ownKubeconfig, context: args.context, clusterIdentifier: args.name },
      { parent: this },
    );
    this.registerOutputs({ name: this.name });
  }

  endpoint(target: EndpointTarget, address: pulumi.Input<string>): pulumi.Output<Endpoint> {
    const facts = { context: this.name, nodeAddress: this.nodeAddress };
    return pulumi.output(address).apply((known) => existingEndpoint(facts, target, known));
  }
}
