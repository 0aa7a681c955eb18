import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { immutableSettings } from "../../config/cluster-args.ts";
import { loadStackConfig } from "../../config/stack-config.ts";
import { checkDrillFile, isOfDrill, writeDrillFile } from "../../launcher/backups/drill-stack.ts";
import type { State } from "../../launcher/recovery/pending-operations.ts";
import type { DeployedStack } from "../../launcher/stack/deployed-stack.ts";
import { readStack } from "../../launcher/stack/read-stack.ts";
import { services } from "../../services.ts";

/** Writes the file of the drill of a stack; gives its settings, and what was created in the cluster. */
async function drillOf(images: string, namespaces = "") {
  const root = mkdtempSync(join(tmpdir(), "multi-client-drill-stack-"));
  try {
    const cluster = "{ provider: existing, context: c }";
    writeFileSync(
      join(root, "Pulumi.shop.yaml"),
      `config:\n  multi-client:namespace: shop\n  multi-client:cluster: ${cluster}\n  multi-client:images: ${images}\n`,
    );
    const created: { kind: string; metadata: object; data?: object; type?: string }[] = [];
    const secret = { type: "kubernetes.io/dockerconfigjson", data: { ".dockerconfigjson": "e30=" } };
    const run = ([verb, kind]: readonly string[], text = ""): Promise<string> => {
      if (kind === "namespace") return Promise.resolve(namespaces);
      if (verb === "create") created.push(...(JSON.parse(text) as { items: typeof created }).items);
      return Promise.resolve(kind === "secret" ? JSON.stringify({ ...secret, metadata: { uid: "1" } }) : "");
    };
    const deployed = { root, stack: readStack(root, "shop"), cluster: { context: "c", env: {} } };
    const path = join(root, "Pulumi.drill-shop.yaml");
    const stack = deployed as unknown as DeployedStack;
    const written = writeDrillFile(stack, { run, command: ["kubectl"] }, "data");
    await written.finally(() => {
      assert.equal(existsSync(path), namespaces === "");
    });
    const file = readFileSync(path, "utf8");
    return { created, settings: (parse(file) as { config: Record<string, object> }).config, secret };
  } finally {
    rmSync(root, { recursive: true });
  }
}

describe("the stack of a drill", () => {
  it("has a copy of the stack's pull secret, in a namespace that is there before it", async () => {
    const { created, settings, secret } = await drillOf("{ pullSecret: login }");
    const labels = {
      "pod-security.kubernetes.io/enforce": "restricted",
      "app.kubernetes.io/managed-by": "multi-client-drill",
    };
    assert.deepEqual(
      created.map(({ kind, metadata }) => [kind, metadata]),
      [
        ["Namespace", { name: "drill-shop", labels }],
        ["Secret", { name: "login", namespace: "drill-shop" }],
      ],
    );
    assert.deepEqual({ type: created[1]?.type, data: created[1]?.data }, secret);
    assert.deepEqual(settings["multi-client:images"], { pullSecret: "login" });
    const cluster = { provider: "existing", context: "c", local: true };
    assert.deepEqual(settings["multi-client:cluster"], { ...cluster, existingNamespace: true });
  });

  it("makes its namespace itself where no pull secret is to be copied", async () => {
    const { created, settings } = await drillOf("{}");
    assert.deepEqual(created, []);
    assert.deepEqual(settings["multi-client:cluster"], { provider: "existing", context: "c", local: true });
  });

  it("takes no namespace that is there where no drill is: with the drill it would go", async () => {
    for (const images of ["{}", "{ pullSecret: login }"])
      await assert.rejects(
        drillOf(images, "namespace/drill-shop\n"),
        /Namespace drill-shop is there, and no drill that this backend knows made it[^]*kubectl delete namespace drill-shop/,
      );
  });

  for (const name of ["prod", "prod-aks", "prod-gke"])
    it(`is one that the program takes, on the cluster of ${name}, whose API server has a public name`, async () => {
      const root = mkdtempSync(join(tmpdir(), "multi-client-drill-stack-"));
      try {
        copyFileSync(`Pulumi.${name}.yaml`, join(root, `Pulumi.${name}.yaml`));
        const cluster = { context: "c", env: {} };
        const deployed = { root, stack: readStack(root, name), cluster } as unknown as DeployedStack;
        const run = ([, kind]: readonly string[]) => Promise.resolve(kind === "pvc" ? "disks" : "");
        await writeDrillFile(deployed, { run, command: ["kubectl"] }, "data");
        const file = readFileSync(join(root, `Pulumi.drill-${name}.yaml`), "utf8");
        const settings = Object.entries((parse(file) as { config: Record<string, unknown> }).config);
        const all = Object.fromEntries(
          settings.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
        );
        const kubeconfig = join(root, "kubeconfig");
        const clusters = [{ name: "c", cluster: { server: "https://example.eks.amazonaws.com" } }];
        const contexts = [{ name: "c", context: { cluster: "c", user: "c" } }];
        writeFileSync(kubeconfig, stringify({ clusters, contexts, users: [{ name: "c", user: {} }] }));
        const given = { project: "multi-client", stack: `drill-${name}`, all, secretKeys: [] };
        const load = (drill: string) => {
          const env = { KUBECONFIG: kubeconfig, MULTI_CLIENT_DRILL_STACK: drill };
          return loadStackConfig({ ...given, env, placeholders: "refused", now: new Date() }, services);
        };
        const loaded = load(`drill-${name}`);
        assert.ok("config" in loaded, JSON.stringify(loaded));
        assert.equal(immutableSettings(loaded.config)["make drill"], "throw-away");
        const { cluster: target, rollout } = loaded.config;
        assert.deepEqual(target, {
          ...{ provider: "existing", context: "c", local: true },
          ...{ storageClass: "disks", networkPolicies: "none" },
        });
        // Pods may wait for a node there: 600 s more than elsewhere.
        assert.ok((rollout.timeoutSeconds ?? 0) >= 900, String(rollout.timeoutSeconds));
        // Whatever its name, it may be so for make drill alone.
        for (const drill of ["", name]) {
          const other = load(drill);
          assert.ok("problems" in other && other.problems[0]?.key === "multi-client:cluster.local");
        }
      } finally {
        rmSync(root, { recursive: true });
      }
    });

  it("is known in the backend by what its program marked, before it made anything", () => {
    const stateOf = (settings?: object, ...types: readonly string[]): State => {
      const urn = "urn:pulumi:drill-shop::multi-client::pulumi:index:Stash::immutable-settings";
      const stash = { urn, type: "pulumi:index:Stash", outputs: { output: settings } };
      const others = types.map((type) => ({ urn: "", type, custom: true }));
      return { deployment: { resources: [...(settings === undefined ? [] : [stash]), ...others] } };
    };
    const namespace = "kubernetes:core/v1:Namespace";
    const settings = { "multi-client:namespace": "drill-shop" };
    assert.equal(isOfDrill(stateOf({ ...settings, "make drill": "throw-away" }, namespace)), true);
    assert.equal(isOfDrill(stateOf(settings, namespace)), false);
    assert.equal(isOfDrill(stateOf(undefined, namespace)), false);
    assert.equal(isOfDrill(stateOf(undefined, "pulumi:pulumi:Stack")), true);
  });

  it("is not what a stack file of that name says which no drill wrote", () => {
    const root = mkdtempSync(join(tmpdir(), "multi-client-drill-stack-"));
    try {
      const path = join(root, "Pulumi.drill-shop.yaml");
      writeFileSync(path, "config: {}\n");
      const env = { XDG_STATE_HOME: root };
      const stack = { root, env, stack: { name: "shop", namespace: "shop" } } as unknown as DeployedStack;
      assert.throws(() => {
        checkDrillFile(stack);
      }, /was not written by make drill[^]*Nothing was changed/);
      assert.equal(readFileSync(path, "utf8"), "config: {}\n");
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
