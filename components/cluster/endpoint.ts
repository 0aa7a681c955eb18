import { hostOf, isLoopback } from "../kubernetes/server-address.ts";

/** How the edge's Service is exposed. */
export type ExposureType = "nodePort" | "clusterIP" | "loadBalancer" | "ingress" | "gateway";

/** What is reached: one Service, and how it is exposed. */
export interface EndpointTarget {
  readonly type: ExposureType;
  readonly namespace: string;
  /** Name of the Service. */
  readonly service: string;
  /** Port of the Service. */
  readonly port: number;
  readonly nodePort?: number | undefined;
  /** DNS name that leads to the load balancer or Ingress. */
  readonly host?: string | undefined;
  readonly tls: boolean;
}

/** How to reach the application. */
export interface Endpoint {
  /** Answers as it is, without a helper running; empty where nothing does. */
  readonly url: string;
  /** A command that leads to the application: it prints the address, or must stay running. */
  readonly accessCommand: string;
}

/** Facts about a minikube that decide how it is reached. */
export interface MinikubeFacts {
  readonly profile: string;
  /** The API server's URL as minikube wrote it. */
  readonly server: string;
}

/**
 * Access on minikube. A loopback API server means that the node is behind the container engine's published
 * ports (docker on macOS, Windows and WSL): `minikube ip` cannot be reached then, and a helper must run.
 * Otherwise (VM drivers, docker on Linux, `none`) the node's address is the API server's.
 * Source: https://minikube.sigs.k8s.io/docs/handbook/accessing/, kubernetes/minikube#11193.
 */
export function minikubeEndpoint({ profile, server }: MinikubeFacts, target: EndpointTarget): Endpoint {
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
    case "gateway": // refused by the configuration: minikube serves none
    case "clusterIP":
      return portForward(`--context ${profile}`, target);
  }
}

/** Facts about a cluster named by context that decide how it is reached. */
export interface ExistingFacts {
  readonly context: string;
  /** Address at which the cluster's node ports answer. @default none is known */
  readonly nodeAddress?: string | undefined;
}

/**
 * Access on a cluster that is named by context: the awaited address, or the name that leads to it; else a
 * port-forward, which works behind every exposure.
 *
 * @param address IP address or host name from the status of the Service or Ingress; empty where none is awaited.
 */
export function existingEndpoint(facts: ExistingFacts, target: EndpointTarget, address: string): Endpoint {
  const { accessCommand } = portForward(`--context ${facts.context}`, target);
  const url = existingUrl(facts, target, address);
  return { url, accessCommand: url === "" ? accessCommand : `curl ${target.tls ? "--insecure " : ""}${url}` };
}

function existingUrl({ nodeAddress }: ExistingFacts, target: EndpointTarget, address: string): string {
  const { type, tls, nodePort, port, host } = target;
  switch (type) {
    case "nodePort":
      return nodeAddress === undefined ? "" : httpUrl(tls, nodeAddress, nodePort);
    case "loadBalancer":
      return address === "" ? "" : httpUrl(tls, host ?? address, port);
    case "ingress":
      return address === "" ? "" : httpUrl(tls, host ?? address);
    case "gateway":
    case "clusterIP":
      return "";
  }
}

/**
 * Access on a cluster that the stack made: the address of its load balancer, or the name that leads there; else a
 * port-forward with the stack's own kubeconfig.
 *
 * @param name of the cluster, which is also the kubeconfig's context.
 * @param address IP address or host name; empty where none is awaited.
 */
export function managedEndpoint(name: string, target: EndpointTarget, address: string): Endpoint {
  const { type, tls, port, host } = target;
  if (type === "clusterIP" || address === "") {
    const { accessCommand } = portForward(`--kubeconfig ${name}.kubeconfig`, target);
    const kubeconfig = `pulumi stack output kubeconfig --show-secrets > ${name}.kubeconfig`;
    return { url: "", accessCommand: `${kubeconfig} && ${accessCommand}` };
  }
  const url = httpUrl(tls, host ?? address, type === "loadBalancer" ? port : undefined);
  return { url, accessCommand: `curl ${tls && host === undefined ? "--insecure " : ""}${url}` };
}

function portForward(cluster: string, { namespace, service, port, tls }: EndpointTarget): Endpoint {
  const forward = `kubectl ${cluster} -n ${namespace} port-forward service/${service} ${port.toString()}`;
  return { url: "", accessCommand: `${forward} # then open ${httpUrl(tls, "127.0.0.1", port)}` };
}

function httpUrl(tls: boolean, host: string, port?: number): string {
  return `${tls ? "https" : "http"}://${host}${port === undefined ? "" : `:${port.toString()}`}/`;
}
