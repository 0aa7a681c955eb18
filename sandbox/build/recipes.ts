/** A group of programs built from one go.mod, `sandbox/build/<group>/`. */
export type Group = "pulumi" | "kubernetes" | "etcd" | "kwok";

/** How a group is built. */
export interface Recipe {
  /** Program name to its package path. */
  readonly programs: Readonly<Record<string, string>>;
  /** Linker variables: a program built from a module does not know its version otherwise. */
  readonly variables: Readonly<Record<string, string>>;
  /** Minutes on two cores with nothing cached, downloads included (measured, sandbox only). */
  readonly minutes: number;
}

/** Pulumi CLI, npm launcher and SDK are pinned to one version. */
export const pulumiVersion = "3.259.0";
/** Version of the cluster's API server; `kwokctl` fetches the same one. */
export const kubernetesVersion = "v1.36.3";
export const etcdVersion = "3.6.14";
export const kwokVersion = "v0.8.0";

const kubernetesBuild = {
  gitVersion: kubernetesVersion,
  gitMajor: "1",
  gitMinor: "36",
  gitCommit: "none-built-from-go-module",
  gitTreeState: "clean",
  buildDate: "2026-07-22T18:07:38Z", // of the module's version
};

/** Both places that Kubernetes reads its version from. */
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
  kwok: {
    programs: { kwok: "sigs.k8s.io/kwok/cmd/kwok", kwokctl: "sigs.k8s.io/kwok/cmd/kwokctl" },
    variables: {},
    minutes: 2,
  },
};

/** The linker flags of a recipe: no symbol table (half the size), and its variables. */
export const linkerFlags = (recipe: Recipe): string =>
  ["-s -w", ...Object.entries(recipe.variables).map(([name, value]) => `-X ${name}=${value}`)].join(" ");
