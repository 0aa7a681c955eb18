import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { groupOf } from "../../config/raw-settings.ts";
import { UserError } from "../../system/errors.ts";
import { value } from "../../system/folders.ts";
import { chooseBackend, shownUrl } from "../engine/backend.ts";
import { pulumiVersion } from "../engine/find-engine.ts";
import { operatorManifests, operatorNamespace, PASSPHRASE } from "../pipeline/operator.ts";
import { contextOf, type Invocation } from "../stack/plan.ts";
import { isLocal, readSettingsOf, readStack } from "../stack/read-stack.ts";

/** Writes the manifests by which the Pulumi Kubernetes Operator deploys a stack, to build/gitops/STACK.yaml. */
export function gitops({ root, env, log }: Invocation): Promise<void> {
  const name = value(env.STACK);
  const [repository, flux] = [value(env.REPO), value(env.FLUX)];
  const source = flux !== undefined ? { flux } : repository !== undefined && { repository };
  if (name === undefined || source === false)
    throw new UserError(
      "make gitops needs a stack, and where the operator finds the program.\n" +
        "Fix: make gitops STACK=prod REPO=https://github.com/OWNER/NAME\n" +
        "or, with the name of a GitRepository of Flux: make gitops STACK=prod FLUX=multi-client",
    );
  const stack = readStack(root, name);
  if (stack.target.provider === "other") contextOf(stack);
  if (isLocal(stack))
    throw new UserError(
      `Stack ${name} is on this computer, where no operator reaches it.\nExpected: a stack elsewhere.`,
    );
  const backend = chooseBackend(env);
  if (backend.url.startsWith("file:"))
    throw new UserError(
      `The state of stack ${name} is in ${backend.url} (${backend.because}), where no pod reaches it.\n` +
        "Fix: set PULUMI_BACKEND_URL to the bucket that has it (docs/gitops.md, Set up once).",
    );
  if (shownUrl(backend) !== backend.url)
    throw new UserError(
      `The URL of the state has a password (${backend.because}), which a manifest would show. Nothing was written.\n` +
        `Found: ${shownUrl(backend)}\nExpected: a URL without one, such as that of a bucket (docs/gitops.md, Set up once).`,
    );
  const hasPassphrase = stack.secretsProvider === undefined || stack.secretsProvider === "passphrase";
  const manifests = operatorManifests({
    name,
    backend: backend.url,
    source,
    version: pulumiVersion(root),
    hasPassphrase,
  });
  const file = join("build", "gitops", `${name}.yaml`);
  mkdirSync(join(root, "build", "gitops"), { recursive: true });
  const texts = manifests.map((each) => stringify(each, { lineWidth: 0, compat: "yaml-1.1" }));
  writeFileSync(join(root, file), texts.join("---\n"));
  log(`${file}: kubectl apply -f ${file}`);
  const namespace = operatorNamespace(name);
  if (hasPassphrase)
    log(
      `First, once: kubectl create namespace ${namespace}, and in it the passphrase of the stack:\n` +
        `  kubectl -n ${namespace} create secret generic ${PASSPHRASE} --from-file passphrase=FILE`,
    );
  if (groupOf(readSettingsOf(root, name).sections.rollout).takeOver !== true)
    log(
      `Warning: what others set by hand is refused, again and again: nobody answers. To set it back, write into Pulumi.${name}.yaml:\n` +
        "  multi-client:rollout: { takeOver: true }",
    );
  return Promise.resolve();
}
