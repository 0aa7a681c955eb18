import { cloudCases, snapshotted } from "../cloud-cases.ts";

describe("prod on a simulated Google Cloud", () => {
  cloudCases({
    stack: "prod-gke",
    cloud: "gcp",
    layers: {
      network: "gcp:compute/routerNat:RouterNat",
      key: "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
      access: "gcp:projects/iAMMember:IAMMember",
      cluster: "gcp:container/cluster:Cluster",
    },
    disks: "pd.csi.storage.gke.io",
    edge: "/apis/gateway.networking.k8s.io/v1/gateways",
    lacking: {
      account: {
        limits: { vcpus: 8, ssd: 100 },
        features: ["cloudresourcemanager.googleapis.com"],
        forbidden: ["iam.serviceAccounts.actAs"],
      },
      says: [
        /the rights of the deployer in .*\n +found: not allowed: iam\.serviceAccounts\.actAs\n +fix: +gcloud projects /,
        /serviceusage\.googleapis\.com.*\n +found: off\n +fix: +gcloud services enable serviceusage/,
        /24 of CPUS in europe-west3\n +found: 8, of which 0 are used/,
        /250 of SSD_TOTAL_GB in europe-west3\n +found: 100, of which 0 are used/,
      ],
    },
    ends: {
      type: "gcp:compute/subnetwork:Subnetwork",
      error: 'oauth2: "invalid_grant" "reauth related error (invalid_rapt)"',
    },
    url: /^http:\/\/198\.51\.100\.20\/$/m,
    changes: {
      "who reaches the API server by its address, what the flow logs keep, and one more administrator": {
        cluster: {
          authorizedCidrs: ["203.0.113.0/24"],
          network: { flowLog: "none" },
          admins: ["group:platform@example.com", "group:second@example.com"],
        },
        updates: [
          /~ +gcp:container:Cluster multi-client updated/,
          /~ +gcp:compute:Subnetwork multi-client updated/,
          /\+ +gcp:projects:IAMMember \S+ created/,
        ],
      },
      "the next minor version": {
        cluster: { kubernetesVersion: "1.36" },
        updates: [/~ +gcp:container:Cluster multi-client updated/, snapshotted],
      },
    },
    certificate: {
      name: "multi-client",
      told: {
        "/apis/gateway.networking.k8s.io/v1/namespaces/multi-client/gateways/client":
          /"networking\.gke\.io\/certmap":"multi-client".*"name":"https","port":443,"protocol":"HTTPS"/,
        "/apis/gateway.networking.k8s.io/v1/namespaces/multi-client/httproutes/client-redirect":
          /"requestRedirect":\{"scheme":"https","statusCode":301\}/,
      },
    },
    waits: /in use by \S+\/networkEndpointGroups\/\S+, which the cloud removes by itself/,
    // What another pod was seen to get: 103Mi for 100m and 100Mi (autopilot.gke.io/resource-adjustment, 2026).
    admission: {
      asks: { requests: { cpu: "100m", memory: "100Mi" }, limits: { cpu: "500m", memory: "500Mi" } },
      gets: {
        requests: { cpu: "100m", memory: "103Mi", "ephemeral-storage": "1Gi" },
        limits: { cpu: "500m", memory: "500Mi", "ephemeral-storage": "1Gi" },
      },
    },
    stranger: { caller: "project:other", says: /Permission denied on resource project/ },
  });
});
