import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { KubeContext } from "../../system/kubeconfig.ts";
import { hostOf, isLoopback } from "../kubernetes/server-address.ts";
import { coreDnsPeers, dnsPorts, ownKubeconfig, type Cluster, type ProviderArgs } from "./cluster.ts";
import { httpUrl, portForward, type Endpoint, type EndpointTarget } from "./endpoint.ts";

/** The arguments of a {@link MinikubeCluster}. */
export interface MinikubeArgs extends ProviderArgs {
  /** The profile, whose name is also the context's. The configuration checks that it is minikube's. */
  readonly profile: string;
  readonly context: Pick<KubeContext, "server">;
}

/** A started minikube, by its profile. The program neither starts nor stops it. */
export class MinikubeCluster extends pulumi.ComponentResource implements Cluster {
  readonly name: string;
  readonly provider: Provider;
  readonly protectData = false;
  /** The class that minikube always brings: https://minikube.sigs.k8s.io/docs/handbook/persistent_volumes/ */
  readonly storageClassName = "standard";
  readonly awaitsAddress = false;
  readonly nodeStartSeconds = 0;
  readonly dnsPeers = coreDnsPeers;
  readonly dnsPorts = dnsPorts;
  /** A profile that `make up` starts has Calico; one that somebody else made need not have anything that enforces. */
  readonly networkPolicies = "unknown";
  private readonly server: string;

  constructor(
    name: string,
    { profile, context, takeOver = false }: MinikubeArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("multi-client:cluster:MinikubeCluster", name, {}, opts);
    this.name = profile;
    this.server = context.server;
    this.provider = new Provider(
      "kubernetes",
      // The identifier alone decides whether objects are replaced: minikube's port changes at every start.
      {
        ...ownKubeconfig,
        context: profile,
        clusterIdentifier: profile,
        enablePatchForce: takeOver,
      },
      { parent: this },
    );
    this.registerOutputs({ name: this.name });
  }

  endpoint(target: EndpointTarget): pulumi.Output<Endpoint> {
    return pulumi.output(minikubeEndpoint(this.name, this.server, target));
  }
}

/**
 * The endpoint on a minikube. A loopback API server means that the node is behind the container engine's published
 * ports (docker on macOS, Windows and WSL): `minikube ip` cannot be reached then, and a helper must run. Otherwise (VM
 * drivers, docker on Linux, `none`) the node's address is the API server's.
 *
 * @param server URL of the API server, as minikube wrote it.
 * @see https://minikube.sigs.k8s.io/docs/handbook/accessing/, kubernetes/minikube#11193
 */
export function minikubeEndpoint(profile: string, server: string, target: EndpointTarget): Endpoint {
  const minikube = (command: string) => `minikube ${command} -p ${profile}`;
  const behindPorts = isLoopback(server);
  const address = `$(${minikube("ip")})`;
  const { namespace, service, host, tls } = target;
  switch (target.type) {
    case "nodePort": {
      const viaHelper = `${minikube(`service ${service}`)} -n ${namespace} --url${tls ? " --https" : ""}`;
      if (behindPorts) return { url: "", accessCommand: viaHelper };
      return {
        url: httpUrl(tls, hostOf(server), target.nodePort),
        accessCommand: `echo ${httpUrl(tls, address, target.nodePort)}`,
      };
    }
    case "loadBalancer": {
      const ip = `kubectl --context ${profile} -n ${namespace} get service ${service} -o jsonpath='{.status.loadBalancer.ingress[0].ip}'`;
      const open = host ?? (behindPorts ? "127.0.0.1" : `$(${ip})`);
      return {
        url: "",
        accessCommand: `${minikube("tunnel")} # then open ${httpUrl(tls, open, target.port)}`,
      };
    }
    case "ingress": {
      const node = behindPorts ? "127.0.0.1" : address;
      const url = httpUrl(tls, host ?? node);
      const resolve = host === undefined ? "" : ` --resolve ${host}:${tls ? "443" : "80"}:${node}`;
      const ask = `curl${tls ? " --insecure" : ""}${resolve} ${url}`;
      return { url: "", accessCommand: behindPorts ? `${minikube("tunnel")} # then ${ask}` : ask };
    }
    case "gateway": // The configuration refuses it: minikube serves none.
    case "clusterIP":
      return portForward(`--context ${profile}`, target);
  }
}
