import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass.js";
import type { storage } from "@pulumi/kubernetes/types/input.js";
import * as pulumi from "@pulumi/pulumi";
import { httpUrl, portForward, type Endpoint, type EndpointTarget } from "./endpoint.ts";

/** The time limits of a control plane, which takes 10 to 20 minutes to create and longer to upgrade. */
export const controlPlaneTimeouts = { create: "40m", update: "90m", delete: "60m" };

/**
 * The time limit of a network's parts: a cloud takes its load balancers and interfaces out of the network some time after
 * the cluster is gone, and refuses to delete the network until then. AWS' and Azure's providers ask again meanwhile, Google's
 * waits for one answer only: there `make destroy` asks again.
 */
export const networkTimeouts = { delete: "45m" };

/** The days after which a cloud deletes a copy of a backup, and one that was replaced or deleted by hand. */
export const COPIES_KEPT_DAYS = 90;
export const REPLACED_KEPT_DAYS = 30;

/** The class of the claims' disks, as one cloud makes them. A disk is made where its pod is, may grow, and outlives its claim. */
export function createStorageClass(
  name: string,
  args: Pick<storage.v1.StorageClass, "parameters" | "provisioner" | "allowedTopologies">,
  opts: pulumi.CustomResourceOptions,
): StorageClass {
  return new StorageClass(
    name,
    {
      ...args,
      reclaimPolicy: "Retain",
      allowVolumeExpansion: true,
      volumeBindingMode: "WaitForFirstConsumer",
    },
    opts,
  );
}

/**
 * The endpoint on a cluster that the stack made: the address of its load balancer, or the name that leads there; else a
 * port-forward with the stack's own kubeconfig.
 *
 * @param name of the cluster, which is also the kubeconfig's context.
 * @param address IP address or host name; empty where none is awaited.
 */
export function managedEndpoint(name: string, target: EndpointTarget, address: string): Endpoint {
  const { type, tls, port, host } = target;
  if (type === "clusterIP" || address === "") {
    const { accessCommand } = portForward(`--kubeconfig ${name}.kubeconfig`, target);
    const output = `pulumi stack output kubeconfig --stack ${pulumi.getStack()} --show-secrets`;
    const kubeconfig = `${output} > ${name}.kubeconfig`;
    return { url: "", accessCommand: `${kubeconfig} && ${accessCommand}` };
  }
  const url = httpUrl(tls, host ?? address, type === "loadBalancer" ? port : undefined);
  return { url, accessCommand: `curl ${tls && host === undefined ? "--insecure " : ""}${url}` };
}

/** The API server of a managed cluster. */
export interface ApiServer {
  /** The cluster's name, which the context and the user entry have too. */
  readonly name: string;
  /** The `https://` URL. */
  readonly server: string;
  /** The certificate authority: PEM in base64. @default one that every computer trusts */
  readonly certificateAuthority?: string | undefined;
}

/**
 * A program that prints an ExecCredential.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export interface ExecPlugin {
  readonly command: string;
  /** @default no arguments */
  readonly args?: readonly string[];
  /** `true` hands the cluster's entry to the program. @default false */
  readonly provideClusterInfo?: boolean;
  /** The text that kubectl prints where the program is missing. */
  readonly installHint: string;
}

/**
 * A kubeconfig of one context in which nothing is secret and nothing belongs to one person: no token, no profile, no
 * path. Whoever runs it logs in to the cloud as they always do. The text is JSON, which is YAML.
 */
export function execKubeconfig(
  { name, server, certificateAuthority }: ApiServer,
  { command, args, provideClusterInfo = false, installHint }: ExecPlugin,
): string {
  const cluster = {
    server,
    ...(certificateAuthority !== undefined && { "certificate-authority-data": certificateAuthority }),
  };
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    command,
    ...(args !== undefined && { args }),
    interactiveMode: "Never",
    provideClusterInfo,
    installHint,
  };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster }],
    users: [{ name, user: { exec } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
}
