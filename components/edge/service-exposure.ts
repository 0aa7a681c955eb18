import type { Service } from "@pulumi/kubernetes/core/v1/service.js";
import * as pulumi from "@pulumi/pulumi";
import type { ExposureType } from "../cluster/endpoint.ts";
import type { ServiceExposure } from "../stateless-service.ts";

/** The annotation with which the provider does not wait; here it is for an address that nothing gives. */
export const skipAwait = { "pulumi.com/skipAwait": "true" };

/** The exposure of the edge's Service. An Ingress or a Gateway leads to a ClusterIP. */
export function serviceExposure(
  type: ExposureType,
  nodePort: number | undefined,
  awaitsAddress: boolean,
): ServiceExposure {
  switch (type) {
    case "nodePort":
      return { type: "NodePort", nodePort };
    case "loadBalancer":
      return { type: "LoadBalancer", ...(awaitsAddress ? {} : { annotations: skipAwait }) };
    case "clusterIP":
    case "gateway":
    case "ingress":
      return { type: "ClusterIP" };
  }
}

/** The address in the status of a Service of type LoadBalancer; empty where none is awaited. */
export function serviceAddress(service: Service | undefined, awaitsAddress: boolean): pulumi.Output<string> {
  return firstAddress(service?.status, awaitsAddress);
}

/** The status of a Service or an Ingress. */
interface LoadBalancerStatus {
  readonly loadBalancer?: {
    readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[];
  };
}

/** The first address of a status: clouds give an IP address or a host name. It is empty where none is awaited. */
export function firstAddress(
  status: pulumi.Input<LoadBalancerStatus | undefined>,
  awaitsAddress: boolean,
): pulumi.Output<string> {
  if (!awaitsAddress) return pulumi.output("");
  return pulumi.output(status).apply((known) => {
    const first = known?.loadBalancer?.ingress?.[0];
    return first?.ip ?? first?.hostname ?? "";
  });
}
