import assert from "node:assert/strict";
import { parse } from "yaml";
import { isManagedProvider } from "../config/clouds/index.ts";
import { inOrder, kustomization, manifestText, manifests } from "../render/manifests.ts";
import { committedStacks, renderProgram, stackConfig } from "../render/program.ts";
import { redacted, type Recorded } from "../render/recorder.ts";
import { only, runStack } from "./support/pulumi.ts";
import { accounts, managed } from "./config/facts.ts";
import { certificate, key } from "./support/tls.ts";

describe("render", () => {
  let ordered: Recorded[];
  before(async () => {
    ordered = inOrder((await runStack("dev")).resources);
  });

  it("puts every resource after its parent and everything it depends on", () => {
    const place = new Map(ordered.map(({ urn }, index) => [urn, index]));
    for (const { urn, parent, dependsOn } of ordered) {
      for (const earlier of [...dependsOn, ...(parent === "" ? [] : [parent])]) {
        assert.ok((place.get(earlier) ?? Infinity) < (place.get(urn) ?? -1), `${earlier} before ${urn}`);
      }
    }
  });

  it("starts with the namespace and has a Secret and a ConfigMap before the pods that read them", () => {
    const kinds = manifests(ordered).map(({ yaml }) => (parse(yaml) as { kind: string }).kind);
    assert.equal(kinds[0], "Namespace");
    assert.ok(kinds.indexOf("ConfigMap") < kinds.indexOf("Deployment"));
    assert.ok(kinds.indexOf("Secret") < kinds.lastIndexOf("StatefulSet"));
  });

  it("gives URNs as the engine does, with the types of all ancestors", () => {
    assert.equal(
      only(ordered, "kubernetes:apps/v1:Deployment", "client").urn,
      "urn:pulumi:dev::multi-client::multi-client:app:Application$multi-client:app:StatelessService$kubernetes:apps/v1:Deployment::client",
    );
  });

  it("hides the password everywhere, as text that the API takes", () => {
    const secret = only(ordered, "kubernetes:core/v1:Secret", "postgres-password");
    assert.deepEqual(secret.inputs.data, { PGPASSWORD: redacted });
    const login = only(ordered, "kubernetes:core/v1:Secret", "postgres-login");
    assert.deepEqual(Object.values(login.inputs.data as object), [redacted, redacted, redacted]);
    const stashed = (name: string) => only(ordered, "pulumi:index:Stash", name).inputs.input;
    assert.equal(stashed("postgres-password"), redacted);
    assert.deepEqual(stashed("postgres-login"), { user: redacted, password: redacted, verifier: redacted });
    const manifest = manifests(ordered).find(({ file }) => file.includes("-secret-postgres-password"));
    const object = parse(manifest?.yaml ?? "") as Record<string, unknown>;
    assert.deepEqual(object.stringData, { PGPASSWORD: redacted });
    assert.ok(!("data" in object));
  });

  it("is a kustomize base of all objects but Secrets", () => {
    const { resources } = parse(kustomization(manifests(ordered))) as { resources: string[] };
    const files = manifests(ordered).map(({ file }) => `objects/${file}`);
    assert.deepEqual(
      files.filter((file) => !resources.includes(file)),
      files.filter((file) => file.includes("-secret-")),
    );
    assert.deepEqual(
      resources.filter((file) => !files.includes(file)),
      [],
    );
  });

  it("gives the same text every time, though the password differs: names hash what is shown", async () => {
    const again = inOrder((await renderProgram("dev", stackConfig("dev"))).resources);
    assert.deepEqual(manifests(again), manifests(ordered));
  });

  it("gives a ConfigMap another name when its content changes, and the pods that read it", async () => {
    const tls = await runStack("dev", { exposure: { type: "clusterIP" } });
    const other = await runStack("dev", {
      exposure: { type: "ingress", tls: { certificate, key } },
    });
    const names = [tls, other].map(({ resources }) => {
      const { name } = only(resources, "kubernetes:core/v1:ConfigMap").inputs.metadata as { name: string };
      const pod = JSON.stringify(only(resources, "kubernetes:apps/v1:Deployment", "client").inputs);
      assert.ok(pod.includes(name));
      return name;
    });
    assert.match(names[0] ?? "", /^client-nginx-[0-9a-f]{8}$/);
    assert.notEqual(names[0], names[1]);
  });

  it("is read back as the same objects by readers of YAML 1.1, as kubectl and Argo CD are, and of 1.2", async function () {
    this.timeout("1m");
    for (const stack of committedStacks())
      for (const { file, yaml, object } of manifests(inOrder((await runStack(stack)).resources)))
        for (const version of ["1.1", "1.2"] as const)
          assert.deepEqual(parse(yaml, { version }), object, `${file} of ${stack} in YAML ${version}`);
  });

  it("keeps every text a text, as value and as key, whatever a reader of YAML could take it for", () => {
    const words =
      "yes No ON off y N true False ~ null = << a:b *a &a !a %a @a `a #a 2026-11-27 2026-11-27t10:00:00Z";
    const numbers = "1:30 190:20:30 1_000 0777 0o17 0b1 0x1F 1e3 +1 -.inf .NaN 1.";
    const texts = [...`${words} ${numbers}`.split(" "), "", " a ", "a: b", "- a", "a #b", "a\n\n b\t\n"];
    const object = { list: texts, map: Object.fromEntries(texts.map((text) => [text, text])) };
    for (const version of ["1.1", "1.2"] as const)
      assert.deepEqual(parse(manifestText(object), { version }), object, `in YAML ${version}`);
  });

  it("takes an account of one's own, with placeholder values beside it or without any", async function () {
    this.timeout("1m");
    for (const stack of committedStacks()) {
      const config = stackConfig(stack);
      const cluster = config["multi-client:cluster"] as { provider: string };
      const cloud = cluster.provider;
      if (!isManagedProvider(cloud)) continue;
      const account = { ...config, ...accounts[cloud] };
      const { admins, authorizedCidrs } = managed[cloud].cluster;
      const own = { ...account, "multi-client:cluster": { ...cluster, admins, authorizedCidrs } };
      const { resources } = await runStack(stack);
      for (const changed of [account, own])
        assert.equal((await renderProgram(stack, changed)).resources.length, resources.length);
    }
  });

  it("refuses resources that depend on each other", () => {
    const [a, b] = ordered;
    assert.ok(a && b);
    const circle = [
      { ...a, parent: "", dependsOn: [b.urn] },
      { ...b, parent: "", dependsOn: [a.urn] },
    ];
    assert.throws(() => inOrder(circle), /depend on each other/);
  });
});
