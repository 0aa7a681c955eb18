/** A group of programs that are built from one go.mod, `sandbox/build/<group>/`. */
export type Group =
  | "pulumi"
  | "kubernetes"
  | "etcd"
  | "kwok"
  | "kubelet"
  | "coredns"
  | "metrics-server"
  | "rclone"
  | "network-policies"
  | "act"
  | "official-kubernetes";

/** The recipe by which a group is built. */
export interface Recipe {
  /** The names of the programs, and their package paths. */
  readonly programs: Readonly<Record<string, string>>;
  /** The variables that the linker sets, because a program that is built from a module does not know its version. */
  readonly variables: Readonly<Record<string, string>>;
  /**
   * The minutes that it takes on two cores with nothing cached, downloads included: measured, but for the programs of the
   * node and the official plugin, where it is what busier runs suggest.
   */
  readonly minutes: number;
  /** Files that the group's own main embeds, and the package that has them. @default none */
  readonly embedded?: { readonly files: readonly string[]; readonly from: string };
}

/** The version of the Pulumi CLI, to which the SDK is pinned too. */
export const pulumiVersion = "3.276.0";
/** The version of the cluster's control plane, whether it is built or fetched. */
export const kubernetesVersion = "v1.36.3";
export const etcdVersion = "3.6.14";
/** The release of the official kubernetes plugin whose sources its Go module has (commit f47bc2d6f199). */
export const officialKubernetesVersion = "4.25.0";
export const kwokVersion = "v0.8.0";

const kubernetesBuild = {
  gitVersion: kubernetesVersion,
  gitMajor: "1",
  gitMinor: "36",
  gitCommit: "none-built-from-go-module",
  gitTreeState: "clean",
  buildDate: "2026-07-22T18:07:38Z", // of the module's version
};

/** The variables of both packages from which Kubernetes reads its version. */
const kubernetesVariables = Object.fromEntries(
  ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((place) =>
    Object.entries(kubernetesBuild).map(([key, value]) => [`${place}.${key}`, value]),
  ),
);

export const recipes: Readonly<Record<Group, Recipe>> = {
  pulumi: {
    programs: { pulumi: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": `v${pulumiVersion}` },
    minutes: 5,
  },
  kubernetes: {
    programs: Object.fromEntries(
      ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"].map((name) => [
        name,
        `k8s.io/kubernetes/cmd/${name}`,
      ]),
    ),
    variables: kubernetesVariables,
    minutes: 5,
  },
  etcd: { programs: { etcd: "go.etcd.io/etcd/server/v3" }, variables: {}, minutes: 1 },
  // What only a real node needs; Linux alone has it.
  kubelet: {
    programs: {
      kubelet: "k8s.io/kubernetes/cmd/kubelet",
      "kube-proxy": "k8s.io/kubernetes/cmd/kube-proxy",
    },
    variables: kubernetesVariables,
    minutes: 3,
  },
  // Not part of any make up: a second opinion on the stand-in, of an older version than the SDK's.
  "official-kubernetes": {
    programs: { "pulumi-resource-kubernetes": "." },
    variables: {
      "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version": officialKubernetesVersion,
    },
    embedded: {
      files: ["schema.json", "terraform-mapping.json"],
      from: "github.com/pulumi/pulumi-kubernetes/provider/v4/cmd/pulumi-resource-kubernetes",
    },
    minutes: 15,
  },
  coredns: { programs: { coredns: "." }, variables: {}, minutes: 2 },
  "metrics-server": {
    programs: { "metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server" },
    variables: {},
    minutes: 3,
  },
  rclone: {
    programs: { rclone: "." },
    variables: { "github.com/rclone/rclone/fs.Version": "v1.75.1" },
    minutes: 3,
  },
  // Its go.mod has the versions of Kubernetes' where it can: Go compiles what both need only once.
  "network-policies": { programs: { "network-policies": "." }, variables: {}, minutes: 2 },
  // Not part of any make up: it runs GitHub's workflows in end-to-end cases.
  act: { programs: { act: "github.com/nektos/act" }, variables: {}, minutes: 2 },
  kwok: {
    programs: { kwok: "sigs.k8s.io/kwok/cmd/kwok", kwokctl: "sigs.k8s.io/kwok/cmd/kwokctl" },
    variables: {},
    minutes: 2,
  },
};

/** The linker flags of a recipe: no symbol table, which halves the size, and its variables. */
export const linkerFlags = (recipe: Recipe): string =>
  ["-s -w", ...Object.entries(recipe.variables).map(([name, value]) => `-X ${name}=${value}`)].join(" ");
