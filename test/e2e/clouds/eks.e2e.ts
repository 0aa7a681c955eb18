import { cloudCases } from "../cloud-cases.ts";

describe("prod on a simulated AWS", () => {
  cloudCases({
    stack: "prod",
    cloud: "aws",
    layers: {
      network: "aws:ec2/natGateway:NatGateway",
      identity: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      cluster: "aws:eks/cluster:Cluster",
      access: "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    },
    url: /^http:\/\/\S+\.elb\.amazonaws\.com\/$/m,
    changes: {
      "who reaches the API server": {
        cluster: { authorizedCidrs: ["203.0.113.0/24", "198.51.100.0/24"] },
        updates: [/~ +aws:eks:Cluster multi-client updated/],
      },
      "one more administrator": {
        cluster: {
          admins: ["arn:aws:iam::111122223333:role/platform", "arn:aws:iam::111122223333:role/second"],
        },
        updates: [/\+ +aws:eks:AccessEntry \S+ created/],
      },
      "the next minor version": {
        cluster: { kubernetesVersion: "1.36" },
        updates: [/~ +aws:eks:Cluster multi-client updated/],
      },
    },
    stranger: {
      caller: "arn:aws:iam::999999999999:role/platform",
      says: /AWS account ID not allowed: 999999999999/,
    },
  });
});
