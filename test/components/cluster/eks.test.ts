import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { all, assertOrder, aws, base, eks, inputs, makeEks, value } from "../../support/eks.ts";
import { only, spec } from "../../support/pulumi.ts";

const controlPlane = aws("eks/cluster");
const provider = "pulumi:providers:kubernetes";
const storageClass = "kubernetes:storage.k8s.io/v1:StorageClass";
const ingressClass = "kubernetes:networking.k8s.io/v1:IngressClass";
const ingressClassParams = "kubernetes:eks.amazonaws.com/v1:IngressClassParams";
const certificate = "arn:aws:acm:eu-central-1:111122223333:certificate/00000000-0000-0000-0000-000000000000";

describe("EksCluster", () => {
  it("turns the three switches of Auto Mode on together", async () => {
    const { computeConfig, kubernetesNetworkConfig, storageConfig, bootstrapSelfManagedAddons } = inputs(
      only(await eks(), controlPlane),
    );
    assert.deepEqual(computeConfig, {
      enabled: true,
      nodePools: ["general-purpose", "system"],
      nodeRoleArn: "<shop-node.arn>",
    });
    assert.deepEqual(kubernetesNetworkConfig, {
      ipFamily: "ipv4",
      serviceIpv4Cidr: "172.20.0.0/16",
      elasticLoadBalancing: { enabled: true },
    });
    assert.deepEqual(storageConfig, { blockStorage: { enabled: true } });
    assert.equal(bootstrapSelfManagedAddons, false);
  });

  it("has a fixed name, the version of the settings, and standard support only", async () => {
    const { name, version, upgradePolicy, zonalShiftConfig } = inputs(only(await eks(), controlPlane));
    assert.deepEqual([name, version], ["shop", "1.36"]);
    assert.deepEqual([upgradePolicy, zonalShiftConfig], [{ supportType: "STANDARD" }, { enabled: true }]);
  });

  it("admits the listed CIDRs and its own network only", async () => {
    const { vpcConfig } = inputs(only(await eks(), controlPlane));
    assert.deepEqual(vpcConfig, {
      subnetIds: base.network.zones.map((zone) => `shop-private-${zone}-id`),
      endpointPrivateAccess: true,
      endpointPublicAccess: true,
      publicAccessCidrs: ["203.0.113.0/24"],
    });
  });

  it("has no public endpoint without a CIDR", async () => {
    const { vpcConfig } = inputs(only(await eks({ authorizedCidrs: [] }), controlPlane));
    assert.deepEqual([vpcConfig.endpointPrivateAccess, vpcConfig.endpointPublicAccess], [true, false]);
    assert.ok(!("publicAccessCidrs" in vpcConfig));
  });

  it("lets its own network reach the private endpoint, before there are objects", async () => {
    for (const authorizedCidrs of [base.authorizedCidrs, []]) {
      const resources = await eks({ authorizedCidrs });
      const rule = only(resources, aws("vpc/securityGroupIngressRule"));
      const { securityGroupId, cidrIpv4, ipProtocol, fromPort, toPort } = inputs(rule);
      assert.equal(securityGroupId, "<shop.clusterSecurityGroupId>");
      assert.deepEqual([cidrIpv4, ipProtocol, fromPort, toPort], [base.network.cidr, "tcp", 443, 443]);
      assertOrder(resources, rule, only(resources, provider));
    }
  });

  it("encrypts Secrets with a key of its own, which is rotated, and kept for 30 days", async () => {
    const resources = await eks();
    assert.deepEqual(inputs(only(resources, controlPlane)).encryptionConfig, {
      resources: ["secrets"],
      provider: { keyArn: "<shop.arn>" },
    });
    const { enableKeyRotation, deletionWindowInDays } = inputs(only(resources, aws("kms/key")));
    assert.deepEqual([enableKeyRotation, deletionWindowInDays], [true, 30]);
  });

  it("writes its logs to a group that is created before it, for as long as the settings say", async () => {
    const resources = await eks({ logRetentionDays: 30 });
    const cluster = only(resources, controlPlane);
    const group = only(resources, aws("cloudwatch/logGroup"), "shop");
    assert.deepEqual(inputs(cluster).enabledClusterLogTypes, ["api", "audit", "authenticator"]);
    assert.deepEqual([inputs(group).name, inputs(group).retentionInDays], ["/aws/eks/shop/cluster", 30]);
    assertOrder(resources, group, cluster);
  });

  it("protects cluster and key only where deletionProtection is on", async () => {
    const types = [controlPlane, aws("kms/key")];
    for (const deletionProtection of [true, false]) {
      const resources = await eks({ deletionProtection });
      const guarded = resources.filter(({ protect }) => protect).map(({ type }) => type);
      assert.deepEqual(guarded.sort(), deletionProtection ? types : []);
      assert.equal(inputs(only(resources, controlPlane)).deletionProtection, deletionProtection);
    }
  });

  it("grants each admin role administration, and no other principal, its creator included", async () => {
    const resources = await eks();
    assert.deepEqual(inputs(only(resources, controlPlane)).accessConfig, {
      authenticationMode: "API",
      bootstrapClusterCreatorAdminPermissions: false,
    });
    const grants = [aws("eks/accessEntry"), aws("eks/accessPolicyAssociation")].map((type) =>
      all(resources, type).map(({ inputs: { principalArn } }) => principalArn),
    );
    assert.deepEqual(grants, [base.admins, base.admins]);
    for (const grant of all(resources, aws("eks/accessPolicyAssociation"))) {
      const { policyArn, accessScope, clusterName } = inputs(grant);
      assert.equal(policyArn, "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy");
      assert.deepEqual([accessScope, clusterName], [{ type: "cluster" }, "shop"]);
    }
    for (const entry of all(resources, aws("eks/accessEntry"))) assert.equal(inputs(entry).type, "STANDARD");
  });

  it("creates the provider after all grants, so that objects are deleted while admins still may", async () => {
    const resources = await eks();
    const objects = only(resources, provider);
    for (const type of [aws("eks/accessEntry"), aws("eks/accessPolicyAssociation")])
      for (const grant of all(resources, type))
        assertOrder(resources, only(resources, controlPlane), grant, objects);
  });

  it("creates the add-on after the grants and before the first object, so that grants take effect", async () => {
    const resources = await eks();
    const addon = only(resources, aws("eks/addon"), "shop-metrics-server");
    for (const grant of all(resources, aws("eks/accessPolicyAssociation")))
      assertOrder(resources, grant, addon, only(resources, provider));
  });

  it("creates the cluster after the policies of its roles and the routes of its network", async () => {
    const resources = await eks();
    const cluster = only(resources, controlPlane);
    const needed = ["iam/rolePolicyAttachment", "ec2/route", "ec2/routeTableAssociation", "ec2/natGateway"];
    for (const earlier of needed.flatMap((path) => all(resources, aws(path))))
      assertOrder(resources, earlier, cluster);
  });

  it("lets AWS's services alone assume its roles, each with the policies of Auto Mode", async () => {
    const resources = await eks();
    const trust = (name: string) =>
      JSON.parse(inputs(only(resources, aws("iam/role"), name)).assumeRolePolicy).Statement;
    const allow = { Effect: "Allow" };
    assert.deepEqual(trust("shop-cluster"), [
      { ...allow, Principal: { Service: "eks.amazonaws.com" }, Action: ["sts:AssumeRole", "sts:TagSession"] },
    ]);
    assert.deepEqual(trust("shop-node"), [
      { ...allow, Principal: { Service: "ec2.amazonaws.com" }, Action: ["sts:AssumeRole"] },
    ]);
    for (const { name, inputs: given } of all(resources, aws("iam/rolePolicyAttachment"))) {
      const [, role = "", policy = ""] = /^(shop-[a-z]+)-(.*)$/.exec(name) ?? [];
      assert.deepEqual(given, { role: `<${role}.name>`, policyArn: `arn:aws:iam::aws:policy/${policy}` });
    }
  });

  it("installs the metrics server for autoscalers of pods, and the controller of snapshots", async () => {
    const addons = all(await eks(), aws("eks/addon")).map(inputs);
    assert.deepEqual(addons.map(({ addonName, clusterName }) => [addonName, clusterName]).sort(), [
      ["metrics-server", "shop"],
      ["snapshot-controller", "shop"],
    ]);
  });

  it("gives a kubeconfig in which the AWS CLI asks for the token", async () => {
    const { cluster } = await makeEks();
    const { users, clusters, ...rest } = JSON.parse(await value(cluster.kubeconfig));
    assert.deepEqual(clusters[0].cluster, {
      server: "<shop.endpoint>",
      "certificate-authority-data": "<shop.certificateAuthority>",
    });
    const { command, args, env } = users[0].user.exec;
    assert.deepEqual(
      [command, args.join(" "), env],
      ["aws", "eks get-token --cluster-name shop --region eu-central-1 --output json", undefined],
    );
    assert.equal(rest["current-context"], "shop");
  });

  it("identifies the cluster by ARN and time of creation, because its name is fixed", async () => {
    const resources = await eks();
    const { context, clusterIdentifier } = inputs(only(resources, provider));
    assert.deepEqual([context, clusterIdentifier], ["shop", "<shop.arn> <shop.createdAt>"]);
    const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
    assert.equal(objects.length, 4);
    for (const object of objects) assert.match(object.provider, /::kubernetes::kubernetes-id$/);
  });

  it("has encrypted disks, on nodes of Auto Mode", async () => {
    const { provisioner, parameters, allowedTopologies } = inputs(only(await eks(), storageClass));
    const compute = { key: "eks.amazonaws.com/compute-type", values: ["auto"] };
    assert.deepEqual(
      [provisioner, parameters, allowedTopologies],
      [
        "ebs.csi.eks.amazonaws.com",
        { type: "gp3", encrypted: "true" },
        [{ matchLabelExpressions: [compute] }],
      ],
    );
  });

  it("serves an Ingress through a load balancer that the internet reaches", async () => {
    const { resources, cluster } = await makeEks();
    const parameters = only(resources, ingressClassParams);
    assert.deepEqual(spec(parameters), { scheme: "internet-facing" });
    const { name } = inputs(parameters).metadata;
    assert.deepEqual(spec(only(resources, ingressClass)), {
      controller: "eks.amazonaws.com/alb",
      parameters: { apiGroup: "eks.amazonaws.com", kind: "IngressClassParams", name },
    });
    assert.match(name, /^shop-[0-9a-f]{8}$/);
    const className = await value(pulumi.output(cluster.ingress.className));
    assert.equal(className, inputs(only(resources, ingressClass)).metadata.name);
    assert.deepEqual([cluster.ingress.annotations, cluster.ingress.terminatesTls], [{}, false]);
  });

  it("terminates TLS at the load balancer with the certificate of the settings, and redirects HTTP", async () => {
    const { resources, cluster } = await makeEks({ certificate });
    assert.deepEqual(spec(only(resources, ingressClassParams)).certificateARNs, [certificate]);
    const alb = "alb.ingress.kubernetes.io";
    assert.equal(cluster.ingress.terminatesTls, true);
    assert.deepEqual(cluster.ingress.annotations, {
      [`${alb}/listen-ports`]: '[{"HTTP": 80}, {"HTTPS": 443}]',
      [`${alb}/ssl-redirect`]: "443",
      [`${alb}/ssl-policy`]: "ELBSecurityPolicy-TLS13-1-2-2021-06",
    });
  });

  it("lets pods ask the tenth address of its Services for names", async () => {
    const { cluster } = await makeEks();
    assert.deepEqual(cluster.dnsPeers, [{ ipBlock: { cidr: "172.20.0.10/32" } }]);
  });

  it("turns the network policy agent of Auto Mode on, and lets the load balancer's subnets knock", async () => {
    const { resources, cluster } = await makeEks();
    const { metadata, data } = inputs(only(resources, "kubernetes:core/v1:ConfigMap"));
    assert.deepEqual([metadata.namespace, metadata.name], ["kube-system", "amazon-vpc-cni"]);
    assert.deepEqual(data, { "enable-network-policy-controller": "true" });
    const open = all(resources, aws("ec2/subnet")).filter(({ name }) => name.startsWith("shop-public"));
    const expected = open.map((subnet) => ({ ipBlock: { cidr: inputs(subnet).cidrBlock } }));
    assert.deepEqual([cluster.edgePeers, expected.length], [expected, 3]);
  });
});
