/** The ways in which the edge's Service can be exposed. */
export type ExposureType = "nodePort" | "clusterIP" | "loadBalancer" | "ingress" | "gateway";

/** The one Service that is reached from outside, and how it is exposed. */
export interface EndpointTarget {
  readonly type: ExposureType;
  readonly namespace: string;
  /** The name of the Service. */
  readonly service: string;
  /** The port of the Service. */
  readonly port: number;
  readonly nodePort?: number | undefined;
  /** The DNS name that leads to the load balancer, Ingress or Gateway. @default none */
  readonly host?: string | undefined;
  readonly tls: boolean;
}

/** The URL of the application, and a command that leads to it. */
export interface Endpoint {
  /** The URL answers as it is, without a helper running; it is empty where none does. */
  readonly url: string;
  /** The command prints the address, asks it, or stays running while it leads there. */
  readonly accessCommand: string;
}

/**
 * The endpoint by a port-forward, which works behind every exposure.
 *
 * @param cluster kubectl's flags that name the cluster.
 */
export function portForward(cluster: string, { namespace, service, port, tls }: EndpointTarget): Endpoint {
  const forward = `kubectl ${cluster} -n ${namespace} port-forward service/${service} ${port.toString()}`;
  return { url: "", accessCommand: `${forward} # then open ${httpUrl(tls, "127.0.0.1", port)}` };
}

/** The URL of a host. @param port @default the scheme's own */
export function httpUrl(tls: boolean, host: string, port?: number): string {
  return `${tls ? "https" : "http"}://${host}${port === undefined ? "" : `:${port.toString()}`}/`;
}
