import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import * as pulumi from "@pulumi/pulumi";
import { withFormerType } from "../aliases.ts";
import type { ExposureType } from "../cluster/endpoint.ts";
import { derivedName, objectLabels } from "../kubernetes/labels.ts";
import type { ContainerArgs, Mount } from "../kubernetes/pod.ts";
import { edgeConfiguration, listenOnIpv6, listenPath, tlsMountPath } from "./nginx-configuration.ts";

/** A certificate chain and its private key, as PEM. */
export interface Tls {
  readonly certificate: string;
  readonly key: pulumi.Input<string>;
}

/** The arguments of an {@link EdgeNginx}. */
export interface EdgeNginxArgs {
  readonly namespace: pulumi.Input<string>;
  /** The port that nginx listens on. */
  readonly port: number;
  /** The service behind `/api/`, as `host:port`. */
  readonly upstream: string;
  readonly type: ExposureType;
  /** @default no TLS */
  readonly tls?: Tls | undefined;
}

/**
 * The configuration and the certificate with which a container of nginx leads into the application.
 *
 * TLS ends in nginx, except behind an Ingress, which ends it with the same Secret and speaks plain HTTP inwards.
 * Both objects have generated names: a change gives a new name, and the pods roll.
 */
export class EdgeNginx extends pulumi.ComponentResource {
  /** The volumes of the container. */
  readonly mounts: readonly Mount[];
  /** The init container that completes the configuration, without image and resources: those of the container. */
  readonly initContainer: Omit<ContainerArgs, "image" | "resources">;
  /** The Secret with the certificate; none without TLS. */
  readonly tlsSecretName: pulumi.Output<string> | undefined;
  /** `true` where nginx itself speaks TLS. */
  readonly speaksTls: boolean;

  constructor(service: string, args: EdgeNginxArgs, opts?: pulumi.ComponentResourceOptions) {
    const name = derivedName.edge(service);
    super("multi-client:app:EdgeNginx", name, {}, withFormerType("multi-client:app:Edge", opts));
    const { namespace, tls } = args;
    const metadata = { namespace, labels: objectLabels(service) };
    const behindIngress = args.type === "ingress";
    this.speaksTls = tls !== undefined && !behindIngress;
    const tlsEnd = tls === undefined ? "none" : behindIngress ? "ingress" : "nginx";
    const configuration = new ConfigMap(
      name,
      { metadata, data: { "default.conf": edgeConfiguration(args.port, args.upstream, tlsEnd) } },
      { parent: this },
    );
    this.tlsSecretName = tls && this.certificate(`${service}-tls`, metadata, tls);
    const listen = { name: "nginx-listen", mountPath: listenPath, source: { emptyDir: {} } };
    this.initContainer = {
      name: "listen-on-ipv6",
      command: listenOnIpv6(args.port, tlsEnd),
      mounts: [listen],
    };
    this.mounts = [
      { ...listen, readOnly: true },
      {
        name: "nginx-configuration",
        mountPath: "/etc/nginx/conf.d",
        readOnly: true,
        source: { configMap: { name: configuration.metadata.name } },
      },
      ...(this.tlsSecretName && this.speaksTls
        ? [
            {
              name: "tls",
              mountPath: tlsMountPath,
              readOnly: true,
              // Readable by the pod's group only.
              source: { secret: { secretName: this.tlsSecretName, defaultMode: 0o440 } },
            },
          ]
        : []),
    ];
    this.registerOutputs({ tlsSecretName: this.tlsSecretName, speaksTls: this.speaksTls });
  }

  private certificate(
    name: string,
    metadata: { namespace: pulumi.Input<string>; labels: Record<string, string> },
    { certificate, key }: Tls,
  ): pulumi.Output<string> {
    const data = {
      "tls.crt": Buffer.from(certificate).toString("base64"),
      "tls.key": pulumi.secret(key).apply((pem) => Buffer.from(pem).toString("base64")),
    };
    return new Secret(name, { type: "kubernetes.io/tls", metadata, data }, { parent: this }).metadata.name;
  }
}
