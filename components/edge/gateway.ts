import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import type { GatewaySupport } from "../cluster/cluster.ts";
import { objectLabels } from "../kubernetes/labels.ts";
import { addressTimeouts } from "../timeouts.ts";
import type { RouteArgs } from "./ingress.ts";

const apiVersion = "gateway.networking.k8s.io/v1";

/** The arguments of an {@link EdgeGateway}. */
export interface EdgeGatewayArgs extends RouteArgs {
  /** The port of the container, which the load balancer checks. */
  readonly containerPort: number;
  /** The cloud's load balancer. */
  readonly support: GatewaySupport;
}

/**
 * A Gateway with one route, `/`, to the whole application. Where it ends TLS, HTTP is only a redirect.
 *
 * @see https://gateway-api.sigs.k8s.io/reference/spec/, https://cloud.google.com/kubernetes-engine/docs/how-to/deploying-gateways
 */
export class EdgeGateway extends pulumi.ComponentResource {
  /** The IP address. */
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

  /** Creates the Gateway. Custom resources are not awaited: an annotation makes the provider wait for the address. */
  private createGateway(): Gateway {
    const { className, annotations, terminatesTls } = this.args.support;
    const listener = (name: string, port: number) => ({
      name,
      port,
      protocol: name.toUpperCase(),
      allowedRoutes: { namespaces: { from: "Same" } },
    });
    const waitFor = { "pulumi.com/waitFor": "jsonpath={.status.addresses[0].value}" };
    return new Gateway(
      this.name,
      {
        metadata: this.metadata(this.name, { ...annotations, ...waitFor }),
        spec: {
          gatewayClassName: className,
          listeners: [listener("http", 80), ...(terminatesTls ? [listener("https", 443)] : [])],
        },
      },
      { parent: this, dependsOn: [this.args.after], ...addressTimeouts(this.args.timeoutSeconds) },
    );
  }

  private createRoutes(gateway: Gateway, policy: CustomResource): void {
    const { host, service, port } = this.args;
    const { terminatesTls } = this.args.support;
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
    route(this.name, terminatesTls ? "https" : "http", {
      backendRefs: [{ name: service, port }],
    });
    if (!terminatesTls) return;
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

/** The part of a Gateway's status that is read. */
interface GatewayStatus {
  readonly addresses?: readonly { readonly value?: string }[];
}

/** A Gateway with its status as an output: a custom resource has only those outputs that its arguments name. */
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
