import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { minikubeEndpoint, type Endpoint, type EndpointTarget } from "./endpoint.ts";
import { coreDnsPeers, ownKubeconfig, type Cluster } from "./cluster.ts";

/** What a minikube is known by. */
export interface MinikubeArgs {
  /** Profile, which is also the context; checked by the caller to be minikube's. */
  readonly profile: pulumi.Input<string>;
  readonly name: string;
  /** URL of the API server, from the kubeconfig. */
  readonly server: string;
}

/** A started minikube, by its profile. Starting and stopping it is not the program's business. */
export class MinikubeCluster extends pulumi.ComponentResource implements Cluster {
  readonly name: string;
  readonly provider: Provider;
  readonly local = true;
  /** The class that minikube always brings. */
  readonly storageClassName = "standard";
  readonly awaitsAddress = false;
  readonly nodeStartSeconds = 0;
  readonly dnsPeers = coreDnsPeers;
  private readonly server: string;

  constructor(name: string, args: MinikubeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:MinikubeCluster", name, {}, opts);
    this.name = args.name;
    this.server = args.server;
    this.provider = new Provider(
      "kubernetes",
      // The identifier alone decides whether objects are replaced: minikube's port changes at every start.
      { ...ownKubeconfig, context: args.profile, clusterIdentifier: args.name },
      { parent: this },
    );
    this.registerOutputs({ name: this.name });
  }

  endpoint(target: EndpointTarget): pulumi.Output<Endpoint> {
    return pulumi.output(minikubeEndpoint({ profile: this.name, server: this.server }, target));
  }
}
