import assert from "node:assert/strict";
import { cloudCases, snapshotted } from "../cloud-cases.ts";
import { CloudStack } from "../cloud-stack.ts";
import { until } from "../cluster.ts";
import { failing } from "../day-two.ts";
import { engineOf } from "../front.ts";

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
    disks: "ebs.csi.eks.amazonaws.com",
    edge: "/apis/networking.k8s.io/v1/ingresses",
    lacking: {
      account: { limits: { elasticIps: 2, vpcs: 0, vcpus: 5 }, forbidden: ["iam:PassRole"] },
      says: [
        /the rights of the deployer in account 111122223333\n +found: not allowed: iam:PassRole\n +fix: +aws iam /,
        ...["L-0263D0A3", "L-F678F1CE", "L-1216C47A"].map(
          (code) => new RegExp(`found: \\d, of which 0 are used\\n +fix: +aws service-quotas .* ${code} `),
        ),
      ],
    },
    // AWS' own: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
    limits: { elasticIps: 5 },
    ends: {
      type: "aws:cloudwatch/logGroup:LogGroup",
      error:
        "operation error CloudWatch Logs: CreateLogGroup, https response error StatusCode: 400, RequestID: 0, api error ExpiredTokenException: The security token included in the request is expired",
    },
    url: /^http:\/\/\S+\.elb\.amazonaws\.com\/$/m,
    changes: {
      "who reaches the API server, what the flow log keeps, and one more administrator": {
        cluster: {
          admins: ["arn:aws:iam::111122223333:role/platform", "arn:aws:iam::111122223333:role/second"],
          authorizedCidrs: ["203.0.113.0/24", "198.51.100.0/24"],
          network: { zones: ["a", "b", "c"].map((zone) => `eu-central-1${zone}`), flowLog: "rejected" },
        },
        updates: [
          /~ +aws:eks:Cluster multi-client updated/,
          /aws:ec2:FlowLog multi-client replaced/,
          /\+ +aws:eks:AccessEntry \S+ created/,
        ],
      },
      "the next minor version": {
        cluster: { kubernetesVersion: "1.36" },
        updates: [/~ +aws:eks:Cluster multi-client updated/, snapshotted],
      },
    },
    certificate: {
      name: "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000",
      told: {
        "/apis/networking.k8s.io/v1/namespaces/multi-client/ingresses/client":
          /"alb\.ingress\.kubernetes\.io\/listen-ports":".*HTTPS.*"alb\.ingress\.kubernetes\.io\/ssl-redirect":"443"/,
      },
    },
    stranger: {
      caller: "arn:aws:iam::999999999999:role/platform",
      says: /AWS account ID not allowed: 999999999999/,
    },
  });
});

describe("an engine that is killed while AWS makes the cluster", () => {
  const cluster = "aws:eks/cluster:Cluster";
  let stack: CloudStack;
  before(() => {
    stack = new CloudStack("prod", "aws", "prod-killed");
  });
  after(async () => {
    const { code, output } = await stack.make("destroy", { CONFIRM: stack.name });
    assert.equal(code, 0, output);
  });

  it("is told by the next make up or destroy, which changes nothing; its commands take the cluster over, and up goes on", async () => {
    stack.faults({ type: cluster, operation: "create", times: 1 });
    let pid = 0;
    const killed = stack.make("up", {}, (id) => (pid = id));
    await until(
      "AWS makes it",
      () => Promise.resolve(stack.account().some(({ type }) => type === cluster)),
      120,
    );
    process.kill(engineOf(pid), "SIGKILL");
    assert.notEqual((await killed).code, 0);

    const made = stack.account().length;
    const told = await failing(stack.make("up"));
    assert.match(told, /Nothing was changed now/);
    assert.match(await failing(stack.make("destroy", { CONFIRM: stack.name })), /Nothing was changed now/);
    assert.equal(stack.account().length, made);
    const [, parent = ""] = /import \S+ multi-client <its id> --parent '([^']+)'/.exec(told) ?? [];
    await stack.must("refresh", "--clear-pending-creates", "--yes");
    const flags = ["--parent", parent, "--protect=false", "--generate-code=false", "--yes"];
    await stack.must("import", cluster, "multi-client", "multi-client", ...flags);

    const { code, output } = await stack.make("up");
    assert.equal(code, 0, output);
    assert.match(output, /Critical path, [\d.]+ s: \d+ resources one after another/);
    assert.equal(stack.account().filter(({ type }) => type === cluster).length, 1);
  });
});
