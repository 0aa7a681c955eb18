import type * as pulumi from "@pulumi/pulumi";
import { aliasesFor } from "../aliases.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Endpoint, ExposureType } from "../cluster/endpoint.ts";
import { derivedName } from "../kubernetes/labels.ts";
import { StatelessService, type StatelessServiceArgs } from "../stateless-service.ts";
import { EdgeGateway } from "./gateway.ts";
import { EdgeIngress } from "./ingress.ts";
import { EdgeNginx, type Tls } from "./nginx.ts";
import { serviceAddress, serviceExposure } from "./service-exposure.ts";

/** The settings that say how the application is reached from outside. */
export interface ExposureArgs {
  readonly type: ExposureType;
  /** The node port, with type nodePort. @default 31515 */
  readonly nodePort?: number | undefined;
  /** The DNS name that leads to the load balancer, Ingress or Gateway. @default every host */
  readonly host?: string | undefined;
  /** The certificate with which nginx or the Ingress ends TLS. @default no TLS */
  readonly tls?: Tls | undefined;
}

/** The arguments of {@link exposeEdge}. */
export interface EdgeArgs {
  readonly cluster: Cluster;
  /** The namespace as plain text, which commands name. */
  readonly namespace: string;
  /** The pods of nginx, and how many there are. */
  readonly workload: StatelessServiceArgs;
  /** The service behind `/api/`, as `host:port`. */
  readonly upstream: string;
  readonly exposure: ExposureArgs;
  /** The former keys of the edge's service. @default none */
  readonly formerly?: readonly string[] | undefined;
}

/** The node port of the edge unless the stack sets another one. */
const defaultNodePort = 31515;

/**
 * Creates the edge, which is the one service that is reached from outside: nginx with its configuration, and the Service,
 * Ingress or Gateway that leads to it.
 */
export function exposeEdge(key: string, args: EdgeArgs, parent: pulumi.Resource): pulumi.Output<Endpoint> {
  const { cluster, namespace, workload, upstream, exposure, formerly } = args;
  const { type, host, tls } = exposure;
  const { awaitsAddress, ingress: ingressSupport, gateway: gatewaySupport } = cluster;
  const opts = { parent, ...aliasesFor(formerly) };
  const containerPort = workload.container.port ?? 0;
  const port = workload.servicePort ?? containerPort;
  const nodePort = type === "nodePort" ? (exposure.nodePort ?? defaultNodePort) : undefined;
  const nginx = new EdgeNginx(
    key,
    { namespace: workload.namespace, port: containerPort, upstream, type, tls },
    { parent, ...aliasesFor(formerly, derivedName.edge) },
  );
  const container = { ...workload.container, mounts: nginx.mounts, tls: nginx.speaksTls };
  const { image, resources } = workload.container;
  const initContainers = [...(workload.initContainers ?? []), { ...nginx.initContainer, image, resources }];
  const stateless = new StatelessService(
    key,
    { ...workload, container, initContainers, exposure: serviceExposure(type, nodePort, awaitsAddress) },
    opts,
  );
  const endpoint = (address: pulumi.Output<string>, terminatesTls = false) => {
    const target = { type, namespace, service: key, port, nodePort, host };
    return cluster.endpoint({ ...target, tls: tls !== undefined || terminatesTls }, address);
  };
  const route = {
    namespace: workload.namespace,
    service: key,
    port,
    host,
    after: stateless,
    timeoutSeconds: workload.timeouts?.address,
  };
  if (type === "ingress") {
    const { tlsSecretName } = nginx;
    const support = ingressSupport;
    const ingress = new EdgeIngress(key, { ...route, tlsSecretName, support, awaitsAddress }, opts);
    return endpoint(ingress.address, support?.terminatesTls);
  }
  if (type === "gateway") {
    if (!gatewaySupport) throw new Error("the cluster serves no Gateway");
    const gateway = new EdgeGateway(key, { ...route, containerPort, support: gatewaySupport }, opts);
    return endpoint(gateway.address, gatewaySupport.terminatesTls);
  }
  return endpoint(serviceAddress(stateless.service, awaitsAddress && type === "loadBalancer"));
}
