import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { IngressClass } from "@pulumi/kubernetes/networking/v1/ingressClass.js";
import * as pulumi from "@pulumi/pulumi";
import { withFormerType } from "../../aliases.ts";
import type { IngressSupport } from "../cluster.ts";
import type { EksArgs } from "./args.ts";

/** The arguments of an {@link AutoModeIngressClass}. */
export type AutoModeIngressClassArgs = Pick<EksArgs, "certificate">;

const apiGroup = "eks.amazonaws.com";

/**
 * With a certificate both ports listen and HTTP is redirected; the default policy would still speak TLS 1.0. Auto Mode's
 * list of annotations that it does not support has none of these.
 *
 * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/
 */
const tlsAnnotations = {
  "alb.ingress.kubernetes.io/listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]',
  "alb.ingress.kubernetes.io/ssl-redirect": "443",
  "alb.ingress.kubernetes.io/ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
};

/**
 * The class of Ingress that Auto Mode makes an Application Load Balancer of, open to the internet.
 *
 * The load balancer has none of the stack's tags: AWS's policies for the cluster's role do not let it set any.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-alb.html
 */
export class AutoModeIngressClass extends pulumi.ComponentResource implements IngressSupport {
  readonly className: pulumi.Output<string>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly terminatesTls: boolean;
  /**
   * New pods become ready only when the load balancer finds them healthy: otherwise the old ones would go while it has
   * nobody to send to. The upstream controller's label is another one; this one is the namespace selector of Auto Mode's
   * own webhook, `eks-load-balancing-webhook`.
   *
   * @see https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/deploy/pod_readiness_gate
   */
  readonly namespaceLabels = { "eks.amazonaws.com/pod-readiness-gate-inject": "enabled" };

  constructor(
    name: string,
    { certificate }: AutoModeIngressClassArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(
      "multi-client:cluster:AutoModeIngressClass",
      name,
      {},
      withFormerType("multi-client:cluster:EksEdge", opts),
    );
    this.terminatesTls = certificate !== undefined;
    this.annotations = this.terminatesTls ? tlsAnnotations : {};
    const parameters = new CustomResource(
      name,
      {
        apiVersion: `${apiGroup}/v1`,
        kind: "IngressClassParams",
        // Empty, for a generated name: a custom resource has only those outputs that its arguments name.
        metadata: {},
        spec: {
          scheme: "internet-facing",
          ...(certificate !== undefined && { certificateARNs: [certificate] }),
        },
      },
      { parent: this },
    );
    const ingressClass = new IngressClass(
      name,
      {
        spec: {
          controller: `${apiGroup}/alb`,
          parameters: { apiGroup, kind: "IngressClassParams", name: parameters.metadata.name },
        },
      },
      { parent: this },
    );
    this.className = ingressClass.metadata.name;
    this.registerOutputs({ className: this.className });
  }
}
