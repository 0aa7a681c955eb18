import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
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
});
