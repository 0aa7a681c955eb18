import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { base, controlPlane, gcp, gke, iamMember, inputs, makeGke, value } from "../../support/gke.ts";
import { only } from "../../support/pulumi.ts";

const storageClass = "kubernetes:storage.k8s.io/v1:StorageClass";
const ofType = async (token: string) => only(await gke(), gcp(token));

describe("GkeCluster", () => {
  it("is a regional Autopilot cluster of the version of the settings, on the REGULAR channel", async () => {
    const { project, location, enableAutopilot, minMasterVersion, releaseChannel } = inputs(
      await ofType("container:Cluster"),
    );
    assert.deepEqual([project, location, enableAutopilot], ["example-project", "europe-west3", true]);
    assert.deepEqual([minMasterVersion, releaseChannel], ["1.36", { channel: "REGULAR" }]);
  });

  it("admits the listed CIDRs to the IP endpoint, and not Google's own public addresses", async () => {
    const { controlPlaneEndpointsConfig, masterAuthorizedNetworksConfig } = inputs(
      await ofType("container:Cluster"),
    );
    assert.deepEqual(controlPlaneEndpointsConfig, {
      dnsEndpointConfig: { allowExternalTraffic: true },
      ipEndpointsConfig: { enabled: true },
    });
    assert.deepEqual(masterAuthorizedNetworksConfig, {
      cidrBlocks: [{ cidrBlock: "203.0.113.0/24" }],
      gcpPublicCidrsAccessEnabled: false,
    });
  });

  it("has the DNS endpoint alone where no CIDR is listed", async () => {
    const asked = inputs(only(await gke({ authorizedCidrs: [] }), controlPlane));
    assert.deepEqual(asked.controlPlaneEndpointsConfig, {
      dnsEndpointConfig: { allowExternalTraffic: true },
      ipEndpointsConfig: { enabled: false },
    });
    assert.ok(!("masterAuthorizedNetworksConfig" in asked));
  });

  it("has private nodes, whose service account has two roles", async () => {
    const resources = await gke();
    const { privateClusterConfig, clusterAutoscaling } = inputs(only(resources, controlPlane));
    assert.deepEqual(privateClusterConfig, { enablePrivateNodes: true });
    assert.deepEqual(clusterAutoscaling, { autoProvisioningDefaults: { serviceAccount: "<shop.email>" } });
    const grants = resources.filter(({ type, name }) => type === iamMember && name.startsWith("shop-nodes-"));
    assert.deepEqual(
      grants.map((grant) => inputs(grant)).sort((a, b) => String(a.role).localeCompare(String(b.role))),
      ["artifactregistry.reader", "container.defaultNodeServiceAccount"].map((role) => ({
        project: "example-project",
        role: `roles/${role}`,
        member: "<shop.member>",
      })),
    );
  });

  it("has a network of its own, with ranges for nodes, pods and Services", async () => {
    const resources = await gke();
    assert.deepEqual(inputs(only(resources, gcp("compute:Network"))), {
      project: "example-project",
      autoCreateSubnetworks: false,
    });
    const subnetwork = inputs(only(resources, gcp("compute:Subnetwork")));
    assert.deepEqual(
      [subnetwork.network, subnetwork.region, subnetwork.ipCidrRange, subnetwork.privateIpGoogleAccess],
      ["shop-id", "europe-west3", "10.0.0.0/20", true],
    );
    assert.deepEqual(subnetwork.secondaryIpRanges, [
      { rangeName: "pods", ipCidrRange: "10.4.0.0/14" },
      { rangeName: "services", ipCidrRange: "10.8.0.0/20" },
    ]);
    const { network, subnetwork: own, ipAllocationPolicy } = inputs(only(resources, controlPlane));
    assert.deepEqual([network, own], ["shop-id", "shop-id"]);
    assert.deepEqual(ipAllocationPolicy, {
      clusterSecondaryRangeName: "pods",
      servicesSecondaryRangeName: "services",
    });
  });

  it("sends everything out through one NAT gateway, and logs flows and errors", async () => {
    const resources = await gke();
    assert.deepEqual(inputs(only(resources, gcp("compute:RouterNat"))), {
      project: "example-project",
      region: "europe-west3",
      router: "<shop.name>",
      natIpAllocateOption: "AUTO_ONLY",
      sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
      logConfig: { enable: true, filter: "ERRORS_ONLY" },
    });
    assert.deepEqual(inputs(only(resources, gcp("compute:Subnetwork"))).logConfig, {
      aggregationInterval: "INTERVAL_10_MIN",
      flowSampling: 0.5,
      metadata: "INCLUDE_ALL_METADATA",
    });
    const logged = async (flowLog: "all" | "none") => {
      const changed = await gke({ network: { ...base.network, flowLog } });
      return inputs(only(changed, gcp("compute:Subnetwork"))).logConfig as
        { flowSampling: number } | undefined;
    };
    assert.equal((await logged("all"))?.flowSampling, 1);
    assert.equal(await logged("none"), undefined);
  });

  it("encrypts Secrets with a key of its own, which is rotated", async () => {
    const resources = await gke();
    const { databaseEncryption } = inputs(only(resources, controlPlane));
    assert.deepEqual(databaseEncryption, { state: "ENCRYPTED", keyName: "shop-id" });
    assert.deepEqual(inputs(only(resources, gcp("kms:KeyRing"))), {
      project: "example-project",
      location: "europe-west3",
    });
    const { rotationPeriod } = inputs(only(resources, gcp("kms:CryptoKey")));
    assert.equal(rotationPeriod, "7776000s");
    assert.equal(
      inputs(only(resources, gcp("projects:ServiceIdentity"))).service,
      "container.googleapis.com",
    );
    assert.deepEqual(inputs(only(resources, gcp("kms:CryptoKeyIAMMember"))), {
      cryptoKeyId: "shop-id",
      role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
      member: "<shop.member>",
    });
  });

  it("grants each admin administration of the clusters of this name only", async () => {
    const resources = await gke();
    for (const member of base.admins)
      assert.deepEqual(inputs(only(resources, iamMember, `shop-admin-${member}`)), {
        project: "example-project",
        role: "roles/container.admin",
        member,
        condition: {
          title: "Clusters shop of test",
          expression:
            'resource.name.startsWith("projects/example-project/locations/europe-west3/clusters/shop-")',
        },
      });
  });

  it("answers anonymous requests for health checks only", async () => {
    const { anonymousAuthenticationConfig } = inputs(await ofType("container:Cluster"));
    assert.deepEqual(anonymousAuthenticationConfig, { mode: "LIMITED" });
  });

  it("collects logs, metrics, security posture and costs", async () => {
    const asked = inputs(await ofType("container:Cluster"));
    assert.deepEqual([...asked.loggingConfig.enableComponents].sort(), [
      "APISERVER",
      "CONTROLLER_MANAGER",
      "SCHEDULER",
      "SYSTEM_COMPONENTS",
      "WORKLOADS",
    ]);
    assert.deepEqual(asked.monitoringConfig, {
      enableComponents: ["SYSTEM_COMPONENTS"],
      managedPrometheus: { enabled: true },
    });
    assert.deepEqual(
      [asked.securityPostureConfig, asked.costManagementConfig],
      [{ mode: "BASIC" }, { enabled: true }],
    );
  });

  it("is maintained at weekends, for the 48 hours in 32 days that GKE wants", async () => {
    const { maintenancePolicy } = inputs(await ofType("container:Cluster"));
    const { startTime, endTime, recurrence } = maintenancePolicy.recurringWindow;
    assert.equal(recurrence, "FREQ=WEEKLY;BYDAY=SA,SU");
    assert.equal(new Date(startTime as string).getUTCDay(), 6);
    const hours = (Date.parse(endTime as string) - Date.parse(startTime as string)) / 3_600_000;
    // 32 days have four Saturdays and four Sundays at least.
    assert.ok(hours >= 4 && 8 * hours >= 48, String(hours));
  });

  it("has balanced disks", async () => {
    const { provisioner, parameters } = inputs(only(await gke(), storageClass));
    assert.deepEqual([provisioner, parameters], ["pd.csi.storage.gke.io", { type: "pd-balanced" }]);
  });

  it("gives a kubeconfig of the DNS endpoint, in which gcloud's plugin asks for the token", async () => {
    for (const authorizedCidrs of [[], ["203.0.113.0/24"]]) {
      const { cluster } = await makeGke({ authorizedCidrs });
      const {
        clusters,
        users,
        contexts,
        "current-context": current,
      } = JSON.parse(await value(pulumi.unsecret(cluster.kubeconfig)));
      const name = "<shop.name>";
      assert.deepEqual(clusters, [{ name, cluster: { server: "https://<shop.dnsEndpoint>" } }]);
      assert.deepEqual([current, contexts], [name, [{ name, context: { cluster: name, user: name } }]]);
      const [{ user }] = users;
      const { command, args, env, provideClusterInfo, apiVersion } = user.exec;
      assert.deepEqual(
        [command, args, env, provideClusterInfo, apiVersion],
        ["gke-gcloud-auth-plugin", undefined, undefined, true, "client.authentication.k8s.io/v1beta1"],
      );
    }
  });

  it("lets pods ask CoreDNS and the DNS of the node for names", async () => {
    const { cluster } = await makeGke();
    const pods = (app: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
      podSelector: { matchLabels: { "k8s-app": app } },
    });
    assert.deepEqual(cluster.dnsPeers, [
      pods("kube-dns"),
      pods("node-local-dns"),
      ...["169.254.20.10/32", "169.254.169.254/32"].map((cidr) => ({ ipBlock: { cidr } })),
    ]);
  });

  it("serves Gateways through the global load balancer, with the certificate map of the settings", async () => {
    const { cluster } = await makeGke();
    assert.equal(cluster.gateway.className, "gke-l7-global-external-managed");
    assert.deepEqual(cluster.gateway.healthCheckPolicy, {
      apiVersion: "networking.gke.io/v1",
      kind: "HealthCheckPolicy",
    });
    assert.deepEqual([cluster.gateway.annotations, cluster.gateway.terminatesTls], [{}, false]);
    const { gateway } = (await makeGke({ certificate: "shop" })).cluster;
    assert.deepEqual(gateway.annotations, { "networking.gke.io/certmap": "shop" });
    assert.equal(gateway.terminatesTls, true);
  });
});
