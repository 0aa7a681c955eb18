import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseBackend } from "../../launcher/engine/backend.ts";
import { choosePlugins } from "../../launcher/engine/plugins.ts";
import { passphrase } from "../../launcher/engine/environment.ts";
import { chooseStack, isLocal, readStack, type Stack, type Target } from "../../launcher/stack/stack-file.ts";

/** A folder with some files, for one test. */
function withFiles(files: Readonly<Record<string, string>>, test: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "launcher-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    test(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const stack = (name: string, target: Target): Stack => ({
  name,
  target,
  namespace: "multi-client",
  ingress: false,
  autoscaled: false,
});
const near: Target = { provider: "existing", context: "kind-kind", local: true };
const far: Target = { provider: "existing", context: "prod", local: false };

describe("the choice of the stack", () => {
  it("is what STACK says, minikube or not", () => {
    assert.equal(chooseStack("mine", true).name, "mine");
    assert.equal(chooseStack("mine", false).name, "mine");
  });

  it("is dev where minikube is on PATH, else sandbox, and says why", () => {
    assert.deepEqual(chooseStack(undefined, true), { name: "dev", because: "minikube is on PATH" });
    assert.deepEqual(chooseStack(undefined, false), { name: "sandbox", because: "minikube is not on PATH" });
  });

  it("lists the stacks there are when it is unknown", () => {
    assert.throws(() => readStack(".", "nope"), {
      name: "UserError",
      message: /no stack "nope"[\s\S]*Stacks: dev, prod, prod-aks, prod-gke, sandbox\.[\s\S]*Fix: /,
    });
  });

  it("reads dev as minikube and sandbox as a local context, both under a passphrase", () => {
    const dev = readStack(".", "dev");
    assert.deepEqual(dev.target, { provider: "minikube", context: "minikube", kubernetesVersion: "1.36" });
    const sandbox = readStack(".", "sandbox");
    assert.deepEqual(sandbox.target, { provider: "existing", context: "kwok-multi-client", local: true });
    for (const each of [dev, sandbox]) {
      assert.ok(isLocal(each));
      assert.equal(each.secretsProvider, "passphrase");
    }
  });

  it("sees what a stack asks of minikube: driver, Ingress, metrics for an autoscaler", () => {
    const file = [
      "secretsprovider: awskms://alias/key",
      "config:",
      "  multi-client:cluster: {provider: minikube, profile: mine, driver: kvm2}",
      "  multi-client:exposure: {type: ingress}",
      "  multi-client:services: {server: {scale: {min: 1, max: 3}}}",
      "  multi-client:namespace: other",
    ].join("\n");
    withFiles({ "Pulumi.x.yaml": file }, (root) => {
      assert.deepEqual(readStack(root, "x"), {
        name: "x",
        namespace: "other",
        ingress: true,
        autoscaled: true,
        target: { provider: "minikube", context: "mine", driver: "kvm2" },
        secretsProvider: "awskms://alias/key",
      });
    });
  });

  it("leaves a cluster it cannot read to the program's own check", () => {
    withFiles({ "Pulumi.x.yaml": "config: {multi-client:cluster: {provider: minkube}}" }, (root) => {
      assert.deepEqual(readStack(root, "x").target, { provider: "other" });
    });
  });

  it("says what is wrong with a file that is no YAML", () => {
    withFiles({ "Pulumi.x.yaml": "config: [" }, (root) => {
      assert.throws(() => readStack(root, "x"), {
        name: "UserError",
        message: /Pulumi\.x\.yaml cannot be read: /,
      });
    });
  });
});

describe("the choice of plugins", () => {
  it("is the official ones unless somebody asks", () => {
    for (const target of [near, far])
      assert.equal(choosePlugins(stack("x", target), undefined).plugins, "official");
    assert.equal(
      choosePlugins(stack("dev", { provider: "minikube", context: "m" }), undefined).plugins,
      "official",
    );
  });

  it("is the stand-ins for stack sandbox, end-to-end stacks, and on request for a local context", () => {
    assert.equal(choosePlugins(stack("sandbox", near), undefined).plugins, "standin");
    assert.equal(choosePlugins(stack("x", near), undefined, true).plugins, "standin");
    assert.equal(choosePlugins(stack("x", near), "standin").plugins, "standin");
    assert.equal(
      choosePlugins(stack("x", { provider: "minikube", context: "m" }), "standin").plugins,
      "standin",
    );
  });

  it("can be the official ones for stack sandbox, on a computer that can fetch them", () => {
    assert.equal(choosePlugins(stack("sandbox", near), "official").plugins, "official");
  });

  const refused = {
    "a context that is not local": () => choosePlugins(stack("x", far), "standin"),
    "a stack that names no cluster": () => choosePlugins(stack("x", { provider: "other" }), "standin"),
    "an end-to-end stack elsewhere": () => choosePlugins(stack("x", far), undefined, true),
    "stack sandbox, turned elsewhere": () => choosePlugins(stack("sandbox", far), undefined),
  };
  for (const [what, choose] of Object.entries(refused)) {
    it(`refuses stand-ins for ${what}, with the reason`, () => {
      assert.throws(choose, {
        name: "UserError",
        message: /are refused[\s\S]*Found in Pulumi\.[\s\S]*Expected: a local cluster[\s\S]*Fix: /,
      });
    });
  }

  it("refuses a value that PLUGINS cannot have", () => {
    assert.throws(
      () => choosePlugins(stack("x", near), "fake"),
      /PLUGINS is "fake"; it must be official or standin/,
    );
  });
});

describe("the choice of the backend", () => {
  const login = JSON.stringify({ current: "https://api.pulumi.com", accessTokens: {} });

  it("is PULUMI_BACKEND_URL before everything else", () => {
    withFiles({ "credentials.json": login }, (folder) => {
      const backend = chooseBackend({ PULUMI_BACKEND_URL: "s3://bucket", PULUMI_HOME: folder });
      assert.deepEqual(backend, { url: "s3://bucket", because: "PULUMI_BACKEND_URL", env: {} });
    });
  });

  it("is the current login, wherever its file is, and nothing is set for the CLI", () => {
    withFiles({ "credentials.json": login }, (folder) => {
      for (const env of [
        { PULUMI_HOME: folder },
        { PULUMI_HOME: "/nowhere", PULUMI_CREDENTIALS_PATH: folder },
      ]) {
        assert.deepEqual(chooseBackend(env), {
          url: "https://api.pulumi.com",
          because: "the current Pulumi login",
          env: {},
        });
      }
    });
  });

  it("counts a token in the environment, and a login that only the CLI can read, as a login", () => {
    const token = chooseBackend({ PULUMI_HOME: "/nowhere", PULUMI_ACCESS_TOKEN: "pul-1" });
    assert.equal(token.url, "https://api.pulumi.com");
    withFiles({ "credentials.json": '{"$pulumiSecureStore": 1, "backend": "keychain"}' }, (folder) => {
      const backend = chooseBackend({ PULUMI_HOME: folder });
      assert.match(backend.url, /encrypted/);
      assert.deepEqual(backend.env, {});
    });
  });

  it("is files in the state folder without a login, also after a logout, and only the CLI is told", () => {
    const wanted = {
      url: "file:///a%20b/multi-client",
      because: "no Pulumi login found",
      env: { PULUMI_BACKEND_URL: "file:///a%20b/multi-client" },
      folder: "/a b/multi-client",
    };
    withFiles({ "credentials.json": "{}" }, (folder) => {
      for (const PULUMI_HOME of ["/nowhere", folder]) {
        assert.deepEqual(chooseBackend({ PULUMI_HOME, XDG_STATE_HOME: "/a b" }), wanted);
      }
    });
  });

  it("ignores a relative XDG_STATE_HOME, as the specification asks", () => {
    const env = { HOME: "/home/me", XDG_STATE_HOME: "state" };
    assert.equal(chooseBackend(env).folder, "/home/me/.local/state/multi-client");
  });
});

describe("the passphrase", () => {
  it("is empty for dev, sandbox and end-to-end stacks", () => {
    const empty = { PULUMI_CONFIG_PASSPHRASE: "" };
    assert.deepEqual(passphrase("dev", {}), empty);
    assert.deepEqual(passphrase("sandbox", {}), empty);
    assert.deepEqual(passphrase("any", {}, true), empty);
  });

  it("is left to the user for every other stack, and wherever one is set", () => {
    assert.deepEqual(passphrase("prod", {}), {});
    assert.deepEqual(passphrase("dev", { PULUMI_CONFIG_PASSPHRASE: "mine" }), {});
    assert.deepEqual(passphrase("dev", { PULUMI_CONFIG_PASSPHRASE_FILE: "/a/file" }), {});
  });
});
