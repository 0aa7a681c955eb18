import { Ingress } from "@pulumi/kubernetes/networking/v1/ingress.js";
import * as pulumi from "@pulumi/pulumi";
import type { IngressSupport } from "../cluster/cluster.ts";
import { objectLabels } from "../kubernetes/labels.ts";
import { addressTimeouts } from "../timeouts.ts";
import { firstAddress, skipAwait } from "./service-exposure.ts";

/** The arguments of a route from outside to the edge, whatever the object that makes it. */
export interface RouteArgs {
  readonly namespace: pulumi.Input<string>;
  /** The name of the edge's Service. */
  readonly service: string;
  /** The port of the Service. */
  readonly port: number;
  /** The host that the route is for. @default every host */
  readonly host?: string | undefined;
  /** The workload that the route leads to: the route is created after it, and deleted before it. */
  readonly after: pulumi.Resource;
  /** The seconds that an address is awaited. @default the provider's own limit */
  readonly timeoutSeconds?: number | undefined;
}

/** The arguments of an {@link EdgeIngress}. */
export interface EdgeIngressArgs extends RouteArgs {
  /** The Secret with the certificate. @default no TLS, but for the cloud's own certificate */
  readonly tlsSecretName?: pulumi.Input<string> | undefined;
  /** The cloud's load balancer. @default the cluster's default class */
  readonly support?: IngressSupport | undefined;
  readonly awaitsAddress: boolean;
}

/** An Ingress with one route, `/`, to the whole application. */
export class EdgeIngress extends pulumi.ComponentResource {
  /** The IP address or host name; empty where none is awaited. */
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: EdgeIngressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:app:EdgeIngress", name, {}, opts);
    const { namespace, host, tlsSecretName, awaitsAddress, support } = args;
    const annotations = { ...support?.annotations, ...(awaitsAddress ? {} : skipAwait) };
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
