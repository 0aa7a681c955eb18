import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guard } from "../../../launcher/commands/guard.ts";
import { stacks } from "../../../launcher/commands/stacks.ts";
import { destructiveSteps } from "../../../launcher/pipeline/destructive.ts";

const app = "multi-client:app:Application$";
const step = (op: string, types: string, name: string, more: object = {}) => ({
  op,
  urn: `urn:pulumi:prod::multi-client::${types}::${name}`,
  type: types.split("$").at(-1) ?? "",
  old: {},
  new: null,
  ...more,
});
const claim = "kubernetes:core/v1:PersistentVolumeClaim";
const password = `${app}multi-client:app:Password$`;

describe("a plan that loses something", () => {
  for (const [types, lost] of [
    [`${app}kubernetes:core/v1:Namespace`, /claims and their data/],
    [`${app}multi-client:app:StatefulService$${claim}`, /data on the volume/],
    [`${app}multi-client:app:StatefulService$kubernetes:apps/v1:StatefulSet`, /until its pod is Ready/],
    [`${password}pulumi:index:Stash`, /does not open the database/],
    [`${app}multi-client:app:Login$pulumi:index:Stash`, /the login with which/],
    [`${password}kubernetes:core/v1:Secret`, /cannot start without it/],
    ["multi-client:cluster:EksCluster$aws:eks/cluster:Cluster", /all that runs in it/],
    ["multi-client:cluster:EksCluster$aws:kms/key:Key", /nobody can read/],
    ["multi-client:cluster:AksCluster$azure-native:containerservice:ManagedCluster", /all that runs/],
    ["multi-client:cluster:GkeCluster$gcp:container/cluster:Cluster", /all that runs/],
    ["multi-client:cluster:GkeKey$gcp:kms/cryptoKey:CryptoKey", /nobody can read/],
  ] as const)
    it(`deletes or replaces ${types.split("$").slice(-2).join(" ")}`, () => {
      for (const op of ["delete", "replace"]) {
        const [found] = destructiveSteps([step(op, types, "x")]);
        assert.match(found?.why ?? "", lost);
      }
      assert.deepEqual(destructiveSteps([step("update", types, "x"), step("create", types, "x")]), []);
    });

  it("says which key makes the replacement necessary", () => {
    const [found] = destructiveSteps([
      step("replace", claim, "redis-data", { keys: ["spec.storageClassName"] }),
    ]);
    assert.equal(
      found?.why,
      "is replaced, because of spec.storageClassName; lost: the data on the volume, unless its class retains it",
    );
  });

  it("keeps logs for a shorter time: what is older goes at once", () => {
    const days = (number: number) => ({ inputs: { retentionInDays: number } });
    const change = (types: string, before: number, after: number) =>
      destructiveSteps([step("update", types, "x", { old: days(before), new: days(after) })]);
    for (const types of ["aws:cloudwatch/logGroup:LogGroup", "azure-native:operationalinsights:Workspace"]) {
      assert.equal(
        change(types, 731, 90)[0]?.why,
        "keeps 90 days instead of 731; lost: the logs in it, of the audit for example",
      );
      assert.deepEqual(change(types, 90, 731), []);
    }
    assert.match(
      change("aws:cloudwatch/logGroup:LogGroup", 0, 90)[0]?.why ?? "",
      /90 days instead of Infinity/,
    );
    assert.deepEqual(change("aws:cloudwatch/logGroup:LogGroup", 90, 0), []);
  });

  it("deletes or replaces whatever is protected in the state", () => {
    const types = "kubernetes:core/v1:Service";
    assert.deepEqual(destructiveSteps([step("delete", types, "x")]), []);
    const [found] = destructiveSteps([step("delete", types, "x", { old: { protect: true } })]);
    assert.match(found?.why ?? "", /is deleted; lost: what somebody protected/);
  });

  it("is none where the object stays and only leaves the state, nor where another Secret goes", () => {
    const kept = { old: { retainOnDelete: true } };
    assert.deepEqual(destructiveSteps([step("delete", claim, "redis-data", kept)]), []);
    assert.deepEqual(destructiveSteps([step("replace", `${app}kubernetes:core/v1:Secret`, "tls")]), []);
    assert.equal(destructiveSteps([step("replace", claim, "redis-data", kept)]).length, 1);
  });
});

/** A folder with stack files, and with the result of a preview of stack `prod`. */
const root = mkdtempSync(join(tmpdir(), "multi-client-guard-"));
after(() => {
  rmSync(root, { recursive: true });
});
const stackFile = (name: string, ...lines: string[]) => {
  writeFileSync(join(root, `Pulumi.${name}.yaml`), ["config:", ...lines, ""].join("\n  "));
};
const invocation = (env: NodeJS.ProcessEnv, lines: string[] = []) => ({
  command: "guard",
  root,
  env: { STACK: "prod", ...env },
  write: () => undefined,
  log: (line: string) => void lines.push(line),
});

describe("make guard", () => {
  const [lost] = destructiveSteps([step("delete", claim, "redis-data")]);
  const preview = (status: string, ...destructive: unknown[]) => {
    mkdirSync(join(root, "build/ci"), { recursive: true });
    const result = { stack: "prod", at: "2026-11-27", status, counts: {}, changes: [], destructive };
    for (const end of ["json", "md"])
      writeFileSync(join(root, `build/ci/preview-prod.${end}`), JSON.stringify(result));
  };
  const guarded = async (env: NodeJS.ProcessEnv = {}) => {
    const lines: string[] = [];
    await guard(invocation(env, lines));
    return lines.join("\n");
  };
  before(() => {
    stackFile("prod", "multi-client:cluster: { provider: existing, context: far }");
  });

  it("passes a plan that loses nothing", async () => {
    preview("changes");
    assert.equal(await guarded(), "Stack prod: the plan loses nothing.");
  });

  it("stops one that loses something, says what, and how it is allowed", async () => {
    preview("changes", lost);
    await assert.rejects(
      guarded(),
      /PersistentVolumeClaim\/redis-data is deleted; lost: the data[\s\S]*make guard STACK=prod ALLOW=PersistentVolumeClaim\/redis-data$/,
    );
    assert.match(await guarded({ ALLOW: "PersistentVolumeClaim/redis-data" }), /allowed: Persistent/);
  });

  it("names what would be lost as one word, for the shell and for make", async () => {
    preview("changes", { ...lost, name: "x;sh $(sh)" });
    await assert.rejects(guarded(), /ALLOW='PersistentVolumeClaim\/x;sh \$\$\(sh\)'$/);
  });

  it("refuses an exception that the plan does not need", async () => {
    preview("changes", lost);
    await assert.rejects(
      guarded({ ALLOW: "PersistentVolumeClaim/redis-data, Namespace/x" }),
      /neither deletes nor replaces: Namespace\/x/,
    );
  });

  it("takes no preview that failed for one that loses nothing", async () => {
    preview("error");
    await assert.rejects(guarded(), /did not come to its end\.\nFix: make preview STACK=prod/);
  });

  it("allows no change at all with CHANGES=none", async () => {
    preview("changes");
    await assert.rejects(guarded({ CHANGES: "none" }), /changes something, and CHANGES=none allows nothing/);
    preview("same");
    assert.match(await guarded({ CHANGES: "none" }), /loses nothing/);
    await assert.rejects(guarded({ CHANGES: "some" }), /Expected: none/);
  });
});

describe("make stacks", () => {
  const listed = async (env: NodeJS.ProcessEnv) => {
    const lines: string[] = [];
    await stacks(invocation({ STACK: "", ...env }, lines));
    return lines;
  };
  before(() => {
    stackFile("dev", "multi-client:cluster: { provider: minikube }");
    const cluster = "multi-client:cluster: { provider: eks }";
    stackFile("example", 'aws:allowedAccountIds: ["111122223333"]', cluster);
    stackFile("eu", 'aws:allowedAccountIds: ["210987654321"]', cluster);
  });

  it("lists each stack with its target and kind, as JSON on one line for a matrix", async () => {
    const [line = "", ...others] = await listed({ JSON: "1" });
    assert.deepEqual(others, []);
    assert.deepEqual(JSON.parse(line), [
      { stack: "dev", target: "minikube", kind: "local" },
      { stack: "eu", target: "eks", kind: "real" },
      { stack: "example", target: "eks", kind: "placeholder" },
      { stack: "prod", target: "existing", kind: "real" },
    ]);
  });

  it("lists one stack or those of one kind alone, and refuses a kind or stack that there is not", async () => {
    assert.deepEqual(await listed({ STACK: "dev" }), ["dev          minikube  local"]);
    assert.deepEqual(await listed({ STACK: "dev", KIND: "local" }), ["dev          minikube  local"]);
    await assert.rejects(
      async () => listed({ STACK: "dev", KIND: "real", JSON: "1" }),
      /Stack dev is local, and KIND asks for real.*\nFix: make stacks STACK=dev KIND=local;.*gh variable set STACK_KIND --body local$/,
    );
    assert.deepEqual(await listed({ KIND: "local" }), ["dev          minikube  local"]);
    await assert.rejects(async () => listed({ STACK: "de" }), /There is no stack "de"/);
    assert.deepEqual(await listed({ KIND: "real" }), [
      "eu           eks       real",
      "prod         existing  real",
    ]);
    await assert.rejects(async () => listed({ KIND: "reel" }), /Expected: local, placeholder, real/);
  });
});
