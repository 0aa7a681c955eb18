import type { Provider } from "@pulumi/kubernetes/provider.js";
import type { networking } from "@pulumi/kubernetes/types/input.js";
import type { Input, Output } from "@pulumi/pulumi";
import type { Bucket, BucketWriter } from "../bucket-copy.ts";
import type { Endpoint, EndpointTarget } from "./endpoint.ts";

/**
 * The enforcement of network policies: something in the cluster keeps packets to them, or perhaps does, or none is
 * created.
 */
export type PolicyEnforcement = "enforced" | "unknown" | "none";

/** The contract: all that the application knows of the cluster it runs on. How the cluster came to be is no part of it. */
export interface Cluster {
  /** The cluster's name: minikube's profile, an existing cluster's context, or the name of a managed one. */
  readonly name: Input<string>;
  /** The one Kubernetes provider of the stack. */
  readonly provider: Provider;
  /**
   * `true` where the namespace of the application is there already, and somebody else's: it is used as it is.
   *
   * @default false
   */
  readonly existingNamespace?: boolean | undefined;
  /** `true` has the engine refuse to delete what holds data. It is `false` on the user's own computer alone. */
  readonly protectData: boolean;
  /** The class of every claim. @default the cluster's default class */
  readonly storageClassName?: Input<string> | undefined;
  /** A kubeconfig that anyone with a login of the cloud can use; secret. @default the user's own has the context */
  readonly kubeconfig?: Output<string> | undefined;
  /** The cloud's load balancer as an Ingress. @default the cluster's default class, with TLS from a Secret */
  readonly ingress?: IngressSupport | undefined;
  /** The cloud's load balancer as a Gateway. @default the cluster serves none */
  readonly gateway?: GatewaySupport | undefined;
  /** `true` has the engine wait for the address of a load balancer or Ingress. A local cluster gives none. */
  readonly awaitsAddress: boolean;
  /**
   * The annotations of a pod that is its service's only one: the cluster does not move it to save a node. It still moves for
   * an upgrade. @default the cluster moves no pod to save a node, or there is no annotation that is worth its price
   */
  readonly onlyPodAnnotations?: Readonly<Record<string, string>> | undefined;
  /** The seconds that a pod may wait for a node: 0 where nodes are there before pods are. */
  readonly nodeStartSeconds: number;
  /** The peers that answer DNS: a network policy has to let them through. */
  readonly dnsPeers: readonly networking.v1.NetworkPolicyPeer[];
  /** The ports at which these peers answer. */
  readonly dnsPorts: readonly number[];
  /**
   * The peers from which the cloud's load balancer reaches the edge's pods.
   *
   * @default anyone: what arrives through a node port or over another node has a node's address, which no rule can name
   */
  readonly edgePeers?: readonly networking.v1.NetworkPolicyPeer[] | undefined;
  readonly networkPolicies: PolicyEnforcement;
  /**
   * The endpoint at which a Service is reached from outside.
   *
   * @param address IP address or host name from its status; empty where none is awaited.
   */
  endpoint(target: EndpointTarget, address: Input<string>): Output<Endpoint>;
  /** Creates the bucket that copies of backups go to, which one ServiceAccount may write to. @default the cloud offers none here */
  createBucket?(writer: BucketWriter): Bucket;
}

/** The arguments of every cluster that its Kubernetes provider takes as they are. */
export interface ProviderArgs {
  /**
   * `true` takes the fields that this program sets back from any other field manager, instead of a conflict with it. The
   * number of pods that an autoscaler sets is none of them.
   *
   * @default false
   * @see https://www.pulumi.com/registry/packages/kubernetes/api-docs/provider/#enablepatchforce_nodejs
   */
  readonly takeOver?: boolean | undefined;
}

/** A cloud's load balancer that the cluster's own controller makes of an object. */
export interface LoadBalancerSupport {
  /** The class of the object. */
  readonly className: Input<string>;
  /** The annotations that the object needs, those for the cloud's certificate included. */
  readonly annotations: Readonly<Record<string, string>>;
  /** `true` where the load balancer ends TLS, with a certificate of the cloud. */
  readonly terminatesTls: boolean;
}

/** The load balancer of an Ingress. */
export interface IngressSupport extends LoadBalancerSupport {
  /** The labels of the namespace whose pods it leads to. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
}

/** The load balancer of a Gateway. */
export interface GatewaySupport extends LoadBalancerSupport {
  /** The policy by which the load balancer checks the pods: it does not read their probes. */
  readonly healthCheckPolicy: { readonly apiVersion: string; readonly kind: string };
}

/** The port of DNS. */
export const dnsPorts: readonly number[] = [53];

/** DNS as pods of `kube-system`, which minikube has, and every cluster made by kubeadm. */
export const coreDnsPeers: readonly networking.v1.NetworkPolicyPeer[] = [
  {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
    podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
  },
];

/**
 * The provider argument for a cluster of the user's own kubeconfig. Without it the SDK passes `$KUBECONFIG` on (provider.js
 * of @pulumi/kubernetes), which the plugin reads as one file, and the engine keeps, a user's path, in the state. Empty text
 * is kept as it is, and makes the plugin look where kubectl does: in all files of `$KUBECONFIG`, else in ~/.kube/config
 * (Configure, provider/pkg/provider/provider.go @ 94977969).
 */
export const ownKubeconfig = { kubeconfig: "" };
