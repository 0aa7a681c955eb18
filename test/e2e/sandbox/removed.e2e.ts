import assert from "node:assert/strict";
import { deployed, ServiceList } from "../changes.ts";
import { get, list } from "../cluster.ts";
import { settled } from "../day-two.ts";
import { testStack, type TestStack } from "../stack.ts";
import { context } from "../world.ts";

describe("a service with storage that leaves the list", () => {
  let stack: TestStack;
  let services: ServiceList;
  const papers = () => services.stateful("papers");
  const withPassword = (key: string, more = "") =>
    services.stateful(key, `${more}\n    env: { OWN: { password: "${key}" } },\n    password: "OWN",`);
  const held = async () =>
    [
      await get("PersistentVolumeClaim", "notes-data", stack.namespace),
      ...(await list("Secret", stack.namespace)).filter(({ metadata }) =>
        metadata.name.startsWith("notes-password-"),
      ),
    ].map((object) => object?.metadata.uid as string | undefined);
  const refusal = async () => {
    const { code, output } = await stack.pulumi(["preview"]);
    assert.notEqual(code, 0);
    return output;
  };
  const protectedStack = { cluster: { provider: "existing", context, local: false } };

  before(async () => {
    stack = await testStack("removed");
    services = new ServiceList(stack);
    services.add(papers() + withPassword("notes"));
    await stack.up(protectedStack);
  });
  after(async () => {
    await stack.up();
    await stack.must("destroy", "--yes", "--skip-preview");
    assert.equal(await get("Namespace", stack.namespace), undefined, "what was kept goes with its namespace");
    await stack.drop();
  });

  it("is refused in the preview where data is protected", async () => {
    const uids = await held();
    services.add(papers());
    assert.match(await refusal(), /StatefulSet::notes" cannot be deleted\s+because it is protected/);
    assert.deepEqual(await held(), uids);
  });

  it("may get another key where data is protected: claim and password are kept, and stay protected", async () => {
    const uids = await held();
    services.add(papers() + withPassword("memos", '\n    formerly: ["notes"],'));
    const { plan, rolled } = await deployed(stack);
    assert.deepEqual(plan, [
      "replace NetworkPolicy memos: metadata, spec",
      "replace Service memos-headless: metadata, spec",
      "replace Service memos: metadata, spec",
      "replace ServiceAccount memos: metadata",
      "replace StatefulSet memos: metadata, spec",
      "update PersistentVolumeClaim memos-data: metadata",
      "update Secret memos-password: metadata",
    ]);
    assert.deepEqual(rolled, ["memos"]);
    assert.deepEqual(await held(), uids);
    await settled(stack);
    services.add(papers());
    assert.match(
      await refusal(),
      /PersistentVolumeClaim::memos-data" cannot be deleted\s+because it is protected/,
    );
  });

  it("leaves its claim and its password in the namespace of a local stack, and the plan says so", async () => {
    const uids = await held();
    services.add(papers() + withPassword("memos"));
    await stack.up();
    services.edit();
    const { plan, rolled } = await deployed(stack);
    assert.deepEqual(
      plan.filter((line) => line.includes("memos")),
      [
        "delete NetworkPolicy memos",
        "delete Service memos",
        "delete Service memos-headless",
        "delete ServiceAccount memos",
        "delete Stash memos-password",
        "delete StatefulSet memos",
        "retain PersistentVolumeClaim memos-data",
        "retain Secret memos-password",
      ],
    );
    assert.deepEqual(rolled, []);
    assert.equal(await get("StatefulSet", "memos", stack.namespace), undefined);
    assert.deepEqual(await held(), uids);
    await settled(stack);
  });

  it("does not come back to its claim by itself: the claim is named, left alone, and can be taken over", async () => {
    const claimUid = async () =>
      (await get("PersistentVolumeClaim", "papers-data", stack.namespace))?.metadata.uid as string;
    const uid = await claimUid();
    services.add(papers());
    const { code, output } = await stack.make("up");
    assert.notEqual(code, 0);
    assert.match(
      output,
      /persistentvolumeclaims papers-data is in the cluster already[\s\S]*it is left alone/,
    );
    assert.equal(await claimUid(), uid);
    const { stdout } = await stack.must("stack", "export");
    const urns = [...stdout.matchAll(/"urn": "([^"]+)"/g)].map(([, urn = ""]) => urn);
    const [parent = "", provider = ""] = ["StatefulService::papers", "kubernetes::kubernetes"].map((end) =>
      urns.find((urn) => urn.endsWith(end)),
    );
    const claim = [
      "kubernetes:core/v1:PersistentVolumeClaim",
      "papers-data",
      `${stack.namespace}/papers-data`,
    ];
    const flags = ["--yes", "--skip-preview", "--generate-code=false", "--protect=false"];
    await stack.must(
      "import",
      ...claim,
      "--parent",
      `papers=${parent}`,
      "--provider",
      `kubernetes=${provider}`,
      ...flags,
    );
    await stack.up();
    assert.equal(await claimUid(), uid);
    await settled(stack);
  });
});
