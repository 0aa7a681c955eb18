import assert from "node:assert/strict";
import { accountOf } from "../../config/accounts.ts";
import type { Facts } from "../../config/checks.ts";
import { problemText } from "../../config/problems.ts";
import { validate } from "../../config/validate.ts";
import { services } from "../../services.ts";
import { certificate, key } from "../support/tls.ts";
import { managed } from "./managed-refusals.ts";

const account = { account: "123456789012", region: "eu-central-1" };
const role = "arn:aws:iam::123456789012:role/platform";
const facts: Facts = {
  secretSections: [],
  defaultProviderDisabled: true,
  contexts: [],
  kubeconfig: "~/.kube/config",
  now: new Date("2026-12-03"),
  simulated: false,
  stack: "prod",
  account,
};
const { eks, aks } = managed;
const onEks = (change: object) => ({ ...eks, cluster: { ...eks.cluster, ...change } });
const onAks = (change: object) => ({ ...aks, cluster: { ...aks.cluster, ...change } });

const problems = (raw: Record<string, unknown>, given: Partial<Facts> = {}) =>
  validate(raw, services, { ...facts, ...given }).problems;
const keys = (raw: Record<string, unknown>, given: Partial<Facts> = {}) =>
  problems(raw, given)
    .map((problem) => problem.key.replace("multi-client:", ""))
    .sort();

describe("a wrong setting", () => {
  it("hides nothing of what is wrong beside it", () => {
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

  it("leaves the other entries of its list where they are", () => {
    const elsewhere = "arn:aws:iam::999999999999:role/platform";
    assert.deepEqual(keys(onEks({ admins: ["platform", role, elsewhere] })), [
      "cluster.admins[0]",
      "cluster.admins[2]",
    ]);
  });

  it("gives way to no value that nobody wrote", () => {
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

  it("leaves out what cannot be judged without it, and no more", () => {
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

  it("is left out with its group where neither an example nor nothing can stand for it", () => {
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
  const all = { "aws:region": "eu-central-1", "aws:allowedAccountIds": '["123456789012"]' };
  const accountWith = (change: Record<string, string>) => accountOf("eks", { ...all, ...change }, false);
  const wrong = onEks({
    admins: ["arn:aws:iam::999999999999:role/platform"],
    network: { zones: ["us-east-1a", "us-east-1b", "us-east-1c"] },
  });

  it("hides nothing that the others say", () => {
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

  it("is nothing to compare with when it is one of documentation", () => {
    const documentation = '["111122223333"]';
    const { account: found, problems: told } = accountWith({ "aws:allowedAccountIds": documentation });
    assert.equal(told.length, 1);
    assert.deepEqual(keys(onEks({}), { account: found }), []);
  });
});

describe("an administrator of documentation", () => {
  it("is told once, and not that it is of another account too", () => {
    assert.deepEqual(keys(onEks({ admins: ["arn:aws:iam::111122223333:role/platform"] })), [
      "cluster.admins[0]",
    ]);
  });
});
