import assert from "node:assert/strict";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { ensureBuilt } from "../../../sandbox/index.ts";
import { GitHubMock } from "../../support/github-mock.ts";
import { list } from "../cluster.ts";
import { edit } from "../day-two.ts";
import { testStack, type TestStack } from "../stack.ts";
import { folder, run, type Ran } from "../world.ts";

/** The actions of the login, as `OWNER/NAME@COMMIT`. */
const logins = (
  parse(readFileSync(".github/actions/login/action.yml", "utf8")) as { runs: { steps: { uses?: string }[] } }
).runs.steps.flatMap(({ uses }) => uses ?? []);
const files = globSync(".github/workflows/*.yml").sort();

/**
 * The committed workflows, run by https://github.com/nektos/act without containers. It copies the work tree for each job, as
 * the checkout does; the link to the dependencies comes with it. It enforces no permissions, environments or concurrency.
 */
describe("the workflows", () => {
  let stack: TestStack;
  let act = "";
  const github = new GitHubMock();
  const own = { repo: { full_name: github.repository } };
  const pullRequest = (head = own, login = "ann") => ({
    pull_request: { number: 12, head, user: { login } },
  });

  /** Runs a workflow on an event. */
  async function workflow(name: string, on: string, event: object = {}): Promise<Ran> {
    const at = join(folder, "act");
    const standIn = join(at, "login");
    mkdirSync(standIn, { recursive: true });
    writeFileSync(join(at, "event.json"), JSON.stringify(event));
    const action = "name: login\nruns: { using: composite, steps: [] }\n";
    writeFileSync(join(standIn, "action.yml"), action);
    const { GITHUB_TOKEN, ...api } = github.env;
    // The copy of the program is no Git repository.
    const variables = { ...api, GITHUB_REF: "refs/heads/main", SHA_REF: "0".repeat(40) };
    const args = [
      ...[on, "--workflows", `.github/workflows/${name}.yml`, "--eventpath", join(at, "event.json")],
      ...["--platform", "ubuntu-24.04=-self-hosted", "--action-cache-path", join(at, "cache")],
      ...["--action-offline-mode", "--no-cache-server", "--log-prefix-job-id"],
      ...logins.flatMap((each) => ["--local-repository", `${each}=${standIn}`]),
      ...Object.entries(variables).flatMap(([key, text]) => ["--env", `${key}=${text}`]),
      ...["--secret", `GITHUB_TOKEN=${GITHUB_TOKEN}`, "--var", "STACK_KIND=local"],
      ...["--var", `PULUMI_BACKEND_URL=${process.env.PULUMI_BACKEND_URL ?? ""}`],
    ];
    return run(act, args, { cwd: stack.project, env: { ACT_DISABLE_VERSION_CHECK: "1" } });
  }
  /** Tells whether a job did a step. */
  const did = ({ output }: Ran, job: string, step: string) =>
    output.split("\n").some((line) => line.startsWith(`[${job}]`) && line.includes(`Run Main ${step}`));

  before(async () => {
    act = join(await ensureBuilt("act", console.log), "act");
    await github.open();
    stack = await testStack("workflows", { rollout: { timeoutSeconds: 60 } });
    // The stacks of the repository are not deployed here.
    for (const file of globSync(join(stack.project, "Pulumi.*.yaml")))
      if (basename(file) !== `Pulumi.${stack.name}.yaml`) rmSync(file);
    await stack.up();
  });
  beforeEach(() => {
    stack.configure();
    github.posts.length = 0;
  });
  after(async () => {
    await github.close();
    await stack.destroy();
  });

  for (const file of files)
    it(`${basename(file)} has the keys and events that GitHub knows`, async () => {
      const { code, output } = await run(act, ["--validate", "--strict", "--workflows", file]);
      assert.equal(code, 0, output);
    });

  it("preview: a bot's pull request fails where it changes something, and the next push changes its one comment", async () => {
    const event = pullRequest(own, "renovate[bot]");
    stack.configure({ images: { server: "example.test/server:2" } });
    const opened = await workflow("preview", "pull_request", event);
    assert.notEqual(opened.code, 0);
    assert.match(opened.output, /CHANGES=none allows nothing/);
    assert.match(
      github.bodies("comment").join(),
      /^<!-- multi-client:preview:\S+ -->\n### Preview .*1 update/,
    );
    assert.match(github.bodies("comment").join(), /<summary>Policy: passed<\/summary>[^]*`image-digest`/);
    assert.doesNotMatch(github.bodies("comment").join(), /example\.test/);
    stack.configure();
    const pushed = await workflow("preview", "pull_request", event);
    assert.equal(pushed.code, 0, pushed.output);
    assert.equal(github.posts.length, 1);
    assert.match(github.bodies("comment").join(), /nothing changes/);
  });

  it("preview: the pull request of a fork is rendered, without login, state or token", async () => {
    const before = github.requests.length;
    const fork = { repo: { full_name: "stranger/multi-client" } };
    const ran = await workflow("preview", "pull_request", pullRequest(fork));
    assert.equal(ran.code, 0, ran.output);
    assert.ok(did(ran, "fork", "make render"), ran.output);
    assert.ok(!did(ran, "preview", "make preview"), ran.output);
    assert.equal(github.requests.length, before);
  });

  it("drift: what was changed by hand opens an issue, and its repair closes it", async () => {
    await edit(stack, ["Deployment", "worker"], { spec: { replicas: 3 } }, { manager: "kubectl-patch" });
    const found = await workflow("drift", "workflow_dispatch");
    assert.notEqual(found.code, 0);
    assert.deepEqual(
      github.posts.map(({ kind, title, state }) => [kind, title, state]),
      [["issue", `Drift of stack ${stack.name}`, "open"]],
    );
    assert.match(github.bodies("issue").join(), /Deployment worker` \| `kubectl-patch` \| `spec\.replicas/);
    await edit(stack, ["Deployment", "worker"], { spec: { replicas: 1 } }, { manager: "kubectl-patch" });
    const clean = await workflow("drift", "workflow_dispatch");
    assert.equal(clean.code, 0, clean.output);
    assert.deepEqual(
      github.posts.map(({ state }) => state),
      ["closed"],
    );
  });

  it("destroy: another name than the stack's ends before any login", async () => {
    const inputs = { stack: stack.name, confirm: "another" };
    const ran = await workflow("destroy", "workflow_dispatch", { inputs });
    assert.notEqual(ran.code, 0);
    assert.ok(did(ran, "stacks", "The name was given twice"), ran.output);
    assert.ok(!ran.output.includes("make destroy"), ran.output);
    assert.equal((await list("Deployment", stack.namespace)).length, 3);
  });
});
