import assert from "node:assert/strict";
import {
  cloudNames,
  retainedDisks,
  retainedGroups,
  retainedKeys,
  leftoverCommands,
  protectedClusters,
  type Volumes,
} from "../../launcher/recovery/retained-resources.ts";
import type { Resource, State } from "../../launcher/recovery/pending-operations.ts";
import type { Stack } from "../../launcher/stack/stack-file.ts";

const volume = (spec: object, name = "pv"): Volumes["items"][number] => ({
  metadata: { name },
  spec: {
    persistentVolumeReclaimPolicy: "Retain",
    capacity: { storage: "20Gi" },
    csi: { driver: "ebs.csi.eks.amazonaws.com", volumeHandle: "vol-1" },
    claimRef: { namespace: "shop", name: "postgres-data" },
    ...spec,
  },
});
const disks = (...items: Volumes["items"]) => retainedDisks({ items }, "shop");

const resource = (type: string, name: string, more: Partial<Resource> = {}): Resource => ({
  type,
  urn: `urn:pulumi:prod::multi-client::${type}::${name}`,
  id: `${name}-id`,
  ...more,
});
const state = (...resources: Resource[]): State => ({ deployment: { resources } });

describe("what stays when a stack is destroyed", () => {
  it("names a disk that is kept, as its cloud calls it, with its size and its claim", () => {
    assert.deepEqual(disks(volume({})), [
      "disk vol-1 (ebs.csi.eks.amazonaws.com), 20Gi, of claim postgres-data",
    ]);
  });

  it("names neither a disk that goes with its claim, nor one of another namespace, nor one of nobody", () => {
    const others = [
      { persistentVolumeReclaimPolicy: "Delete" },
      { claimRef: { namespace: "other", name: "postgres-data" } },
      { claimRef: undefined },
    ];
    assert.deepEqual(disks(...others.map((spec) => volume(spec))), []);
  });

  it("names a volume of no driver by its own name, and all of them in order", () => {
    const last = volume({ csi: { driver: "pd.csi.storage.gke.io", volumeHandle: "b" } });
    assert.deepEqual(disks(volume({ csi: undefined, capacity: undefined }, "pv-7"), last), [
      "disk b (pd.csi.storage.gke.io), 20Gi, of claim postgres-data",
      "volume pv-7, ?, of claim postgres-data",
    ]);
  });

  it("names keys that their cloud keeps, and why; nothing else", () => {
    const found = retainedKeys(
      state(
        resource("aws:kms/key:Key", "key"),
        resource("gcp:kms/keyRing:KeyRing", "ring"),
        resource("gcp:kms/cryptoKey:CryptoKey", "crypto"),
        resource("aws:ec2/vpc:Vpc", "vpc"),
      ),
    );
    assert.equal(found.length, 3);
    assert.match(found[0] ?? "", /^Key key-id: AWS deletes it 30 days after/);
    assert.match(found[1] ?? "", /^KeyRing ring-id: Google deletes no key ring/);
    assert.match(found[2] ?? "", /^CryptoKey crypto-id: .*its name stays taken/);
    assert.deepEqual(retainedKeys(undefined), []);
  });
});

describe("groups that stay", () => {
  it("are those of Azure that the stack forgets and does not delete", () => {
    const kept = { retainOnDelete: true };
    const found = retainedGroups(
      state(
        resource("azure-native:resources:ResourceGroup", "disks", kept),
        resource("azure-native:resources:ResourceGroup", "cluster"),
        resource("kubernetes:core/v1:PersistentVolumeClaim", "claim", kept),
      ),
    );
    assert.deepEqual(found, ["ResourceGroup disks-id: the disks above are in it"]);
  });
});

describe("what an update has to allow before a destroy", () => {
  const on = { inputs: { deletionProtection: true } };

  it("is the cluster that its cloud protects; an Azure cluster is protected by a lock, which the destroy takes first", () => {
    const eks = resource("aws:eks/cluster:Cluster", "a", on);
    const gke = resource("gcp:container/cluster:Cluster", "b", on);
    const aks = resource("azure-native:containerservice:ManagedCluster", "c", on);
    assert.deepEqual(protectedClusters(state(eks, gke, aks)), [eks.urn, gke.urn]);
  });

  it("is nothing where the protection is off, or where a key has a setting of that name", () => {
    const off = resource("aws:eks/cluster:Cluster", "a", { inputs: { deletionProtection: false } });
    assert.deepEqual(protectedClusters(state(off, resource("aws:kms/key:Key", "k", on))), []);
  });
});

describe("what lists the rest", () => {
  const stack = (cloud: "eks" | "aks" | "gke"): Stack =>
    ({ name: "prod", target: { provider: "managed", cloud } }) as unknown as Stack;

  it("is each cloud's own search for the stack's tag or label", () => {
    const first = (cloud: "eks" | "aks" | "gke") =>
      leftoverCommands(stack(cloud), cloudNames(undefined))[0] ?? "";
    assert.match(first("eks"), /^aws resourcegroupstaggingapi .*Key=stack,Values=prod$/);
    assert.match(first("aks"), /^az resource list --tag stack=prod /);
    assert.match(first("gke"), /^gcloud asset search-all-resources .*labels\.stack=prod$/);
  });

  it("is also what the cluster made, by the cluster's name in its cloud", () => {
    const names = cloudNames(
      state(
        resource("aws:eks/cluster:Cluster", "a", { id: "multi-client" }),
        resource("gcp:container/cluster:Cluster", "b", {
          id: "projects/p/locations/l/clusters/multi-client-1a2b3c4",
        }),
        resource("multi-client:cluster:EksCluster", ""),
        resource("gcp:compute/network:Network", "n", {
          id: "projects/p/global/networks/multi-client-5d6e7f8",
        }),
      ),
    );
    assert.deepEqual(names, {
      clusters: ["multi-client", "multi-client-1a2b3c4"],
      networks: ["multi-client-5d6e7f8"],
    });
    assert.match(
      leftoverCommands(stack("gke"), names)[3] ?? "",
      /firewall-rules .*\/multi-client-5d6e7f8\$$/,
    );
    assert.match(
      leftoverCommands(stack("eks"), names)[1] ?? "",
      /Key=eks:eks-cluster-name,Values=multi-client$/,
    );
    assert.match(leftoverCommands(stack("gke"), names)[2] ?? "", /cluster-name=multi-client-1a2b3c4$/);
    assert.equal(leftoverCommands(stack("aks"), names).length, 1);
  });
});
