import type { Provider } from "@pulumi/kubernetes/provider.js";
import type { networking } from "@pulumi/kubernetes/types/input.js";
import type { Input, Output } from "@pulumi/pulumi";
import type { Endpoint, EndpointTarget } from "./endpoint.ts";

/** What the application needs to know of the cluster it runs on; how the cluster came to be is not part of it. */
export interface Cluster {
  /** Profile, context or name. */
  readonly name: Input<string>;
  /** The one Kubernetes provider of the stack. */
  readonly provider: Provider;
  /** On this computer: what holds data is then not protected against deletion. */
  readonly local: boolean;
  /** Class of every claim. @default the cluster's default class */
  readonly storageClassName?: Input<string> | undefined;
  /** A kubeconfig that anyone with a login of the cloud can use; secret. @default the user's own has the context */
  readonly kubeconfig?: Output<string> | undefined;
  /** Who serves an Ingress, and how. @default the cluster's default class, TLS from a Secret */
  readonly ingress?: IngressSupport | undefined;
  /** Who serves a Gateway, and how. @default nobody does */
  readonly gateway?: GatewaySupport | undefined;
  /** Whether an address is waited for behind a load balancer or Ingress. Nothing gives one on a local cluster. */
  readonly awaitsAddress: boolean;
  /** Seconds that a pod may wait for a node: 0 where nodes are there before pods are. */
  readonly nodeStartSeconds: number;
  /** Who answers DNS: peers that a network policy has to let through. */
  readonly dnsPeers: readonly networking.v1.NetworkPolicyPeer[];
  /**
   * How a Service is reached from outside.
   *
   * @param address IP address or host name from its status; empty where none is awaited.
   */
  endpoint(target: EndpointTarget, address: Input<string>): Output<Endpoint>;
}

/** An Ingress on a cluster whose own controller makes a cloud's load balancer of it. */
export interface IngressSupport {
  readonly className: Input<string>;
  /** Annotations of the Ingress. @param tls whether the cloud's certificate ends TLS there */
  annotations(tls: boolean): Readonly<Record<string, string>>;
  /** Labels of the namespace whose pods it leads to. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
}

/** A Gateway on a cluster whose own controller makes a cloud's load balancer of it. */
export interface GatewaySupport {
  readonly className: string;
  /** Annotations of the Gateway. @param certificate name of the cloud's certificate, where one ends TLS there */
  annotations(certificate: string | undefined): Readonly<Record<string, string>>;
  /** The policy that tells the load balancer how to check the pods: it does not read their probes. */
  readonly healthCheckPolicy: { readonly apiVersion: string; readonly kind: string };
}

/**
 * On a managed cluster nodes come when pods ask for them. Ours, and generous: clouds take one to five minutes for a
 * node, and more where a zone has none to give.
 */
export const managedNodeStartSeconds = 600;

/** DNS as pods of `kube-system`: minikube, and every cluster made by kubeadm. */
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
