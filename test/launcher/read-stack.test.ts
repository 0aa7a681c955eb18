import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { choosePlugins } from "../../launcher/engine/plugins.ts";
import { contextOf } from "../../launcher/stack/plan.ts";
import { chooseStack, isLocal, readStack, type Stack } from "../../launcher/stack/read-stack.ts";
import { withFiles } from "../support/files.ts";
import { refused } from "../support/stack-file-cases.ts";

const read = (text: string): Stack => withFiles({ "Pulumi.x.yaml": text }, (root) => readStack(root, "x"));

describe("the choice of the stack", () => {
  it("is what STACK says, minikube or not", () => {
    assert.equal(chooseStack("mine", true).name, "mine");
    assert.equal(chooseStack("mine", false).name, "mine");
  });

  it("is dev where minikube is on PATH, else sandbox, and says why", () => {
    assert.deepEqual(chooseStack(undefined, true), { name: "dev", because: "minikube is on PATH" });
    assert.deepEqual(chooseStack(undefined, false), { name: "sandbox", because: "minikube is not on PATH" });
  });
});

describe("a stack", () => {
  it("that is unknown is answered with those there are", () => {
    assert.throws(() => readStack(".", "nope"), {
      name: "UserError",
      message: /no stack "nope"[\s\S]*Stacks: dev, prod, prod-aks, prod-gke, sandbox\.[\s\S]*Fix: /,
    });
  });

  it("is read as minikube for dev and as a local context for sandbox, both under a passphrase", () => {
    const dev = readStack(".", "dev");
    assert.deepEqual(dev.target, { provider: "minikube", context: "minikube", kubernetesVersion: "1.36" });
    const sandbox = readStack(".", "sandbox");
    assert.deepEqual(sandbox.target, { provider: "existing", context: "sandbox-multi-client", local: true });
    for (const each of [dev, sandbox]) {
      assert.ok(isLocal(each));
      assert.equal(each.secretsProvider, "passphrase");
    }
  });

  for (const [name, cloud] of [
    ["prod", "eks"],
    ["prod-aks", "aks"],
    ["prod-gke", "gke"],
  ] as const)
    it(`is read as a cluster on ${cloud} under the placeholder account for ${name}`, () => {
      const target = { provider: "managed", cloud, hasPlaceholderAccount: true, simulated: false };
      assert.deepEqual(readStack(".", name).target, target);
    });

  it("knows the images that its pods name, by the settings of the stack", () => {
    const images = "{registry: mirror.test/hub, pullSecret: login, redis: other.test/redis:8}";
    const { images: named, pullSecret } = read(`config:\n  multi-client:images: ${images}\n`);
    assert.equal(pullSecret, "login");
    assert.ok(named.includes("other.test/redis:8"));
    assert.ok(named.some((image) => image.startsWith("mirror.test/hub/library/postgres:")));
    assert.ok(read("config: {}\n").images.some((image) => image.startsWith("docker.io/library/redis:")));
  });

  const wanted = {
    name: "x",
    namespace: "other",
    ingress: true,
    autoscaled: true,
    certificate: "PEM",
    target: { provider: "minikube", context: "mine", driver: "kvm2" },
    secretsProvider: "awskms://alias/key",
  };
  const sections = {
    cluster: { provider: "minikube", profile: "mine", driver: "kvm2" },
    exposure: { type: "ingress", tls: { certificate: "PEM", key: { secure: "v1:x" } } },
    services: { server: { scale: { min: 1, max: 3 } } },
    namespace: "other",
  };
  const written = (set: (key: string, value: unknown) => readonly [string, unknown]): string =>
    stringify({
      config: Object.fromEntries(Object.entries(sections).map(([key, value]) => set(key, value))),
      secretsprovider: "awskms://alias/key",
    });
  const full = (key: string) => `multi-client:${key}`;
  for (const [how, text] of Object.entries({
    "with the project's name in its keys": written((key, value) => [full(key), value]),
    "without the project's name in its keys": written((key, value) => [key, value]),
    "with the namespace config in its keys": written((key, value) => [`multi-client:config:${key}`, value]),
    "with its sections as JSON text": written((key, value) => [
      full(key),
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
    "by a merge key": written((key, value) => [full(key), value])
      .replace("config:\n", "shared: &shared\n")
      .concat("config:\n  <<: *shared\n"),
  }))
    it(`is the same ${how}`, () => {
      const { images, ...stack } = read(text);
      assert.deepEqual(stack, wanted);
      assert.ok(images.length > 0);
    });

  it("keeps its cloud, its account and its plugins however its sections are written", () => {
    const { config } = parse(readFileSync("Pulumi.prod.yaml", "utf8")) as { config: Record<string, unknown> };
    const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
    const asText = Object.fromEntries(Object.entries(config).map(([key, value]) => [key, text(value)]));
    const short = Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key.replace("multi-client:", ""), value]),
    );
    for (const form of [config, asText, short]) {
      const stack = read(stringify({ config: form }));
      assert.equal(choosePlugins(stack, "standin").plugins, "standin");
      const own = { ...form, "aws:allowedAccountIds": '["999999999999"]' };
      assert.throws(() => choosePlugins(read(stringify({ config: own })), "standin"), /names a real account/);
    }
  });

  for (const [fault, cluster] of [
    ["missing", ""],
    ["encrypted", "  multi-client:cluster: {secure: v1:x}\n"],
    ['of provider "minkube"', "  multi-client:cluster: {provider: minkube}\n"],
    ["without a provider", "  multi-client:cluster: text\n"],
    ["without a context", "  multi-client:cluster: {provider: existing}\n"],
  ] as const)
    it(`whose cluster is ${fault} is left to the program's check, and its context is asked for with a fix`, () => {
      const stack = read(`config:\n  a: b\n${cluster}`);
      assert.deepEqual(stack.target, { provider: "other", fault });
      assert.throws(() => contextOf(stack), {
        name: "UserError",
        message: new RegExp(
          `^Pulumi\\.x\\.yaml names no cluster: multi-client:cluster is ${fault}\\.\n[^]*\nFix: `,
        ),
      });
    });

  it("is refused by its file where the engine could not read that either", () => {
    for (const [text, says] of Object.values(refused)) assert.throws(() => read(text), says);
  });
});
