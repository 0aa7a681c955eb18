import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import { gitops } from "../../../launcher/commands/gitops.ts";

describe("make gitops", () => {
  const root = mkdtempSync(join(tmpdir(), "multi-client-gitops-"));
  const file = (name: string, cluster: string, more = "") => {
    writeFileSync(join(root, `Pulumi.${name}.yaml`), `config:\n  multi-client:cluster: ${cluster}\n${more}`);
  };
  before(() => {
    symlinkSync(resolve("node_modules"), join(root, "node_modules"));
    const key = "secretsprovider: awskms://alias/pulumi\n";
    file(
      "prod",
      "{ provider: existing, context: far }",
      `  multi-client:rollout: { takeOver: true }\n${key}`,
    );
    file("other", "{ provider: existing, context: far }");
    file("Prod_EU", "{ provider: existing, context: far }");
    file("dev", "{ provider: minikube }");
  });
  after(() => {
    rmSync(root, { recursive: true });
  });

  const bucket = { PULUMI_BACKEND_URL: "s3://state?region=eu-central-1&awssdk=v2" };
  const source = { REPO: "https://git.example/multi-client" };
  /** The lines that it prints, and the objects that it writes. */
  async function written(env: NodeJS.ProcessEnv) {
    const lines: string[] = [];
    const log = (line: string) => void lines.push(line);
    await gitops({ command: "gitops", root, env: { ...bucket, ...env }, write: log, log });
    const text = readFileSync(join(root, `build/gitops/${env.STACK ?? ""}.yaml`), "utf8");
    const objects = parseAllDocuments(text).map((document) => document.toJS());
    return { lines, objects, spec: objects.find(({ kind }) => kind === "Stack")?.spec };
  }

  it("writes a restricted namespace, an account, its right to review tokens, and a Stack that drift does not escape", async () => {
    const { objects, spec, lines } = await written({ STACK: "prod", ...source });
    assert.deepEqual(
      objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`),
      [
        "Namespace /pulumi-prod",
        "ServiceAccount pulumi-prod/multi-client",
        "ClusterRoleBinding /pulumi-prod:auth-delegator",
        "Stack pulumi-prod/prod",
      ],
    );
    assert.equal(objects[0].metadata.labels["pod-security.kubernetes.io/enforce"], "restricted");
    assert.equal(spec.stack, "organization/multi-client/prod");
    assert.equal(spec.projectRepo, source.REPO);
    assert.equal(spec.backend, bucket.PULUMI_BACKEND_URL);
    assert.ok(spec.refresh && spec.continueResyncOnCommitMatch && spec.resyncFrequencySeconds > 0);
    assert.equal(spec.destroyOnFinalize, false);
    assert.equal(spec.envRefs, undefined);
    assert.equal(lines.length, 1);
  });

  it("takes the passphrase from a Secret where the stack has one, and warns where hand changes are refused", async () => {
    const { spec, lines } = await written({ STACK: "other", ...source });
    const reference = { name: "pulumi-passphrase", key: "passphrase" };
    assert.deepEqual(spec.envRefs.PULUMI_CONFIG_PASSPHRASE.secret, reference);
    assert.match(
      lines.join("\n"),
      /create secret generic pulumi-passphrase[\s\S]*rollout: \{ takeOver: true \}/,
    );
    // The Secret becomes PULUMI_CONFIG_PASSPHRASE, of which the engine takes no newline off.
    const bin = mkdtempSync(join(root, "bin-"));
    writeFileSync(join(bin, "kubectl"), '#!/bin/sh\nfor last; do :; done\ncat "${last#*=}"\n', {
      mode: 0o755,
    });
    writeFileSync(join(bin, "FILE"), "hun ter2\n");
    const [, command = ""] = /^ +(.*create secret.*)$/m.exec(lines.join("\n")) ?? [];
    const env = { PATH: [bin, process.env.PATH].join(delimiter) };
    assert.equal(execFileSync("sh", ["-c", command], { cwd: bin, env, encoding: "utf8" }), "hun ter2");
  });

  it("takes the source of Flux in the place of a clone", async () => {
    const { spec } = await written({ STACK: "prod", FLUX: "multi-client" });
    assert.equal(spec.fluxSource.sourceRef.name, "multi-client");
    assert.equal(spec.projectRepo, undefined);
  });

  it("refuses a stack on this computer, a state in files, and a call without a source", async () => {
    await assert.rejects(async () => written({ STACK: "dev", ...source }), /no operator reaches it/);
    const local = { STACK: "prod", ...source, PULUMI_BACKEND_URL: "file:///state" };
    await assert.rejects(async () => written(local), /where no pod reaches it/);
    await assert.rejects(async () => written({ STACK: "prod" }), /make gitops STACK=prod REPO=/);
  });

  it("refuses a backend that no pod reaches, or that asks for a token or has a password", async () => {
    const refused = (PULUMI_BACKEND_URL: string, found: string) =>
      assert.rejects(async () => written({ STACK: "prod", ...source, PULUMI_BACKEND_URL }), {
        message: new RegExp(`Found: ${found}|is in ${found} \\(PULUMI_BACKEND_URL\\), where no pod`),
      });
    await refused("https://api.pulumi.com", "https://api.pulumi.com");
    await refused("postgres://ann:hunter2@db/p", "postgres://ann:\\*\\*\\*@db/p");
    writeFileSync(join(root, "credentials.json"), '{ "$pulumiSecureStore": 1 }');
    const encrypted = { PULUMI_BACKEND_URL: "", PULUMI_CREDENTIALS_PATH: root };
    await assert.rejects(
      async () => written({ STACK: "prod", ...source, ...encrypted }),
      /is in the account in the encrypted credentials file \(the current Pulumi login\), where no pod/,
    );
    for (const PULUMI_BACKEND_URL of ["azblob://state", "gs://state", "postgres://ann@db/p"])
      assert.equal((await written({ STACK: "prod", ...source, PULUMI_BACKEND_URL })).lines.length, 1);
  });

  it("refuses a repository with a password or token, and shows none", async () => {
    for (const login of ["ann:hunter2", "hunter2"])
      await assert.rejects(async () => written({ STACK: "prod", REPO: `https://${login}@git.example/m` }), {
        message:
          /^REPO has [^]*Found: https:\/\/(ann:)?\*{3}@git\.example\/m\nFix: make gitops STACK=prod REPO=https:\/\/git\.example\/m, or/,
      });
    for (const REPO of ["git@git.example:m.git", "ssh://git@git.example/m"])
      assert.equal((await written({ STACK: "prod", REPO })).spec.projectRepo, REPO);
  });

  it("refuses names that the API server refuses, all problems at once, and writes nothing", async () => {
    const all = { STACK: "Prod_EU", REPO: "https://t@git.example/m", PULUMI_BACKEND_URL: "file:///state" };
    await assert.rejects(async () => written(all), {
      message:
        /^Stack Prod_EU gives namespace pulumi-Prod_EU[^]* 1 to 56 [^]*\n\nThe state [^]*\n\nREPO has[^]*Nothing was written\.$/,
    });
    assert.ok(!existsSync(join(root, "build/gitops/Prod_EU.yaml")));
    await assert.rejects(async () => written({ STACK: "prod", FLUX: "Multi_Client" }), {
      message: /^FLUX is "Multi_Client"/,
    });
    file("a".repeat(56), "{ provider: existing, context: far }");
    file("a".repeat(57), "{ provider: existing, context: far }");
    await written({ STACK: "a".repeat(56), ...source });
    await assert.rejects(async () => written({ STACK: "a".repeat(57), ...source }), /1 to 56/);
  });
});
