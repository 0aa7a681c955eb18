import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GitHubMock } from "../../support/github-mock.ts";
import { openAct, stepsOf, type Act } from "../act.ts";
import { ServiceList } from "../changes.ts";
import { get, list } from "../cluster.ts";
import { edit, settled } from "../day-two.ts";
import { Front, killAll } from "../front.ts";
import { testStack, type TestStack } from "../stack.ts";
import { folder, run, type Start } from "../world.ts";

describe("the workflows", () => {
  let stack: TestStack;
  let act: Act;
  let services: ServiceList;
  const github = new GitHubMock();
  const own = { repo: { full_name: github.repository } };
  const pullRequest = (head = own, login = "ann") => ({
    pull_request: { number: 12, head, user: { login } },
  });

  /** Runs `deploy` on a push, or as a person starts it. */
  const deploy = (inputs?: object, start?: Start) =>
    inputs === undefined
      ? act.workflow("deploy", "push", {}, start)
      : act.workflow("deploy", "workflow_dispatch", { inputs }, start);

  before(async () => {
    await github.open();
    stack = await testStack("workflows", { rollout: { timeoutSeconds: 60 } });
    const opened = await openAct(stack, github.env);
    assert.ok(opened);
    act = opened;
    services = new ServiceList(stack);
    await stack.up();
  });
  beforeEach(() => {
    stack.configure();
    github.posts.length = 0;
  });
  after(async () => {
    await github.close();
    await stack.drop();
  });

  it("have no keys, events or expressions that GitHub does not know", async () => {
    const { code, output } = await run(act.program, ["--validate", "--strict"]);
    assert.equal(code, 0, output);
  });

  it("preview: a bot's pull request fails where it changes something, and the next push changes its one comment", async () => {
    const event = pullRequest(own, "renovate[bot]");
    stack.configure({ images: { server: "example.test/server:2" } });
    const opened = await act.workflow("preview", "pull_request", event);
    assert.notEqual(opened.code, 0);
    assert.match(opened.output, /CHANGES=none allows nothing/);
    assert.match(
      github.bodies("comment").join(),
      /^<!-- multi-client:preview:\S+ -->\n### Preview .*1 update/,
    );
    assert.match(github.bodies("comment").join(), /<summary>Policy: passed<\/summary>[^]*`image-digest`/);
    assert.doesNotMatch(github.bodies("comment").join(), /example\.test/);
    stack.configure();
    const pushed = await act.workflow("preview", "pull_request", event);
    assert.equal(pushed.code, 0, pushed.output);
    assert.equal(github.posts.length, 1);
    assert.match(github.bodies("comment").join(), /nothing changes/);
  });

  it("preview: the pull request of a fork is rendered, without login, state or token", async () => {
    const before = github.requests.length;
    const fork = { repo: { full_name: "stranger/multi-client" } };
    const ran = await act.workflow("preview", "pull_request", pullRequest(fork));
    assert.equal(ran.code, 0, ran.output);
    assert.ok(stepsOf(ran, "fork").includes("Success make render"), ran.output);
    assert.deepEqual(stepsOf(ran, "preview"), []);
    assert.equal(github.requests.length, before);
  });

  it("drift: what was changed by hand opens an issue, and its repair closes it", async () => {
    await edit(stack, ["Deployment", "worker"], { spec: { replicas: 3 } }, { manager: "kubectl-patch" });
    const found = await act.workflow("drift", "workflow_dispatch");
    assert.notEqual(found.code, 0);
    assert.deepEqual(
      github.posts.map(({ kind, title, state }) => [kind, title, state]),
      [["issue", `Drift of stack ${stack.name}`, "open"]],
    );
    assert.match(github.bodies("issue").join(), /Deployment worker` \| `kubectl-patch` \| `spec\.replicas/);
    await edit(stack, ["Deployment", "worker"], { spec: { replicas: 1 } }, { manager: "kubectl-patch" });
    const clean = await act.workflow("drift", "workflow_dispatch");
    assert.equal(clean.code, 0, clean.output);
    assert.deepEqual(
      github.posts.map(({ state }) => state),
      ["closed"],
    );
  });

  it("destroy: another name than the stack's ends before any login", async () => {
    const inputs = { stack: stack.name, confirm: "another" };
    const ran = await act.workflow("destroy", "workflow_dispatch", { inputs });
    assert.notEqual(ran.code, 0);
    assert.deepEqual(stepsOf(ran, "confirmed"), ["Failure The name was given twice"]);
    assert.ok(!ran.output.includes("make destroy"), ran.output);
    assert.equal((await list("Deployment", stack.namespace)).length, 3);
  });

  it("deploy: a push whose plan loses a service stops at the guard, before anything is changed", async () => {
    services.add(services.stateful("papers"));
    await stack.up();
    services.edit();
    const ran = await deploy();
    assert.notEqual(ran.code, 0);
    assert.deepEqual(stepsOf(ran, "deploy").slice(-2), ["Success make preview", "Failure make guard"]);
    assert.match(ran.output, /StatefulSet\/papers is deleted; lost: the database or cache itself/);
    // Its claim has retainOnDelete: it stays, with its data.
    assert.doesNotMatch(ran.output, /PersistentVolumeClaim\/\S+ is deleted/);
    assert.ok(await get("StatefulSet", "papers", stack.namespace));
  });

  it("deploy: killed while it deletes what was allowed; the next names the lock, make unlock removes it, and one more goes on", async () => {
    services.edit();
    let job = 0;
    const front = await Front.open(stack.name, ({ method, path }, forward) => {
      if (method === "DELETE" && path.includes("/statefulsets/papers")) killAll(job);
      return forward();
    });
    const inputs = { stack: stack.name, allow: "StatefulSet/papers" };
    const env = { KUBECONFIG: front.kubeconfig };
    const killed = await deploy(inputs, { env, started: (pid) => (job = pid) });
    front.stepAside();
    assert.equal(stepsOf(killed, "deploy").at(-1), "Success make guard", killed.output);
    const locks = join(folder, "backend/.pulumi/locks/organization/multi-client", stack.name);
    const held = () => readdirSync(locks).filter((name) => name.endsWith(".json"));
    const [file = ""] = held().map((name) => join(locks, name));
    // The runner of a job is another computer: nobody here can know that the process is gone.
    const lock = JSON.parse(readFileSync(file, "utf8")) as object;
    const at = new Date(Date.now() - 42 * 60_000).toISOString();
    writeFileSync(file, JSON.stringify({ ...lock, username: "ann", hostname: "runner-7", timestamp: at }));
    const next = await deploy();
    assert.equal(stepsOf(next, "deploy").at(-1), "Failure make up", next.output);
    assert.match(next.output, /is locked by ann@runner-7/);
    assert.match(next.output, new RegExp(`make unlock STACK=${stack.name}`));
    const shown = await stack.make("unlock");
    assert.notEqual(shown.code, 0);
    assert.match(shown.output, /ann@runner-7 \(pid \d+\), made at \S+, 4\d min ago/);
    assert.equal(held().length, 1);
    const { code, output } = await stack.make("unlock", { CONFIRM: stack.name });
    assert.equal(code, 0, output);
    assert.deepEqual(held(), []);
    assert.match((await stack.make("unlock")).output, /is not locked/);
    const last = await deploy();
    // No container runs on simulated nodes, so that nothing answers the smoke test.
    assert.deepEqual(stepsOf(last, "deploy").slice(-2), ["Success make up", "Failure make smoke"]);
    await settled(stack);
  });
});
