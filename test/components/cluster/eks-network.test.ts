import assert from "node:assert/strict";
import { all, assertOrder, aws, base, eks, inputs } from "../../support/eks.ts";
import { only } from "../../support/pulumi.ts";

const single = { network: { ...base.network, nat: "single" as const } };
/** Types that cannot be tagged, by their models. */
const untagged = [
  "Route",
  "RouteTableAssociation",
  "RolePolicy",
  "RolePolicyAttachment",
  "AccessPolicyAssociation",
];

describe("EksNetwork", () => {
  it("has a private and a public subnet in each zone of one VPC", async () => {
    const resources = await eks();
    const { cidrBlock, enableDnsHostnames, enableDnsSupport } = inputs(only(resources, aws("ec2/vpc")));
    assert.deepEqual([cidrBlock, enableDnsHostnames, enableDnsSupport], ["10.0.0.0/16", true, true]);
    const found = all(resources, aws("ec2/subnet")).map(({ inputs: given }) => [
      given.availabilityZone,
      given.cidrBlock,
    ]);
    assert.deepEqual(found.sort(), [
      ["eu-central-1a", "10.0.0.0/19"],
      ["eu-central-1a", "10.0.96.0/22"],
      ["eu-central-1b", "10.0.100.0/22"],
      ["eu-central-1b", "10.0.32.0/19"],
      ["eu-central-1c", "10.0.104.0/22"],
      ["eu-central-1c", "10.0.64.0/19"],
    ]);
  });

  it("tags subnets for load balancers, and gives no machine a public address", async () => {
    for (const subnet of all(await eks(), aws("ec2/subnet"))) {
      const { tags, mapPublicIpOnLaunch } = inputs(subnet);
      const role = subnet.name.includes("public")
        ? "kubernetes.io/role/elb"
        : "kubernetes.io/role/internal-elb";
      assert.deepEqual(tags, { ...base.tags, Name: subnet.name, [role]: "1" });
      assert.equal(mapPublicIpOnLaunch, false);
    }
  });

  it("routes each zone through its own NAT gateway, so that one may fail alone", async () => {
    const resources = await eks();
    for (const zone of base.network.zones) {
      const { routeTableId, natGatewayId } = inputs(
        only(resources, aws("ec2/route"), `shop-private-${zone}`),
      );
      assert.deepEqual([routeTableId, natGatewayId], [`shop-private-${zone}-id`, `shop-${zone}-id`]);
      const { subnetId } = inputs(only(resources, aws("ec2/natGateway"), `shop-${zone}`));
      assert.equal(subnetId, `shop-public-${zone}-id`);
    }
  });

  it("routes all zones through the first one's NAT gateway with nat: single", async () => {
    const resources = await eks(single);
    assert.equal(only(resources, aws("ec2/natGateway")).name, "shop-eu-central-1a");
    only(resources, aws("ec2/eip"));
    const routes = all(resources, aws("ec2/route")).filter(({ name }) => name.includes("private"));
    assert.deepEqual(
      routes.map(({ inputs: given }) => given.natGatewayId),
      base.network.zones.map(() => "shop-eu-central-1a-id"),
    );
    // Load balancers are in the other zones too.
    for (const association of all(resources, aws("ec2/routeTableAssociation")))
      assertOrder(resources, association, only(resources, aws("eks/cluster")));
  });

  it("keeps the routes of a NAT gateway to the internet for as long as it exists", async () => {
    const resources = await eks();
    const [gateway, route] = [aws("ec2/internetGateway"), aws("ec2/route")];
    for (const zone of base.network.zones) {
      const nat = only(resources, aws("ec2/natGateway"), `shop-${zone}`);
      const open = only(resources, route, "shop-public");
      assertOrder(resources, only(resources, gateway), open, only(resources, aws("ec2/eip"), nat.name), nat);
      assertOrder(resources, only(resources, aws("ec2/routeTableAssociation"), `shop-public-${zone}`), nat);
    }
  });

  it("leaves the default security group without any rule", async () => {
    const { ingress, egress, vpcId } = inputs(only(await eks(), aws("ec2/defaultSecurityGroup")));
    assert.deepEqual([ingress, egress, vpcId], [[], [], "shop-id"]);
  });

  it("fetches images from S3 past the NAT gateways", async () => {
    const { vpcEndpointType, serviceName, routeTableIds } = inputs(only(await eks(), aws("ec2/vpcEndpoint")));
    assert.deepEqual([vpcEndpointType, serviceName], ["Gateway", "com.amazonaws.eu-central-1.s3"]);
    assert.deepEqual(
      routeTableIds,
      base.network.zones.map((zone) => `shop-private-${zone}-id`),
    );
  });

  it("records flows, with a role that may write to that log group only", async () => {
    const resources = await eks();
    const { vpcId, trafficType, logDestination, iamRoleArn } = inputs(only(resources, aws("ec2/flowLog")));
    assert.deepEqual([vpcId, trafficType], ["shop-id", "ALL"]);
    assert.deepEqual([logDestination, iamRoleArn], ["<shop-flow.arn>", "<shop-flow.arn>"]);
    const group = only(resources, aws("cloudwatch/logGroup"), "shop-flow");
    assert.equal(inputs(group).retentionInDays, 90);
    const policy = only(resources, aws("iam/rolePolicy"));
    const { Statement: statements } = JSON.parse(inputs(policy).policy);
    assert.deepEqual(statements, [
      {
        Effect: "Allow",
        Action: [
          "logs:CreateLogStream",
          "logs:DescribeLogGroups",
          "logs:DescribeLogStreams",
          "logs:PutLogEvents",
        ],
        Resource: "<shop-flow.arn>:*",
      },
    ]);
    assertOrder(resources, group, policy, only(resources, aws("ec2/flowLog")));
  });

  it("records rejected connections alone, or none, where it is told so", async () => {
    const flowLogs = async (flowLog: "rejected" | "none") => {
      const resources = await eks({ network: { ...base.network, flowLog } });
      return resources.filter(({ type }) => type === aws("ec2/flowLog"));
    };
    assert.deepEqual(
      (await flowLogs("rejected")).map((each): unknown => inputs(each).trafficType),
      ["REJECT"],
    );
    assert.deepEqual(await flowLogs("none"), []);
  });

  it("lets flow logs of its own account alone assume that role", async () => {
    const role = only(await eks(), aws("iam/role"), "shop-flow");
    assert.deepEqual(JSON.parse(inputs(role).assumeRolePolicy).Statement, [
      {
        Effect: "Allow",
        Principal: { Service: "vpc-flow-logs.amazonaws.com" },
        Action: ["sts:AssumeRole"],
        Condition: { StringEquals: { "aws:SourceAccount": "<shop.ownerId>" } },
      },
    ]);
  });

  it("tags everything that AWS lets it tag", async () => {
    for (const { type, inputs: given } of await eks()) {
      if (!type.startsWith("aws:") || untagged.includes(type.split(":")[2] ?? "")) continue;
      const { application } = (given.tags ?? {}) as Record<string, string>;
      assert.equal(application, "multi-client", type);
    }
  });
});
