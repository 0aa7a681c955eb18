import assert from "node:assert/strict";
import { clouds, type ManagedProvider } from "../../config/clouds/index.ts";
import { accountNeeds, type AccountFacts, type AccountNeed } from "../../launcher/clouds/account-needs.ts";
import { stateOf } from "../../launcher/commands/check.ts";
import { managed, providers } from "../config/facts.ts";

const account = { account: "123456789012", region: "REGION", location: "REGION", tenantId: "tenant" };
const factsOf = (provider: ManagedProvider, change: object = {}): AccountFacts => ({
  stack: "shop",
  account,
  cluster: clouds[provider].cluster.parse({ ...managed[provider].cluster, ...change }),
});
/** What an account lacks of the needs whose words match, by the answers to their questions. */
function lacks(provider: ManagedProvider, what: RegExp, answers: readonly string[], change: object = {}) {
  const facts = factsOf(provider, change);
  const needs = (accountNeeds[provider] as readonly AccountNeed[]).filter((need) =>
    what.test(need.what(facts)),
  );
  assert.equal(needs.length, 1, String(what));
  return needs[0]?.lack(answers, facts);
}

describe("what an account needs", () => {
  it("is asked by commands of the cloud's own CLI that only read", () => {
    const clis = { eks: "aws", aks: "az", gke: "gcloud" };
    for (const provider of providers)
      for (const need of accountNeeds[provider] as readonly AccountNeed[])
        for (const [program, ...args] of need.ask(factsOf(provider))) {
          const script = args.join(" ");
          if (program === "sh")
            assert.match(script, /gcloud auth print-access-token.* curl .*:testIamPermissions$/);
          else {
            assert.equal(program, clis[provider]);
            assert.match(script, /\b(get|describe|list|show)\b|describe-|get-|list-|simulate-/);
          }
        }
  });

  it("is brought by commands that name their stack, where they change its settings", () => {
    for (const provider of providers)
      for (const need of accountNeeds[provider] as readonly AccountNeed[]) {
        const fix = need.fix(factsOf(provider));
        if (fix.includes("pulumi")) assert.match(fix, / --stack shop /);
      }
  });

  it("has the rights for the bucket of backups where the stack has one, and only there", () => {
    const asked = (provider: ManagedProvider, bucket: boolean) =>
      (accountNeeds[provider] as readonly AccountNeed[])
        .flatMap((need) => need.ask({ ...factsOf(provider), bucket }))
        .flat()
        .join(" ");
    const action = { eks: "s3:CreateBucket", gke: "storage.buckets.create" };
    for (const [provider, name] of Object.entries(action) as [keyof typeof action, string][]) {
      assert.ok(asked(provider, true).includes(name));
      assert.ok(!asked(provider, false).includes(name));
    }
  });

  it("counts addresses that are used, by the number of NAT gateways", () => {
    const nat = { network: { ...managed.eks.cluster.network, nat: "single" } };
    assert.equal(lacks("eks", /Elastic IP/, ["5.0", "2"]), undefined);
    assert.equal(lacks("eks", /Elastic IP/, ["5.0", "3"]), "5.0, of which 3 are used");
    assert.equal(lacks("eks", /Elastic IP/, ["5.0", "4"], nat), undefined);
    assert.equal(lacks("eks", /Elastic IP/, ["", ""]), "no limit, of which  are used");
  });

  it("counts the CPUs of both pools at their largest, each with the nodes of an upgrade", () => {
    // 3 and 1 more of 4, 6 and 2 more of 2.
    assert.equal(lacks("aks", /vCPUs/, ["32", "0"]), undefined);
    assert.equal(lacks("aks", /vCPUs/, ["32", "1"]), "32, of which 1 are used");
    assert.equal(
      lacks("aks", /vCPUs/, ["40", "0"], { nodes: { vmSize: "Standard_D4ds_v5" } }),
      "40, of which 0 are used",
    );
  });

  it("takes the account's own words for what is on, registered, offered and logged in", () => {
    assert.equal(lacks("eks", /login/, ["999999999999"]), "999999999999");
    assert.equal(lacks("aks", /EncryptionAtHost/, ["Registering"]), "Registering");
    const zones = (...of: unknown[]) => lacks("aks", /^Standard_D2ds_v5/, [JSON.stringify(of)]);
    assert.equal(zones(["1", "2"], []), "zones: 1, 2");
    assert.equal(zones(["1", "2", "3"], null), undefined);
    assert.equal(zones(["1", "2", "3"], ["2"]), "zones: 1, 3");
    assert.equal(lacks("aks", /^Standard_D2ds_v5/, [""]), "zones: none");
    assert.equal(
      lacks("gke", /serviceusage/, ["compute.googleapis.com\nserviceusage.googleapis.com"]),
      undefined,
    );
    assert.equal(lacks("gke", /serviceusage/, [""]), "off");
    const quotas = JSON.stringify({ quotas: [{ metric: "CPUS", limit: 24, usage: 1 }] });
    assert.equal(lacks("gke", /CPUS/, [quotas]), "24, of which 1 are used");
  });

  it("is unknown, and not missing, where it may not be asked for, or has not the program", async () => {
    const need = { what: () => "", lack: () => undefined, fix: () => "" };
    const stateIn = (...ask: readonly string[]) =>
      stateOf({ ...need, ask: () => [ask] }, factsOf("eks"), process.env);
    assert.deepEqual(await stateIn("sh", "-c", "echo AccessDenied >&2; exit 254"), {
      is: "unknown",
      found: "AccessDenied",
    });
    assert.deepEqual(await stateIn("no-such-cli"), { is: "unknown", found: "no-such-cli is not on PATH" });
    assert.deepEqual(await stateIn("true"), { is: "there" });
  });

  it("takes the deployer's rights from the role that is logged in, by all of its patterns, and names what is missing", () => {
    const deployer = "arn:aws:sts::123456789012:assumed-role/platform/ann";
    assert.equal(lacks("eks", /rights/, [deployer, ""]), undefined);
    assert.equal(lacks("eks", /rights/, [deployer, "kms:CreateKey"]), "not allowed: kms:CreateKey");
    assert.match(
      String(lacks("eks", /rights/, [deployer.replace("platform", "other"), ""])),
      /none of cluster\.admins/,
    );
    const roles = (...all: object[]) => JSON.stringify(all);
    const contributor = {
      actions: ["*"],
      notActions: ["Microsoft.Authorization/*/Write", "Microsoft.Authorization/*/Delete"],
    };
    assert.equal(
      lacks("aks", /rights/, [roles(contributor)]),
      "not allowed: Microsoft.Authorization/roleAssignments/write, Microsoft.Authorization/roleAssignments/delete, " +
        "Microsoft.Authorization/locks/write, Microsoft.Authorization/locks/delete",
    );
    const administrator = { actions: ["*/read", "Microsoft.Authorization/*"], notActions: [] };
    assert.equal(lacks("aks", /rights/, [roles(contributor, administrator)]), undefined);
    assert.match(String(lacks("aks", /assign roles/, [roles(contributor)])), /roleAssignments\/write/);
    assert.match(
      String(lacks("gke", /rights/, ["{}"])),
      /not allowed: compute\.networks\.create, .* and \d+ more$/,
    );
  });
});
