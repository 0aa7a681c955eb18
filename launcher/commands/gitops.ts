import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { groupOf } from "../../config/raw-settings.ts";
import { UserError } from "../../system/errors.ts";
import { value } from "../../system/folders.ts";
import { shellWord } from "../../system/shell-command.ts";
import { chooseBackend, shownUrl, type Backend } from "../engine/backend.ts";
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
  const problems = problemsOf(name, backend, source);
  if (problems.length > 0) throw new UserError(`${problems.join("\n\n")}\n\nNothing was written.`);
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
  // The engine takes a final newline off a PULUMI_CONFIG_PASSPHRASE_FILE, and not off the variable that the Secret becomes.
  if (hasPassphrase)
    log(
      `First, once: kubectl create namespace ${namespace}, and in it the passphrase of the stack:\n` +
        `  tr -d '\\n' <FILE | kubectl -n ${namespace} create secret generic ${PASSPHRASE} --from-file passphrase=/dev/stdin`,
    );
  if (groupOf(readSettingsOf(root, name).sections.rollout).takeOver !== true)
    log(
      `Warning: what others set by hand is refused, again and again: nobody answers. To set it back, write into Pulumi.${name}.yaml:\n` +
        "  multi-client:rollout: { takeOver: true }",
    );
  return Promise.resolve();
}

/** The backends that the pod of an operator reaches: Pulumi's service asks for a token, which no manifest may show. */
const REACHED = /^(s3|azblob|gs|postgres):\/\//;
/** The longest name of which {@link operatorNamespace} makes a DNS label. */
const LONGEST = 63 - operatorNamespace("").length;

/** Says why the manifests of a stack could not work, or would show a secret. */
function problemsOf(
  name: string,
  backend: Backend,
  source: { readonly flux: string } | { readonly repository: string },
): string[] {
  const problems: string[] = [];
  if (name.length > LONGEST || !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name))
    problems.push(
      `Stack ${name} gives namespace ${operatorNamespace(name)}, which the API server refuses.\n` +
        `Expected: a name of 1 to ${LONGEST} lower-case letters, digits and '-', neither first nor last '-'.\n` +
        `Fix: pulumi stack rename NEW-NAME --stack ${shellWord(name)}`,
    );
  const found = shownUrl(backend);
  if (!REACHED.test(backend.url))
    problems.push(
      `The state of stack ${name} is in ${found} (${backend.because}), where no pod reaches it.\n` +
        "Expected: s3://, azblob://, gs:// or postgres://.\n" +
        "Fix: export PULUMI_BACKEND_URL='s3://<the bucket that has it>' (docs/gitops.md, Set up once)",
    );
  else if (found !== backend.url)
    problems.push(
      `The URL of the state has a password (${backend.because}), which a manifest would show.\n` +
        `Found: ${found}\nExpected: a URL without one, such as that of a bucket (docs/gitops.md, Set up once).`,
    );
  if ("flux" in source) {
    if (!/^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(source.flux))
      problems.push(
        `FLUX is ${JSON.stringify(source.flux)}, which is no name of a GitRepository.\n` +
          "Fix: kubectl get gitrepositories --all-namespaces, which lists them",
      );
    return problems;
  }
  // Over HTTP the token of a repository also stands alone before the @, as its user.
  const open = shownUrl({ ...backend, url: source.repository }).replace(/^(https?:\/\/)[^/?#]*@/i, "$1***@");
  if (open !== source.repository)
    problems.push(
      `REPO has a login (a user, password or token), which a manifest would show.\nFound: ${open}\n` +
        `Fix: make gitops STACK=${name} REPO=${shellWord(open.replace(/:\/\/.*@/, "://"))}, or FLUX=NAME, whose GitRepository has the login in a Secret`,
    );
  return problems;
}
