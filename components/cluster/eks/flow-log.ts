import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { FlowLog } from "@pulumi/aws/ec2/flowLog.js";
import type { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import * as pulumi from "@pulumi/pulumi";

/** The arguments of an {@link EksFlowLog}. */
export interface EksFlowLogArgs {
  readonly vpc: Vpc;
  /** The connections that are kept. */
  readonly traffic: "all" | "rejected";
  /** The number of days that the log is kept. */
  readonly retentionDays: number;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The record of who spoke to whom in the network, in a log group of its own. Its role may write to that group alone.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
 */
export class EksFlowLog extends pulumi.ComponentResource {
  constructor(name: string, args: EksFlowLogArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:EksFlowLog", name, {}, opts);
    const { vpc, traffic, retentionDays: retentionInDays, tags } = args;
    const trafficType = traffic === "all" ? "ALL" : "REJECT";
    const parent = { parent: this };
    const group = new LogGroup(`${name}-flow`, { retentionInDays, tags }, parent);
    const role = new Role(`${name}-flow`, { assumeRolePolicy: trust(vpc), tags }, parent);
    const policy = new RolePolicy(`${name}-flow`, { role: role.name, policy: writing(group) }, parent);
    new FlowLog(
      name,
      { vpcId: vpc.id, trafficType, logDestination: group.arn, iamRoleArn: role.arn, tags },
      { parent: this, dependsOn: policy },
    );
    this.registerOutputs({});
  }
}

/** The role is for flow logs of the own account: otherwise anybody's could borrow it. */
function trust({ ownerId }: Vpc): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "vpc-flow-logs.amazonaws.com" },
        Action: ["sts:AssumeRole"],
        Condition: { StringEquals: { "aws:SourceAccount": ownerId } },
      },
    ],
  });
}

function writing({ arn }: LogGroup): pulumi.Output<string> {
  const actions = ["CreateLogStream", "DescribeLogGroups", "DescribeLogStreams", "PutLogEvents"];
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: actions.map((action) => `logs:${action}`),
        Resource: pulumi.interpolate`${arn}:*`,
      },
    ],
  });
}
