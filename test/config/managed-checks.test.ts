import assert from "node:assert/strict";
import { cloudOf, type ManagedProvider } from "../../config/clouds/index.ts";
import { daysLeft, WARN_DAYS } from "../../config/kubernetes-versions.ts";
import { managedWarnings } from "../../config/managed-checks.ts";
import { isManaged } from "../../config/schema.ts";
import { validate } from "../../config/validate.ts";
import { services } from "../../services.ts";
import { factsOf, managed, onAks, onEks, onGke, providers, fixOf } from "./facts.ts";

describe("a managed cluster", () => {
  for (const provider of providers)
    it(`of ${provider} is accepted with what its stack file must say, and public is what the cloud offers`, () => {
      const { cluster, exposure } = managed[provider];
      const result = validate(
        { cluster, exposure: { type: "public", plainHttp: true } },
        services,
        factsOf(provider),
      );
      assert.ok("config" in result, JSON.stringify(result.problems));
      assert.deepEqual(result.config.exposure, exposure);
      assert.deepEqual(validate(managed[provider], services, factsOf(provider)).problems, []);
    });
});

describe("the limits of what a cloud takes", () => {
  const { zones } = managed.eks.cluster.network;
  const vmSizes = [
    "Standard_D4ds_v5",
    "Standard_E8bds_v5",
    "Standard_DC4ads_cc_v5",
    "Standard_F4ads_v7",
    // Their names do not say that they have a local disk.
    "Standard_D4s_v3",
    "Standard_D4as_v4",
    "Standard_DS3_v2",
    "Standard_F8s_v2",
    "Standard_L8s_v3",
    "Standard_NC4as_T4_v3",
    "Standard_M64ms",
    "Standard_B8ms",
  ];
  const accepted: [title: string, provider: ManagedProvider, raw: Record<string, unknown>][] = [
    ["/12 of Services", "eks", onEks({ network: { zones, serviceCidr: "172.16.0.0/12" } })],
    ["/24 of Services", "eks", onEks({ network: { zones, serviceCidr: "192.168.9.0/24" } })],
    ["/20 for the nodes", "eks", onEks({ network: { zones, cidr: "10.0.0.0/20" } })],
    ["/13 of Services", "aks", onAks({ network: { serviceCidr: "10.16.0.0/13" } })],
    ["Services beside its own networks", "aks", onAks({ network: { serviceCidr: "172.29.0.0/16" } })],
    ["/16 of Services", "gke", onGke({ network: { serviceCidr: "10.16.0.0/16" } })],
    ["172.31.0.0/16, which is AKS's only", "gke", onGke({ network: { serviceCidr: "172.31.0.0/16" } })],
    [
      "a /24 of pods for each of 64 nodes",
      "aks",
      onAks({ network: { podCidr: "10.244.0.0/18" }, nodes: { max: 45 } }),
    ],
    [
      "an address for each of 123 nodes",
      "aks",
      onAks({ network: { cidr: "10.0.0.0/24" }, nodes: { max: 89 } }),
    ],
    ["as many nodes as there may be", "aks", onAks({ nodes: { max: 100 } })],
    ...[
      "user:ann@corp.test",
      "serviceAccount:ci@corp-shop.iam.gserviceaccount.com",
      "serviceAccount:corp-shop.svc.id.goog[ci/deployer]",
      "principal://iam.googleapis.com/locations/global/workforcePools/p/subject/ann",
    ].map((member): [string, ManagedProvider, Record<string, unknown>] => [
      `the member ${member}`,
      "gke",
      onGke({ admins: [member] }),
    ]),
    ["a group's id in capitals", "aks", onAks({ admins: ["ABCDEF01-2222-3333-4444-55555555555A"] })],
    ["a role with a path", "eks", onEks({ admins: ["arn:aws:iam::123456789012:role/a/b/c"] })],
    ...vmSizes.map((vmSize): [string, ManagedProvider, Record<string, unknown>] => [
      `nodes of ${vmSize}`,
      "aks",
      onAks({ nodes: { vmSize } }),
    ]),
  ];
  for (const [title, provider, raw] of accepted)
    it(`of ${provider} include ${title}`, () => {
      const { problems } = validate(raw, services, factsOf(provider));
      assert.deepEqual(problems, []);
    });
});

describe("the bucket of a cloud", () => {
  it("is refused where two services would copy to it, and one of them has no right to", () => {
    const { bucketCopy: copy } = services.postgres;
    const bucketCopy = { ...copy, dump: { ...copy.dump, env: {} } };
    const list = { ...services, redis: { ...services.redis, bucketCopy } };
    const of = (backup: object) => validate({ ...managed.eks, backup }, list, factsOf("eks")).problems;
    const [problem, ...more] = of({ bucket: true });
    assert.deepEqual(more, []);
    assert.equal(problem?.found, "bucketCopy on redis, postgres");
    const s3 = { endpoint: "https://s3.example.com", bucket: "backups", secret: "keys" };
    assert.deepEqual(of({ s3 }), []);
  });
});

describe("the name of a stack", () => {
  const of = (provider: ManagedProvider, stack: string) =>
    validate(managed[provider], services, factsOf(provider, { stack })).problems;

  it("must be a label on Google Cloud, and nowhere else", () => {
    for (const name of ["Prod.EU", "a".repeat(64)]) {
      const [problem, ...more] = of("gke", name);
      assert.deepEqual(more, []);
      assert.equal(problem?.key, "the stack's name");
      assert.equal(problem.found, JSON.stringify(name));
      assert.match(problem.expected, /1 to 63 of a-z, 0-9, '_' and '-' on gke, where it is a label \(https:/);
      assert.deepEqual([...of("eks", name), ...of("aks", name)], []);
    }
    assert.deepEqual(fixOf(of("gke", "Prod.EU")[0]), ["pulumi stack rename --stack prod prod-eu"]);
    assert.deepEqual([...of("gke", "a".repeat(63)), ...of("gke", "prod_2-eu")], []);
  });
});

describe("a Kubernetes version", () => {
  const end = cloudOf("eks").versions.versions["1.36"]?.end ?? "";
  const days = (count: number) => new Date(Date.parse(`${end}T12:00:00Z`) + count * 86_400_000);
  const on = (now: Date) => {
    const result = validate(managed.eks, services, factsOf("eks", { now }));
    assert.ok("config" in result && isManaged(result.config.cluster), JSON.stringify(result.problems));
    return managedWarnings(result.config.cluster, "prod", now);
  };

  it("may be out of support where deletion protection is off: the cluster could not be destroyed otherwise", () => {
    const cluster = { ...(managed.eks.cluster as object), deletionProtection: false };
    const keys = (raw: object) =>
      validate({ ...managed.eks, ...raw }, services, factsOf("eks", { now: days(1) })).problems.map(
        ({ key }) => key,
      );
    assert.deepEqual(keys({}), ["multi-client:cluster.kubernetesVersion"]);
    assert.deepEqual(keys({ cluster }), []);
  });

  it("is supported until the end of its last day", () => {
    const support = { end: "2027-08-02", exact: true };
    assert.equal(daysLeft(support, new Date("2027-08-02T23:00:00Z")), 0);
    assert.equal(daysLeft(support, new Date("2027-08-03T00:00:00Z")), -1);
    assert.equal(daysLeft(support, new Date("2027-07-03T12:00:00Z")), 30);
  });

  it("warns from 90 days before the end of its support, and not before", () => {
    assert.deepEqual(on(days(-WARN_DAYS - 1)), []);
    const [warning = "", ...more] = on(days(-WARN_DAYS));
    assert.deepEqual(more, []);
    assert.match(warning, new RegExp(`ends ${end}, in 90 days .*https://.*'?1\\.37'?`));
  });

  it("is refused the day after its end where the cloud names the day", () => {
    assert.equal(on(days(0)).length, 1);
    const { problems } = validate(managed.eks, services, factsOf("eks", { now: days(1) }));
    assert.match(problems[0]?.found ?? "", new RegExp(`ended ${end}`));
  });

  it("only warns after its end where the day follows from the cloud's rule", () => {
    const after = new Date("2028-01-01");
    const result = validate(managed.gke, services, factsOf("gke", { now: after }));
    assert.ok("config" in result && isManaged(result.config.cluster), JSON.stringify(result.problems));
    assert.match(managedWarnings(result.config.cluster, "prod", after).join(), /ended about 2027-06-28/);
  });
});
