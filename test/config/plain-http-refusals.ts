import { managed, minikube, providers } from "./facts.ts";
import type { Refusal } from "./refusals.ts";

/** Refusals of plain HTTP that nobody said is meant, or where it says nothing. */
export const plainHttpRefusals: readonly Refusal[] = [
  ...providers.flatMap((provider): Refusal[] => {
    const { cluster, exposure } = managed[provider];
    const { type } = exposure;
    return [
      [`plain HTTP on ${provider} without a word`, { cluster, exposure: { type } }, "exposure"],
      [
        `plain HTTP on ${provider}, said to be not meant`,
        { cluster, exposure: { type, plainHttp: false } },
        "exposure",
      ],
    ];
  }),
  [
    "plain HTTP beside a certificate",
    { ...managed.gke, exposure: { type: "gateway", certificate: "multi-client", plainHttp: true } },
    "exposure.plainHttp",
  ],
  [
    "plain HTTP where only a port-forward leads",
    { ...managed.eks, exposure: { type: "clusterIP", plainHttp: true } },
    "exposure.plainHttp",
  ],
  [
    "plain HTTP of a cluster that is there",
    { ...minikube, exposure: { type: "nodePort", plainHttp: true } },
    "exposure.plainHttp",
  ],
];
