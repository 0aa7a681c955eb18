import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { GatewaySupport } from "../cluster/cluster.ts";
import { objectLabels } from "../kubernetes/labels.ts";
import { addressTimeouts } from "../timeouts.ts";

const apiVersion = "gateway.networking.k8s.io/v1";

/** Arguments of an {@link EdgeGateway}. */
export interface EdgeGatewayArgs {
  readonly namespace: pulumi.Input<string>;
  readonly service: string;
  /** Port of the Service. */
  readonly port: number;
  /** Port of the container, which the load balancer checks. */
  readonly containerPort: number;
  /** @default every host */
  readonly host?: string | undefined;
  /** Name of the cloud's certificate. @default no TLS */
  readonly certificate?: string | undefined;
  readonly support: GatewaySupport;
  /** What it leads to: it comes later, and goes first. */
  readonly after: pulumi.Resource;
  /** How long an address is awaited. @default the provider's own limit */
  readonly timeoutSeconds?: number | undefined;
}

/**
 * A Gateway with one route, `/`, to the whole application; with a certificate HTTP is only a redirect.
 * Source: https://gateway-api.sigs.k8s.io/reference/spec/, https://cloud.google.com/kubernetes-engine/docs/how-to/deploying-gateways
 */
export class EdgeGateway extends pulumi.ComponentResource {
  /** IP address. */
  readonly address: pulumi.Output<string>;
  private readonly name: string;
  private readonly args: EdgeGatewayArgs;

  constructor(name: string, args: EdgeGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:app:EdgeGateway", name, {}, opts);
    this.name = name;
    this.args = args;
    const policy = this.createHealthCheck();
    const gateway = this.createGateway();
    this.createRoutes(gateway, policy);
    this.address = gateway.status.apply((status) => status?.addresses?.[0]?.value ?? "");
    this.registerOutputs({ address: this.address });
  }

  private metadata(name: string, annotations?: Readonly<Record<string, string>>) {
    const labels = objectLabels(this.args.service);
    return { name, namespace: this.args.namespace, labels, ...(annotations && { annotations }) };
  }

  /** Custom resources are not awaited: the annotation makes the provider wait for the address. */
  private createGateway(): Gateway {
    const { certificate, support } = this.args;
    const listener = (name: string, port: number) => ({
      name,
      port,
      protocol: name.toUpperCase(),
      allowedRoutes: { namespaces: { from: "Same" } },
    });
    const annotations = {
      ...support.annotations(certificate),
      "pulumi.com/waitFor": "jsonpath={.status.addresses[0].value}",
    };
    return new Gateway(
      this.name,
      {
        metadata: this.metadata(this.name, annotations),
        spec: {
          gatewayClassName: support.className,
          listeners: [listener("http", 80), ...(certificate === undefined ? [] : [listener("https", 443)])],
        },
      },
      { parent: this, dependsOn: [this.args.after], ...addressTimeouts(this.args.timeoutSeconds) },
    );
  }

  private createRoutes(gateway: Gateway, policy: CustomResource): void {
    const { host, certificate, service, port } = this.args;
    const route = (name: string, sectionName: string, rule: object) =>
      new CustomResource(
        name,
        {
          apiVersion,
          kind: "HTTPRoute",
          metadata: this.metadata(name),
          spec: {
            parentRefs: [{ name: gateway.metadata.name, sectionName }],
            ...(host !== undefined && { hostnames: [host] }),
            rules: [rule],
          },
        },
        // The load balancer is told how to check the pods before it has any.
        { parent: this, dependsOn: [policy] },
      );
    route(this.name, certificate === undefined ? "http" : "https", {
      backendRefs: [{ name: service, port }],
    });
    if (certificate === undefined) return;
    const redirect = { type: "RequestRedirect", requestRedirect: { scheme: "https", statusCode: 301 } };
    route(`${this.name}-redirect`, "http", { filters: [redirect] });
  }

  private createHealthCheck(): CustomResource {
    const { service, containerPort, support } = this.args;
    const httpHealthCheck = { port: containerPort, requestPath: "/" };
    return new CustomResource(
      this.name,
      {
        ...support.healthCheckPolicy,
        metadata: this.metadata(this.name),
        spec: {
          default: { config: { type: "HTTP", httpHealthCheck } },
          targetRef: { group: "", kind: "Service", name: service },
        },
      },
      // Its API comes with the cluster's load balancing, perhaps after the cluster: the pods take longer.
      { parent: this, dependsOn: [this.args.after] },
    );
  }
}

interface GatewayStatus {
  readonly addresses?: readonly { readonly value?: string }[];
}

/** Its status is an output: a custom resource has only those that its arguments name. */
class Gateway extends CustomResource {
  declare readonly status: pulumi.Output<GatewayStatus | undefined>;

  constructor(
    name: string,
    args: { readonly metadata: pulumi.Input<object>; readonly spec: object },
    opts: pulumi.CustomResourceOptions,
  ) {
    super(name, { apiVersion, kind: "Gateway", ...args, status: undefined }, opts);
  }
}
