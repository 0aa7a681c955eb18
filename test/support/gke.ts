import type { GkeArgs } from "../../components/cluster/gke/args.ts";
import { GkeCluster } from "../../components/cluster/gke/index.ts";
import type { Recorded } from "../../render/recorder.ts";
import { once, recorded, type Made } from "./recorded.ts";

export { after, assertOrder, inputs, value } from "./recorded.ts";

export const base: GkeArgs = {
  name: "shop",
  project: "example-project",
  region: "europe-west3",
  kubernetesVersion: "1.36",
  admins: ["group:platform@example.com", "serviceAccount:deploy@example-project.iam.gserviceaccount.com"],
  network: { cidr: "10.0.0.0/20", podCidr: "10.4.0.0/14", serviceCidr: "10.8.0.0/20", flowLog: "half" },
  authorizedCidrs: ["203.0.113.0/24"],
  deletionProtection: true,
  labels: { application: "multi-client" },
};
export const gcp = (token: string): string => {
  const [service = "", type = ""] = token.split(":");
  return `gcp:${service}/${type.charAt(0).toLowerCase()}${type.slice(1)}:${type}`;
};
export const controlPlane = gcp("container:Cluster");
export const iamMember = gcp("projects:IAMMember");
export const provider = "pulumi:providers:kubernetes";

export const makeGke = once<Partial<GkeArgs>, Made<GkeCluster>>((change) =>
  recorded(() => new GkeCluster("cluster", { ...base, ...change })),
);

export async function gke(change: Partial<GkeArgs> = {}): Promise<readonly Recorded[]> {
  return (await makeGke(change)).resources;
}
