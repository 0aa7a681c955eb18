import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drift } from "../../../launcher/commands/drift.ts";
import { drill } from "../../../launcher/commands/drill.ts";
import { preview } from "../../../launcher/commands/preview.ts";
import { policy } from "../../../launcher/commands/tools.ts";
import type { EngineEvent } from "../../../launcher/engine/events.ts";
import {
  driftResult,
  markdown,
  previewResult,
  readResult,
  recorded,
} from "../../../launcher/pipeline/result.ts";

const at = "2026-11-27T20:00:00.000Z";
const urnOf = (types: string, name: string) => `urn:pulumi:prod::multi-client::${types}::${name}`;
const service = urnOf("multi-client:app:Application$kubernetes:core/v1:Service", "server");

/** The begin of a step, as the engine 3.276.0 reports it. */
function step(op: string, urn: string, more: object = {}): EngineEvent {
  const type = urn.split("::")[2]?.split("$").at(-1) ?? "";
  return { resourcePreEvent: { metadata: { op, urn, type, old: null, new: null, ...more } } };
}
const summary = (resourceChanges: Record<string, number>): EngineEvent => ({
  summaryEvent: { resourceChanges },
});
const update = step("update", service, {
  old: { inputs: { spec: { externalName: "before.example" } } },
  new: { inputs: { spec: { externalName: "after.example" } } },
  detailedDiff: { "spec.externalName": {} },
});
const removed = step("delete", urnOf("x$kubernetes:core/v1:Namespace", "ns"));
/** A field that others set, as the refresh before a plan finds it. */
const foreign: EngineEvent = {
  resOutputsEvent: {
    metadata: {
      op: "refresh",
      urn: service,
      type: "kubernetes:core/v1:Service",
      old: { inputs: {} },
      new: {
        outputs: {
          spec: { externalName: "theirs.example" },
          metadata: {
            name: "server",
            managedFields: [{ manager: "kubectl-patch", fieldsV1: { "f:spec": { "f:externalName": {} } } }],
          },
        },
      },
    },
  },
};

describe("the result of a preview", () => {
  it("has operation, URN and changed keys of each step, and the engine's counts", () => {
    const events = [
      step("refresh", service),
      step("same", service),
      update,
      step("create-replacement", service),
      step("update", service, { detailedDiff: null, diffs: ["data"] }),
      summary({ same: 30, update: 2 }),
    ];
    assert.deepEqual(previewResult("prod", at, events), {
      stack: "prod",
      at,
      status: "changes",
      counts: { same: 30, update: 2 },
      changes: [
        { op: "update", urn: service, keys: ["spec.externalName"] },
        { op: "update", urn: service, keys: ["data"] },
      ],
      destructive: [],
    });
  });

  it("is `same` where nothing changes", () => {
    assert.equal(previewResult("prod", at, [summary({ same: 36 })]).status, "same");
  });

  it("holds no value of an input or output, nor does its text", () => {
    const events = [update, foreign, summary({ update: 1 })];
    for (const [kind, result] of [
      ["preview", previewResult("prod", at, events)],
      ["drift", driftResult("prod", at, events)],
    ] as const)
      assert.doesNotMatch(JSON.stringify(result) + markdown(kind, result), /\.example/);
  });

  it("reads as a table, with what is lost before it", () => {
    const result = previewResult("prod", at, [update, removed, summary({ update: 1, delete: 1 })]);
    assert.equal(
      markdown("preview", result),
      [
        "### Preview of stack `prod`: 1 update, 1 delete",
        "",
        "**This plan loses something:**",
        "",
        "- Namespace `ns` is deleted; lost: everything in the namespace, its claims and their data among it",
        "",
        "| operation | resource | changed |",
        "| --- | --- | --- |",
        "| update | Service `server` | `spec.externalName` |",
        "| delete | Namespace `ns` |  |",
        "",
      ].join("\n"),
    );
  });

  it("has names that are no markup, whatever is in them", () => {
    const odd = step("create", urnOf("kubernetes:core/v1:Secret", "a`b|c\n# d"));
    assert.match(
      markdown("preview", previewResult("prod", at, [odd])),
      /^\| create \| Secret `a b c # d` \| {2}\|$/m,
    );
  });
});

describe("the result of a search for drift", () => {
  it("is `clean` where nothing differs", () => {
    assert.equal(driftResult("prod", at, [summary({ same: 36 })]).status, "clean");
  });

  it("is `drift` where the plan changes something, or another field manager set a field", () => {
    assert.equal(driftResult("prod", at, [update, summary({ same: 35, update: 1 })]).status, "drift");
    const { status, foreign: fields } = driftResult("prod", at, [foreign, summary({ same: 36 })]);
    assert.equal(status, "drift");
    assert.deepEqual(fields, [
      { object: "Service server", manager: "kubectl-patch", field: "spec.externalName", isOurs: false },
    ]);
  });
});

describe("result files", () => {
  let root = "";
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), "multi-client-result-"))));
  afterEach(() => {
    rmSync(root, { recursive: true });
  });
  const good = () => previewResult("prod", at, [summary({ same: 36 })]);

  it("are the JSON and the text of the result", async () => {
    await recorded(root, "preview", "prod", () => Promise.resolve(good()));
    const { result, text } = readResult(root, "preview", "prod");
    assert.deepEqual(result, good());
    assert.equal(text, readFileSync(join(root, "build/ci/preview-prod.md"), "utf8"));
    assert.equal(text, "### Preview of stack `prod`: nothing changes\n");
  });

  it("say `error` while the command works and where it fails, whatever an earlier run wrote", async () => {
    await recorded(root, "preview", "prod", () => Promise.resolve(good()));
    const failing = recorded(root, "preview", "prod", () => {
      assert.equal(readResult(root, "preview", "prod").result.status, "error");
      return Promise.reject(new Error("replicas: 7 is wrong"));
    });
    await assert.rejects(failing);
    const { result, text } = readResult(root, "preview", "prod");
    assert.equal(result.status, "error");
    assert.match(text, /error: it did not come to its end/);
    assert.doesNotMatch(text, /replicas/);
  });

  it("of an earlier run are none of a command that fails before it can plan, whatever the reason", async () => {
    const silent = () => undefined;
    const failed = async (command: typeof preview, STACK: string, env: NodeJS.ProcessEnv) => {
      await assert.rejects(
        async () => command({ command: "", root, env: { ...env, STACK }, write: silent, log: silent }),
        { name: "UserError" },
      );
    };
    writeFileSync(join(root, "Pulumi.prod.yaml"), "config:\n  multi-client:cluster: { provider: eks }\n");
    writeFileSync(join(root, "Pulumi.cut.yaml"), "config: {\n");
    for (const folder of ["ci", "drill"]) mkdirSync(join(root, "build", folder), { recursive: true });
    for (const [stack, env] of [
      ["prod", { PLUGINS: "bogus" }],
      ["cut", {}],
    ] as const) {
      for (const file of ["ci/policy", `ci/preview-${stack}`, `ci/drift-${stack}`, `drill/${stack}`])
        for (const end of ["json", "md"])
          writeFileSync(join(root, `build/${file}.${end}`), '{ "status": "same", "ok": true }');
      await failed(preview, stack, env);
      await failed(drift, stack, env);
      assert.equal(readResult(root, "preview", stack).result.status, "error");
      assert.equal(readResult(root, "drift", stack).result.status, "error");
      await failed(drill, stack, env);
      const report = readFileSync(join(root, `build/drill/${stack}.json`), "utf8");
      assert.equal((JSON.parse(report) as { ok: boolean }).ok, false);
    }
    await failed(policy, "cut", {});
    for (const end of ["json", "md"]) assert.ok(!existsSync(join(root, `build/ci/policy.${end}`)));
  });

  it("that are not there are asked for with the command that writes them", () => {
    assert.throws(
      () => readResult(root, "drift", "prod"),
      /drift-prod\.json is not there\.\nFix: make drift STACK=prod/,
    );
  });
});
