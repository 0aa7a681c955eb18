import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { aksServerId } from "../components/cluster/aks/control-plane.ts";
import { clouds } from "../config/clouds/index.ts";
import { defaultKubernetesVersion } from "../config/kubernetes-versions.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  /** The workflow that the job calls, instead of steps of its own. */
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly concurrency?: { readonly group: string; readonly "cancel-in-progress": boolean };
  readonly "timeout-minutes"?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>> & {
    readonly workflow_call?: { readonly inputs: Readonly<Record<string, unknown>> };
  };
  readonly permissions?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflows = globSync(".github/workflows/*.yml").sort();
const actions = globSync(".github/actions/*/action.yml").sort();
const read = (file: string) => parse(readFileSync(file, "utf8")) as Workflow;
const jobsOf = (file: string) => Object.entries(read(file).jobs);
const stepsOf = (file: string): readonly Step[] =>
  actions.includes(file)
    ? (parse(readFileSync(file, "utf8")) as { runs: { steps: Step[] } }).runs.steps
    : jobsOf(file).flatMap(([, { steps = [] }]) => steps);
const makefile = readFileSync("Makefile", "utf8");
const targets = new Set([...makefile.matchAll(/^([a-z0-9-]+):/gm)].map(([, target = ""]) => target));
const [, variables = ""] = /^export (.*)$/m.exec(makefile) ?? [];

for (const file of [...workflows, ...actions])
  describe(file, () => {
    it("pins each action by its commit, with the version beside it", () => {
      const uses = [...readFileSync(file, "utf8").matchAll(/uses: (.*)$/gm)].map(([, use = ""]) => use);
      const loose = uses.filter(
        (use) => !/^\.\/|^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(use),
      );
      assert.deepEqual(loose, []);
    });

    it("has no expression in a script: what is in it would be run", () => {
      const found = stepsOf(file).filter(({ run }) => run?.includes("${{"));
      assert.deepEqual(found, []);
    });

    it("calls make targets that there are, with variables that make hands on", () => {
      const steps = stepsOf(file);
      const calls = steps.flatMap(({ run = "" }) => [
        ...run.matchAll(/\bmake (?:-s )?([a-z0-9-]+)((?: [A-Z_]+=\S*)*)/g),
      ]);
      const unknown = calls.flatMap(([, target = "", settings = ""]) => [
        ...(targets.has(target) ? [] : [target]),
        ...[...settings.matchAll(/([A-Z_]+)=/g)].flatMap(([, name = ""]) =>
          variables.split(" ").includes(name) ? [] : [name],
        ),
      ]);
      assert.deepEqual(unknown, []);
    });
  });

for (const file of workflows)
  describe(file, () => {
    it("grants nothing to all jobs, and each job what it needs, for a limited time", () => {
      assert.deepEqual(read(file).permissions, {});
      for (const [name, { steps, permissions, "timeout-minutes": minutes }] of jobsOf(file)) {
        const readsCode = steps?.some(({ uses }) => uses?.startsWith("actions/checkout@")) ?? true;
        assert.equal(permissions?.contents, readsCode ? "read" : undefined, name);
        // A job that calls a workflow has the limits of the jobs in there.
        if (steps) assert.ok(minutes, name);
      }
    });

    it("calls workflows that there are, with inputs that they take", () => {
      for (const [name, { uses, with: inputs = {} }] of jobsOf(file)) {
        if (uses === undefined) continue;
        const taken = read(uses).on.workflow_call?.inputs;
        assert.ok(taken, `${name} calls ${uses}`);
        for (const input of Object.keys(inputs)) assert.ok(input in taken, input);
      }
    });

    it("leaves no token behind in the work tree", () => {
      const checkouts = stepsOf(file).filter(({ uses }) => uses?.startsWith("actions/checkout@"));
      assert.ok(checkouts.length > 0);
      for (const { with: settings } of checkouts) assert.equal(settings?.["persist-credentials"], false);
    });

    it("gives GitHub's token to the report alone", () => {
      for (const { run, env = {} } of stepsOf(file))
        if ("GITHUB_TOKEN" in env) assert.match(run ?? "", /^make report KIND=\w+$/);
    });

    it("gives credentials to jobs with an environment, and never to the code of a fork", () => {
      assert.ok(!("pull_request_target" in read(file).on));
      for (const [name, { if: condition, permissions = {}, environment, env, steps = [] }] of jobsOf(file)) {
        const text = JSON.stringify([env, steps]);
        const hasCredentials = "id-token" in permissions || /secrets\.|actions\/login/.test(text);
        assert.equal(hasCredentials, environment !== undefined, name);
        if (hasCredentials && "pull_request" in read(file).on)
          assert.match(condition ?? "", /head\.repo\.full_name == github\.repository/, name);
      }
    });
  });

describe("the workflows that change a stack", () => {
  it("wait for each other, and are not cancelled", () => {
    const changing = workflows.flatMap((file) =>
      jobsOf(file).filter(([, { steps = [] }]) =>
        steps.some(({ run }) => /^make (up|destroy)$/.test(run ?? "")),
      ),
    );
    const ofStacks = changing.filter(([, { environment }]) => environment !== undefined);
    assert.deepEqual(
      ofStacks.map(([name]) => name),
      ["deploy", "destroy"],
    );
    for (const [, { concurrency }] of ofStacks)
      assert.deepEqual(concurrency, { group: "stack-${{ matrix.stack }}", "cancel-in-progress": false });
  });

  it("deploy after the guard, and look afterwards at what came of it", () => {
    const steps = stepsOf(".github/workflows/deploy.yml").map(({ run = "" }) => run);
    const order = ["preview", "guard", "up", "smoke", "drift"].map((target) => `make ${target}`);
    assert.deepEqual(
      steps.filter((step) => order.includes(step)),
      order,
    );
  });

  it("have an environment of their own for each purpose, so that each has a role of its own", () => {
    const environments = workflows.flatMap((file) =>
      jobsOf(file).flatMap(([, { environment }]) => environment ?? []),
    );
    assert.equal(new Set(environments).size, environments.length);
  });
});

describe("the login", () => {
  const steps = stepsOf(".github/actions/login/action.yml");
  const scripts = steps.map(({ run = "" }) => run).join("\n");

  it("lasts on AWS as long as the longest job that logs in, which the roles of docs/pipeline-roles.md allow", () => {
    const minutes = workflows.flatMap((file) =>
      jobsOf(file).flatMap(([, { steps: own = [], "timeout-minutes": limit = 0 }]) =>
        own.some(({ uses }) => uses === "./.github/actions/login") ? [limit] : [],
      ),
    );
    const aws = steps.find(({ uses }) => uses?.startsWith("aws-actions/configure-aws-credentials@"));
    const seconds = Number(aws?.with?.["role-duration-seconds"] ?? 3600);
    assert.ok(seconds >= 60 * Math.max(...minutes), String(seconds));
    const roles = readFileSync("docs/pipeline-roles.md", "utf8").matchAll(/aws iam create-role .*/g);
    for (const [command] of roles)
      assert.match(command, new RegExp(`--max-session-duration ${String(seconds)} `));
  });

  it("asks for the token of AKS's API server while it may, by the id that the kubeconfig asks with", () => {
    assert.ok(scripts.includes(`az account get-access-token --resource ${aksServerId} `), scripts);
  });

  it("installs kubectl of the clusters' version", () => {
    const [, minor = ""] = /--client-version (1\.\d+)\.\d+ /.exec(scripts) ?? [];
    assert.equal(minor, defaultKubernetesVersion);
  });

  it("installs no package of Google, whose source the runner's image does not have", () => {
    assert.doesNotMatch(scripts, /apt-get install .*google-cloud/);
    const gcloud = steps.find(({ uses }) => uses?.startsWith("google-github-actions/setup-gcloud@"));
    assert.equal(gcloud?.with?.install_components, "gke-gcloud-auth-plugin");
  });
});

describe("docs/gitops.md", () => {
  const page = readFileSync("docs/gitops.md", "utf8");
  /** The make calls of a text, such as `report KIND=preview`. */
  const callsOf = (text: string) =>
    [...text.matchAll(/\bmake ((?:-s )?[a-z-]+(?: [A-Z]+=\w+)*)/g)].map(([, call = ""]) => call);
  const ofJob = (file: string, job: string) =>
    callsOf(
      read(`.github/workflows/${file}.yml`)
        .jobs[job]?.steps?.map(({ run }) => run)
        .join("\n") ?? "",
    );
  const [previews, deploys] = [ofJob("preview", "preview"), ofJob("deploy", "deploy")];

  const [, gitLabText = ""] = /```yaml\n([^]*?)```/.exec(page) ?? [];
  const gitLab = parse(gitLabText) as Record<string, Record<"script" | "before_script", readonly string[]>>;

  it("has a pipeline of GitLab that calls what the workflows call", () => {
    assert.deepEqual(callsOf(gitLab.preview?.script.join("\n") ?? ""), previews);
    assert.deepEqual(callsOf(gitLab.deploy?.script.join("\n") ?? ""), deploys);
    for (const name of Object.keys(gitLab.variables ?? {})) assert.ok(variables.split(" ").includes(name));
  });

  it("installs for GitLab kubectl of the clusters' version, and what the kubeconfig of EKS calls, each pinned", () => {
    const installed = gitLab.default?.before_script.join("\n") ?? "";
    const [, minor = ""] =
      / \/usr\/local\/bin\/kubectl \S+\/release\/v(1\.\d+)\.\d+\/bin\//.exec(installed) ?? [];
    assert.equal(minor, defaultKubernetesVersion);
    assert.match(installed, /\/awscli-exe-linux-x86_64-2\.\d+\.\d+\.zip && .*\/aws\/install$/m);
  });

  it("has a pipeline of Jenkins that calls what the workflows call, one stage after the other", () => {
    const [, text = ""] = /```groovy\n([^]*?)```/.exec(page) ?? [];
    assert.deepEqual(callsOf(text), [...previews, ...deploys]);
    for (const [, name = ""] of text.matchAll(/environment \{ ([A-Z]+) =/g))
      assert.ok(variables.split(" ").includes(name));
  });

  it("sends to a page with a role for each environment, on each cloud", () => {
    const named = workflows.flatMap((file) =>
      jobsOf(file).flatMap(([, { environment }]) => environment ?? []),
    );
    const wanted = named.map((name) => name.replace("${{ matrix.stack }}", "prod")).sort();
    const sections = readFileSync("docs/pipeline-roles.md", "utf8").split("\n## ").slice(1);
    assert.deepEqual(
      sections.map((section) => section.split("\n", 1)[0]),
      ["Environments", ...Object.keys(clouds).map((cloud) => cloud.toUpperCase())],
    );
    for (const section of sections) {
      const [, names = ""] = /^for environment in (.*); do$/m.exec(section) ?? [];
      assert.deepEqual(names.split(" ").sort(), wanted, section);
    }
  });
});
