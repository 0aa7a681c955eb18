import assert from "node:assert/strict";
import { accountOf } from "../../config/accounts.ts";
import type { Facts } from "../../config/checks.ts";
import { problemText } from "../../config/problems.ts";
import { validate } from "../../config/validate.ts";
import { services } from "../../services.ts";
import { certificate, key } from "../support/tls.ts";
import { accounts, factsOf, managed, onAks, onEks } from "./facts.ts";

const { eks } = managed;
const [role] = eks.cluster.admins;

const problems = (raw: Record<string, unknown>, given: Partial<Facts> = {}) =>
  validate(raw, services, factsOf("eks", given)).problems;
const keys = (raw: Record<string, unknown>, given: Partial<Facts> = {}) =>
  problems(raw, given)
    .map((problem) => problem.key.replace("multi-client:", ""))
    .sort();

describe("a wrong setting", () => {
  it("hides no other that is wrong beside it", () => {
    const raw = onEks({
      admins: "platform",
      kubernetesVersion: "1.20",
      network: { ...eks.cluster.network, cidr: "10.0.0.0/16", serviceCidr: "10.0.8.0/22", nat: "none" },
    });
    assert.deepEqual(keys(raw), [
      "cluster.admins",
      "cluster.kubernetesVersion",
      "cluster.network.nat",
      "cluster.network.serviceCidr",
    ]);
  });

  it("keeps the index of the other entries of its list", () => {
    const elsewhere = "arn:aws:iam::999999999999:role/platform";
    assert.deepEqual(keys(onEks({ admins: ["platform", role, elsewhere] })), [
      "cluster.admins[0]",
      "cluster.admins[2]",
    ]);
  });

  it("never lets a check report a value that the user did not write", () => {
    // Its example and its default, 10.0.0.0/16, would overlap the other network.
    assert.deepEqual(keys(onAks({ network: { cidr: "10.0", serviceCidr: "10.0.8.0/22" } })), [
      "cluster.network.cidr",
    ]);
    assert.deepEqual(keys(onAks({ network: { cdir: "10.9.0.0/16", serviceCidr: "10.0.8.0/22" } })), [
      "cluster.network.cdir",
    ]);
    assert.deepEqual(keys(onAks({ nodes: { min: 50, max: "many" } })), ["cluster.nodes.max"]);
    assert.deepEqual(keys({ ...eks, exposure: { tipe: "gateway", certificate: "x" } }), ["exposure.tipe"]);
  });

  it("suppresses only the checks that read it", () => {
    const { admins, network } = eks.cluster;
    for (const cluster of [
      { ...eks.cluster, provider: "ekss" },
      { admins, network },
    ])
      assert.deepEqual(keys({ ...eks, cluster, namespace: "kube-system" }), [
        "cluster.provider",
        "namespace",
      ]);
    assert.deepEqual(keys({ cluster: "eks", exposure: { type: "clusterIP", nodePort: 31515 } }), [
      "cluster",
      "exposure.nodePort",
    ]);
  });

  it("suppresses the checks of its group where nothing can stand for it", () => {
    const exposure = { type: "gateway", tls: { certificate: "x", key } };
    assert.deepEqual(keys({ ...eks, exposure }, { secretSections: ["exposure"] }), [
      "exposure.tls.certificate",
      "exposure.type",
    ]);
    const images = { redis: "A B", client: "client:1" };
    assert.deepEqual(keys({ ...eks, images }), ["images.client", "images.redis"]);
  });

  it("shows nothing of a section that holds a secret, whatever is wrong in it", () => {
    const exposure = { type: "ingress", host: 7, certificate: "hunter2", tls: { certificate, key } };
    const all = problems({ ...eks, exposure }, { secretSections: ["exposure"] });
    assert.deepEqual(
      all.map((problem) => problem.key.replace("multi-client:exposure.", "")),
      ["host", "tls", "certificate"],
    );
    const twice = onEks({ admins: [role, role] });
    const text = problemText("prod", [...all, ...problems(twice, { secretSections: ["cluster"] })]);
    assert.match(text, /cluster\.admins\n\s+found: +\[not shown\]/);
    for (const secret of ["hunter2", "role/platform", key.split("\n")[1] ?? "?"])
      assert.ok(!text.includes(secret), text);
  });
});

describe("a setting of the account that is missing or wrong", () => {
  const accountWith = (change: Record<string, string>) =>
    accountOf("eks", { ...accounts.eks, ...change }, "refused");
  const wrong = onEks({
    admins: ["arn:aws:iam::999999999999:role/platform"],
    network: { zones: ["us-east-1a", "us-east-1b", "us-east-1c"] },
  });

  it("suppresses only the checks that compare with it", () => {
    assert.deepEqual(keys(wrong, { account: accountWith({}).account }), [
      "cluster.admins[0]",
      "cluster.network.zones",
    ]);
    assert.deepEqual(keys(wrong, { account: accountWith({ "aws:region": "Frankfurt" }).account }), [
      "cluster.admins[0]",
    ]);
    assert.deepEqual(keys(wrong, { account: accountWith({ "aws:allowedAccountIds": "[]" }).account }), [
      "cluster.network.zones",
    ]);
  });

  it("is not compared with when it is a placeholder", () => {
    const placeholder = '["111122223333"]';
    const { account: found, problems: refused } = accountWith({ "aws:allowedAccountIds": placeholder });
    assert.equal(refused.length, 1);
    assert.deepEqual(keys(onEks({}), { account: found }), []);
  });
});

describe("a placeholder administrator", () => {
  it("is refused once, and not as one of another account too", () => {
    assert.deepEqual(keys(onEks({ admins: ["arn:aws:iam::111122223333:role/platform"] })), [
      "cluster.admins[0]",
    ]);
  });
});
