import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { KubeContext } from "../../system/kubeconfig.ts";
import { coreDnsPeers, dnsPorts, ownKubeconfig, type Cluster, type ProviderArgs } from "./cluster.ts";
import { httpUrl, portForward, type Endpoint, type EndpointTarget } from "./endpoint.ts";

/** The arguments of an {@link ExistingCluster}. */
export interface ExistingArgs extends ProviderArgs {
  readonly context: Pick<KubeContext, "name">;
  /** `true` says that the cluster is on the user's own computer: its data is not protected, and no load balancer comes. */
  readonly local: boolean;
  /** The address at which node ports answer. @default none is known */
  readonly nodeAddress?: string | undefined;
  /** See {@link Cluster.existingNamespace}. @default false */
  readonly existingNamespace?: boolean | undefined;
  /** See {@link Cluster.networkPolicies}. @default unknown */
  readonly networkPolicies?: Cluster["networkPolicies"] | undefined;
  /** The class of every claim. @default the cluster's default class */
  readonly storageClass?: string | undefined;
}

/** A cluster that somebody else made, by the name of its context: kind, k3d, on-premises, the sandbox. */
export class ExistingCluster extends pulumi.ComponentResource implements Cluster {
  readonly name: string;
  readonly provider: Provider;
  readonly protectData: boolean;
  readonly storageClassName: string | undefined;
  readonly existingNamespace: boolean | undefined;
  readonly awaitsAddress: boolean;
  readonly nodeStartSeconds = 0;
  readonly dnsPeers = coreDnsPeers;
  readonly dnsPorts = dnsPorts;
  readonly networkPolicies: Cluster["networkPolicies"];
  private readonly nodeAddress: string | undefined;

  constructor(name: string, args: ExistingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:ExistingCluster", name, {}, opts);
    this.name = args.context.name;
    this.protectData = !args.local;
    this.storageClassName = args.storageClass;
    this.existingNamespace = args.existingNamespace;
    this.awaitsAddress = !args.local;
    this.networkPolicies = args.networkPolicies ?? "unknown";
    this.nodeAddress = args.nodeAddress;
    this.provider = new Provider(
      "kubernetes",
      {
        ...ownKubeconfig,
        context: this.name,
        clusterIdentifier: this.name,
        enablePatchForce: args.takeOver ?? false,
      },
      { parent: this },
    );
    this.registerOutputs({ name: this.name });
  }

  endpoint(target: EndpointTarget, address: pulumi.Input<string>): pulumi.Output<Endpoint> {
    const { name, nodeAddress } = this;
    return pulumi.output(address).apply((known) => existingEndpoint(name, target, known, nodeAddress));
  }
}

/**
 * The endpoint on a cluster that is named by context: the awaited address, or the name that leads to it; else a
 * port-forward.
 *
 * @param address IP address or host name from the status of the Service or Ingress; empty where none is awaited.
 * @param nodeAddress see {@link ExistingArgs}.
 */
export function existingEndpoint(
  context: string,
  target: EndpointTarget,
  address: string,
  nodeAddress?: string,
): Endpoint {
  const url = existingUrl(target, address, nodeAddress);
  if (url === "") return portForward(`--context ${context}`, target);
  return { url, accessCommand: `curl ${target.tls ? "--insecure " : ""}${url}` };
}

function existingUrl({ type, tls, nodePort, port, host }: EndpointTarget, address: string, node?: string) {
  switch (type) {
    case "nodePort":
      return node === undefined ? "" : httpUrl(tls, node, nodePort);
    case "loadBalancer":
      return address === "" ? "" : httpUrl(tls, host ?? address, port);
    case "ingress":
      return address === "" ? "" : httpUrl(tls, host ?? address);
    case "gateway":
    case "clusterIP":
      return "";
  }
}
