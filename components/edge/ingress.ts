import { Ingress } from "@pulumi/kubernetes/networking/v1/ingress.js";
import type { Service } from "@pulumi/kubernetes/core/v1/service.js";
import * as pulumi from "@pulumi/pulumi";
import type { IngressSupport } from "../cluster/cluster.ts";
import type { ExposureType } from "../cluster/endpoint.ts";
import { objectLabels } from "../kubernetes/labels.ts";
import type { ServiceExposure } from "../stateless-service.ts";
import { addressTimeouts } from "../timeouts.ts";

/** Annotation with which the provider does not wait; here: for an address that no one gives. */
const skipAwait = { "pulumi.com/skipAwait": "true" };

/** The Service that fits an exposure. An Ingress leads to a ClusterIP. */
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

/** Arguments of an {@link EdgeIngress}. */
export interface EdgeIngressArgs {
  readonly namespace: pulumi.Input<string>;
  readonly service: string;
  readonly port: number;
  /** @default every host */
  readonly host?: string | undefined;
  /** Secret with the certificate. @default no TLS */
  readonly tlsSecretName?: pulumi.Input<string> | undefined;
  /** Who serves it. @default the cluster's default class */
  readonly support?: IngressSupport | undefined;
  /** Whether the cloud's own certificate ends TLS. */
  readonly certificate: boolean;
  readonly awaitsAddress: boolean;
  /** What it leads to: it comes later, and goes first. */
  readonly after: pulumi.Resource;
  /** How long an address is awaited. @default the provider's own limit */
  readonly timeoutSeconds?: number | undefined;
}

/** An Ingress: one route, `/`, to the whole application. */
export class EdgeIngress extends pulumi.ComponentResource {
  /** IP address or host name; empty where none is awaited. */
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: EdgeIngressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:app:EdgeIngress", name, {}, opts);
    const { namespace, host, tlsSecretName, awaitsAddress, support } = args;
    const annotations = {
      ...support?.annotations(args.certificate),
      ...(awaitsAddress ? {} : skipAwait),
    };
    const backend = { service: { name: args.service, port: { number: args.port } } };
    const rule = { http: { paths: [{ path: "/", pathType: "Prefix", backend }] } };
    const ingress = new Ingress(
      name,
      {
        metadata: {
          name,
          namespace,
          labels: objectLabels(name),
          ...(Object.keys(annotations).length > 0 && { annotations }),
        },
        spec: {
          ...(support && { ingressClassName: support.className }),
          rules: [host === undefined ? rule : { host, ...rule }],
          ...(tlsSecretName !== undefined && {
            tls: [{ secretName: tlsSecretName, ...(host !== undefined && { hosts: [host] }) }],
          }),
        },
      },
      { parent: this, dependsOn: [args.after], ...addressTimeouts(args.timeoutSeconds) },
    );
    this.address = firstAddress(ingress.status, awaitsAddress);
    this.registerOutputs({ address: this.address });
  }
}

/** The address in the status of a Service of type LoadBalancer; empty where none is awaited. */
export function serviceAddress(service: Service | undefined, awaitsAddress: boolean): pulumi.Output<string> {
  return firstAddress(service?.status, awaitsAddress);
}

interface Status {
  readonly loadBalancer?: {
    readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[];
  };
}

/** Clouds give an IP address or a host name: whichever is there. */
function firstAddress(
  status: pulumi.Input<Status | undefined>,
  awaitsAddress: boolean,
): pulumi.Output<string> {
  if (!awaitsAddress) return pulumi.output("");
  return pulumi.output(status).apply((known) => {
    const first = known?.loadBalancer?.ingress?.[0];
    return first?.ip ?? first?.hostname ?? "";
  });
}
