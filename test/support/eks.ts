import type { EksArgs } from "../../components/cluster/eks/args.ts";
import { EksCluster } from "../../components/cluster/eks/index.ts";
import type { Recorded } from "../../render/recorder.ts";
import { once, recorded, type Made } from "./recorded.ts";

export { after, assertOrder, inputs, value } from "./recorded.ts";

export const base: EksArgs = {
  name: "shop",
  region: "eu-central-1",
  kubernetesVersion: "1.36",
  admins: ["arn:aws:iam::111122223333:role/platform", "arn:aws:iam::111122223333:role/ops/deploy"],
  network: {
    cidr: "10.0.0.0/16",
    serviceCidr: "172.20.0.0/16",
    zones: ["eu-central-1a", "eu-central-1b", "eu-central-1c"],
    nat: "zone",
    flowLog: "all",
  },
  authorizedCidrs: ["203.0.113.0/24"],
  logRetentionDays: 90,
  deletionProtection: true,
  tags: { application: "multi-client" },
};

export const makeEks = once<Partial<EksArgs>, Made<EksCluster>>((change) =>
  recorded(() => new EksCluster("cluster", { ...base, ...change })),
);

export async function eks(change: Partial<EksArgs> = {}): Promise<readonly Recorded[]> {
  return (await makeEks(change)).resources;
}

/** `ec2/subnet` -> `aws:ec2/subnet:Subnet`. */
export function aws(path: string): string {
  const [, name = ""] = path.split("/");
  return `aws:${path}:${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

export const all = (resources: readonly Recorded[], type: string): Recorded[] =>
  resources.filter((resource) => resource.type === type);
