import assert from "node:assert/strict";
import { clouds } from "../../launcher/clouds/registry.ts";
import type { Resource, State } from "../../launcher/recovery/pending-operations.ts";
import {
  leftoverCommands,
  protectedClusters,
  retainedDisks,
  retainedObjects,
  retainedResources,
  retainedSnapshots,
  type SnapshotContents,
  type Volumes,
} from "../../launcher/recovery/retained-resources.ts";

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

describe("retained resources", () => {
  it("name the objects that stay in a namespace which is not the stack's own, with the command", () => {
    const claim = resource("kubernetes:core/v1:PersistentVolumeClaim", "redis-data", {
      id: "team/redis-data",
      retainOnDelete: true,
    });
    const service = resource("kubernetes:core/v1:Service", "redis", { id: "team/redis" });
    assert.deepEqual(retainedObjects(state(service, claim), "kubectl -n team"), [
      "These stay in the namespace, with their data; to delete them:",
      "  kubectl -n team delete persistentvolumeclaim/redis-data",
    ]);
    assert.deepEqual(retainedObjects(state(service), "kubectl -n team"), []);
  });

  it("name a disk that is kept, as its cloud calls it, with its size and its claim", () => {
    assert.deepEqual(disks(volume({})), [
      "disk vol-1 (ebs.csi.eks.amazonaws.com), 20Gi, of claim postgres-data",
    ]);
  });

  it("leave out a disk that goes with its claim, one of another namespace, and one without a claim", () => {
    const others = [
      { persistentVolumeReclaimPolicy: "Delete" },
      { claimRef: { namespace: "other", name: "postgres-data" } },
      { claimRef: undefined },
    ];
    assert.deepEqual(disks(...others.map((spec) => volume(spec))), []);
  });

  it("name the snapshots of the stack that outlive their objects", () => {
    const content = (deletionPolicy: string, namespace: string, name: string) => ({
      spec: { deletionPolicy, driver: "pd.csi.storage.gke.io", volumeSnapshotRef: { namespace, name } },
      status: { snapshotHandle: `handle-of-${name}` },
    });
    const items: SnapshotContents["items"] = [
      content("Retain", "shop", "redis-data-2"),
      content("Retain", "other", "redis-data-1"),
      content("Delete", "shop", "redis-data-1"),
      { ...content("Retain", "shop", "postgres-data-1"), status: {} },
    ];
    assert.deepEqual(retainedSnapshots({ items }, "shop"), [
      "snapshot handle-of-redis-data-2 (pd.csi.storage.gke.io), redis-data-2",
      "snapshot without a handle (pd.csi.storage.gke.io), postgres-data-1",
    ]);
  });

  it("name a volume without a driver by its own name, and are sorted", () => {
    const last = volume({ csi: { driver: "pd.csi.storage.gke.io", volumeHandle: "b" } });
    assert.deepEqual(disks(volume({ csi: undefined, capacity: undefined }, "pv-7"), last), [
      "disk b (pd.csi.storage.gke.io), 20Gi, of claim postgres-data",
      "volume pv-7, ?, of claim postgres-data",
    ]);
  });

  it("name the bucket of copies, and the keys that AWS and Google Cloud keep, and for how long; nothing else", () => {
    const vpc = resource("aws:ec2/vpc:Vpc", "vpc");
    const eks = retainedResources(
      clouds.eks,
      state(resource("aws:kms/key:Key", "key"), vpc, resource("aws:s3/bucket:Bucket", "copies")),
    );
    const ring = resource("gcp:kms/keyRing:KeyRing", "ring");
    const gke = retainedResources(clouds.gke, state(ring, resource("gcp:kms/cryptoKey:CryptoKey", "crypto")));
    const found = [...eks, ...gke];
    assert.equal(found.length, 4);
    assert.match(found[0] ?? "", /^Key key-id: AWS deletes it 30 days after/);
    assert.match(found[1] ?? "", /^Bucket copies-id: the copies of the backups/);
    assert.match(found[2] ?? "", /^KeyRing ring-id: Google deletes no key ring/);
    assert.match(found[3] ?? "", /^CryptoKey crypto-id: .*its name stays taken/);
    assert.deepEqual(retainedResources(clouds.eks, undefined), []);
  });

  it("name the groups of Azure that the stack forgets and does not delete", () => {
    const kept = { retainOnDelete: true };
    const found = retainedResources(
      clouds.aks,
      state(
        resource("azure-native:resources:ResourceGroup", "disks", kept),
        resource("azure-native:resources:ResourceGroup", "cluster"),
        resource("kubernetes:core/v1:PersistentVolumeClaim", "claim", kept),
      ),
    );
    assert.deepEqual(found, ["ResourceGroup disks-id: the disks above are in it"]);
  });
});

describe("clusters that their cloud protects against deletion", () => {
  const on = { inputs: { deletionProtection: true } };

  it("are those of EKS and GKE; an Azure cluster is protected by a lock, which the destroy deletes first", () => {
    for (const cloud of [clouds.eks, clouds.gke]) {
      const cluster = resource(cloud.clusterType, "a", on);
      assert.deepEqual(protectedClusters(cloud, state(cluster)), [cluster.urn]);
    }
    assert.deepEqual(protectedClusters(clouds.aks, state(resource(clouds.aks.clusterType, "c"))), []);
  });

  it("are none where the protection is off, or where a key has a setting of that name", () => {
    const off = resource(clouds.eks.clusterType, "a", { inputs: { deletionProtection: false } });
    assert.deepEqual(protectedClusters(clouds.eks, state(off, resource("aws:kms/key:Key", "k", on))), []);
  });
});

describe("the commands that list leftovers", () => {
  const account = { region: "eu-central-1", project: "shop-1", subscriptionId: "1-2" };

  it("search for the stack's tag or label", () => {
    assert.match(
      leftoverCommands(clouds.eks, "prod", undefined, account).join(),
      /^aws resourcegroupstaggingapi .*--region eu-central-1 .*Key=stack,Values=prod$/,
    );
    assert.match(
      leftoverCommands(clouds.aks, "prod", undefined, account).join(),
      /^az resource list --tag stack=prod --subscription 1-2 /,
    );
    assert.match(
      leftoverCommands(clouds.gke, "prod", undefined, account).join(),
      /^gcloud asset search-all-resources --scope=projects\/shop-1 .*labels\.stack=prod$/,
    );
  });

  it("search also for what the cluster made, by the cluster's name in its cloud, and what holds its network", () => {
    const before = state(
      resource("aws:eks/cluster:Cluster", "a", { id: "multi-client" }),
      resource("gcp:container/cluster:Cluster", "b", {
        id: "projects/p/locations/l/clusters/multi-client-1a2b",
      }),
      resource("multi-client:cluster:EksCluster", ""),
      resource("gcp:compute/network:Network", "n", { id: "projects/p/global/networks/multi-client-5d6e" }),
    );
    assert.match(
      leftoverCommands(clouds.eks, "prod", before, account)[1] ?? "",
      /Key=eks:eks-cluster-name,Values=multi-client$/,
    );
    const [, disk = "", firewall = "", ...more] = leftoverCommands(clouds.gke, "prod", before, account);
    assert.match(disk, /cluster-name=multi-client-1a2b$/);
    assert.match(firewall, /firewall-rules .*\/multi-client-5d6e\$$/);
    assert.equal(more.length, 1);
    for (const command of [disk, firewall, ...more]) assert.match(command, / --project shop-1 /);
    const group = { id: "/subscriptions/1-2/resourceGroups/multi-client-disks1a2b" };
    const ofAzure = state(resource("azure-native:resources:ResourceGroup", "g", group));
    assert.match(
      leftoverCommands(clouds.aks, "prod", ofAzure, account)[1] ?? "",
      /^az resource list --resource-group multi-client-disks1a2b --subscription 1-2 /,
    );
  });
});
