import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { refusals } from "../cloud-plugins/account-limits.ts";
import { loadRules, type Cloud } from "../cloud-plugins/cloud-rules.ts";
import { checkUnused, ExclusiveWork, leaveBehind } from "../cloud-plugins/in-use.ts";
import { SimulatedAccount, type AccountSettings } from "../cloud-plugins/simulated-account.ts";
import type { Fields } from "../../system/fields.ts";

const pool = "azure-native:containerservice:AgentPool";
const cluster = "aws:eks/cluster:Cluster";
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "multi-client-limits-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What a cloud answers to a resource, references to others that are not there aside. */
function answers(cloud: Cloud, type: string, inputs: Fields, old?: Fields): string[] {
  const resource = old && { type, id: "old", inputs: old, outputs: old, effective: 0 };
  return refusals(type, loadRules(cloud).types, inputs, account(), () => "westeurope", resource).filter(
    (each) => !/does not exist$|in use by/.test(each),
  );
}
const account = () => new SimulatedAccount(folder);
const settings = (some: Partial<AccountSettings>) => {
  writeFileSync(join(folder, "settings"), JSON.stringify(some));
};

describe("the limits of a simulated account", () => {
  it("count the CPUs of virtual machines, those that are there included", () => {
    const inputs = { vmSize: "Standard_D4ds_v5", count: 2 };
    account().put({ type: pool, id: "system", inputs, outputs: inputs, effective: 0 });
    const wanted = { vmSize: "Standard_D2ds_v5", count: 3 };
    assert.deepEqual(answers("azure-native", pool, wanted), []);
    settings({ limits: { vcpus: 14 } });
    assert.deepEqual(answers("azure-native", pool, wanted), []);
    settings({ limits: { vcpus: 13 } });
    assert.match(
      answers("azure-native", pool, wanted).join(),
      /InsufficientVCPUQuota.*left regional vcpu quota 5, requested quota 6/,
    );
  });

  it("count resources", () => {
    settings({ limits: { elasticIps: 0 } });
    assert.match(answers("aws", "aws:ec2/eip:Eip", {}).join(), /^AddressLimitExceeded: /);
  });

  it("refuse what needs a feature that is not registered, by default a preview", () => {
    const inputs = { securityProfile: { sshAccess: "Disabled" } };
    assert.match(answers("azure-native", pool, inputs).join(), /DisableSSHPreview is not enabled/);
    assert.deepEqual(answers("azure-native", pool, { securityProfile: {} }), []);
    settings({ features: ["Microsoft.ContainerService/DisableSSHPreview"] });
    assert.deepEqual(answers("azure-native", pool, inputs), []);
  });

  it("let a control plane go up by one minor version, not by two and not down", () => {
    const change = (from: string, to: string) =>
      answers("aws", cluster, { version: to }, { version: from }).filter((each) =>
        each.includes("one minor version"),
      );
    assert.deepEqual([...change("1.34", "1.35"), ...change("1.35", "1.35")], []);
    for (const [from, to] of [
      ["1.34", "1.36"],
      ["1.36", "1.35"],
    ] as const)
      assert.match(change(from, to).join(), new RegExp(`${from} cannot become ${to}`));
  });
});

describe("a simulated cloud that is at work", () => {
  it("refuses a second caller until it is done with the first", async () => {
    const work = new ExclusiveWork();
    const rule = { source: "", id: "", properties: {}, exclusive: "{resourceName}" };
    const run = (name: string, until: Promise<void>) =>
      work.run(
        rule,
        () => name,
        () => until,
      );
    let done: () => void = () => undefined;
    const first = run("shop", new Promise((resolve) => (done = resolve)));
    await run("other", Promise.resolve());
    await assert.rejects(
      run("shop", Promise.resolve()),
      /^Error: 409 OperationNotAllowed: .* in progress on shop/,
    );
    done();
    await first;
    await run("shop", Promise.resolve());
  });

  it("keeps a network as long as something of a deleted cluster is in it", () => {
    const leave = (seconds: number) => {
      const leaves = {
        id: "{name}-group",
        keeps: "{network}",
        message: "'{keeps}' is used by '{id}'",
        seconds,
      };
      leaveBehind("cluster", leaves, account(), (name) => `the-${name}`);
    };
    leave(3600);
    assert.throws(() => {
      checkUnused("the-network", account());
    }, /^Error: 'the-network' is used by 'the-name-group'$/);
    checkUnused("another", account());
    leave(0);
    checkUnused("the-network", account());
    assert.deepEqual(account().all(), []);
  });
});
