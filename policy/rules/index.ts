import { availabilityRules } from "./availability.ts";
import { cloudAccessRules } from "./cloud-access.ts";
import { controlPlaneRules } from "./control-planes.ts";
import { dataRules } from "./data.ts";
import { objectRules } from "./objects.ts";
import { podRules } from "./pods.ts";
import type { Rule } from "./rule.ts";

/** All rules, in the order of the table. */
export const rules: readonly Rule[] = [
  ...podRules,
  ...objectRules,
  ...availabilityRules,
  ...dataRules,
  ...controlPlaneRules,
  ...cloudAccessRules,
];

/** The types that the program registers and that no rule is about, with the reason. */
export const notCovered: Readonly<Record<string, string>> = {
  "aws:ec2/eip:Eip": "an address of a NAT gateway; what leaves by it is said by the network policies",
  "aws:ec2/internetGateway:InternetGateway": "opens nothing by itself; routes and addresses do",
  "aws:ec2/natGateway:NatGateway": "lets connections out only",
  "aws:ec2/route:Route":
    "where packets go; who may send them is said by security groups and network policies",
  "aws:ec2/routeTable:RouteTable": "holds routes",
  "aws:ec2/routeTableAssociation:RouteTableAssociation": "joins a route table and a subnet",
  "aws:ec2/vpcEndpoint:VpcEndpoint": "leads to S3 inside of the cloud, and opens nothing",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
    "lets the cluster's own network reach its private endpoint, which asks who it is",
  "aws:eks/accessEntry:AccessEntry": "names a role; the rights are in its policy association",
  "aws:eks/podIdentityAssociation:PodIdentityAssociation":
    "gives a role to one ServiceAccount; the rights are in the role's policy",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "when copies of backups end",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
    "says what S3 does anyway: it encrypts every object",
  "aws:eks/addon:Addon": "the metrics server and the snapshot controller, which have no settings here",
  "azure-native:authorization:ManagementLockByScope":
    "asked for by the rule deletion-protection of its cluster",
  "azure-native:containerservice:MaintenanceConfiguration": "when Azure may upgrade; any hour is allowed",
  "azure-native:managedidentity:UserAssignedIdentity": "has no rights by itself; role assignments give them",
  "azure-native:monitor:DiagnosticSetting": "asked for by the rule audit-log of its cluster",
  "azure-native:network:NatGateway": "lets connections out only",
  "azure-native:network:PublicIPAddress": "the address of the NAT gateway",
  "aws:ec2/flowLog:FlowLog": "asked for by the rule flow-log of its network",
  "gcp:compute/router:Router": "holds the NAT",
  "gcp:compute/routerNat:RouterNat": "lets connections out only",
  "gcp:projects/service:Service": "switches an API of the project on",
  "gcp:projects/serviceIdentity:ServiceIdentity": "the account of GKE itself, whose rights Google gives",
  "gcp:serviceaccount/account:Account": "has no rights by itself; IAM members give them",
  "kubernetes:core/v1:ConfigMap": "settings in clear, none of them secret",
  "kubernetes:core/v1:Secret": "its data is hidden from the rules; pods that read it are asked",
  "kubernetes:eks.amazonaws.com/v1:IngressClassParams": "asked for by the rule edge-tls of the Ingress",
  "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute":
    "leads to a Service; the Gateway says how it is reached",
  "kubernetes:networking.gke.io/v1:HealthCheckPolicy": "how the load balancer asks whether a pod serves",
  "kubernetes:networking.k8s.io/v1:IngressClass": "names a controller",
  "pulumi:providers:kubernetes": "how the engine reaches the cluster; nothing of it is in the cluster",
};
