import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockText } from "../../../launcher/commands/unlock.ts";
import { report } from "../../../launcher/commands/report.ts";
import { GitHubMock } from "../../support/github-mock.ts";

const root = mkdtempSync(join(tmpdir(), "multi-client-report-"));
const github = new GitHubMock();
before(async () => {
  await github.open();
  mkdirSync(join(root, "build/ci"), { recursive: true });
  writeFileSync(
    join(root, "Pulumi.prod.yaml"),
    "config:\n  multi-client:cluster: { provider: existing, context: far }\n",
  );
  writeFileSync(join(root, "event.json"), JSON.stringify({ pull_request: { number: 12 } }));
});
after(async () => {
  await github.close();
  rmSync(root, { recursive: true });
});

/** Reports a result, from a job of GitHub's unless `env` says otherwise; gives what was printed. */
async function reported(kind: string, status: string, text: string, env: NodeJS.ProcessEnv = github.env) {
  writeFileSync(join(root, `build/ci/${kind}-prod.json`), JSON.stringify({ status }));
  writeFileSync(join(root, `build/ci/${kind}-prod.md`), text);
  let printed = "";
  const write = (more: string) => (printed += more);
  const all = { STACK: "prod", KIND: kind, GITHUB_EVENT_PATH: join(root, "event.json"), ...env };
  await report({ command: "report", root, env: all, write, log: write });
  return printed;
}

describe("make report", () => {
  beforeEach(() => {
    github.posts.length = 0;
  });

  it("writes one comment for each stack, and writes it anew afterwards", async () => {
    await reported("preview", "changes", "two changes\n");
    await reported("preview", "same", "nothing\n");
    assert.deepEqual(github.bodies("comment"), ["<!-- multi-client:preview:prod -->\nnothing\n"]);
    assert.equal(github.posts[0]?.parent, 12);
  });

  it("finds its comment on the second page, and does not take that of a person for it", async () => {
    for (let each = 0; each < 120; each++) github.add("comment", 12, "talk", "User");
    github.add("comment", 12, "<!-- multi-client:preview:prod -->\nmine", "User");
    await reported("preview", "changes", "first\n");
    await reported("preview", "changes", "second\n");
    assert.equal(github.posts.length, 122);
    assert.match(github.bodies("comment").at(-1) ?? "", /second/);
    assert.match(github.bodies("comment").at(-2) ?? "", /mine/);
  });

  it("adds the table of make policy, if that was about the stack", async () => {
    const policy = (stacks: object) => {
      writeFileSync(join(root, "build/ci/policy.json"), JSON.stringify({ status: "passed", stacks }));
      writeFileSync(join(root, "build/ci/policy.md"), "| rule | prod |\n");
    };
    policy({ other: {} });
    assert.equal(await reported("preview", "same", "same\n", {}), "same\n");
    policy({ prod: {} });
    const folded = "\n<details><summary>Policy: passed</summary>\n\n| rule | prod |\n\n</details>\n";
    assert.equal(await reported("preview", "same", "same\n", {}), `same\n${folded}`);
    assert.equal(await reported("drift", "clean", "clean\n", {}), "clean\n");
    for (const end of ["json", "md"]) rmSync(join(root, `build/ci/policy.${end}`));
  });

  it("cuts a text that is longer than GitHub takes", async () => {
    await reported("preview", "changes", "x".repeat(70_000));
    const [body = ""] = github.bodies("comment");
    assert.equal(body.length, 65_536);
    assert.match(body, /the rest is in the job's log\.\n$/);
  });

  it("opens one issue of drift, keeps it open on an error, closes it when clean, and opens it again", async () => {
    const states: string[] = [];
    for (const status of ["clean", "drift", "drift", "error", "clean", "clean", "drift"]) {
      await reported("drift", status, `${status}\n`);
      states.push(github.posts.map(({ state }) => state).join());
    }
    assert.deepEqual(states, ["", "open", "open", "open", "closed", "closed", "open"]);
    assert.equal(github.posts[0]?.title, "Drift of stack prod");
  });

  it("prints the text where no job of GitHub's runs it, or none of a pull request", async () => {
    assert.equal(await reported("drift", "drift", "text\n", {}), "text\n");
    const env = { ...github.env, GITHUB_EVENT_PATH: "" };
    assert.equal(await reported("preview", "changes", "text\n", env), "text\n");
    assert.deepEqual(github.posts, []);
  });

  it("adds the text to the summary of the job", async () => {
    const file = join(root, "summary.md");
    await reported("drift", "clean", "text\n", { GITHUB_STEP_SUMMARY: file });
    assert.equal(readFileSync(file, "utf8"), "text\n\n");
  });

  it("says which permission is missing where GitHub refuses, and which kinds there are", async () => {
    const env = { ...github.env, GITHUB_TOKEN: "another" };
    await assert.rejects(reported("drift", "drift", "", env), /GitHub refused GET issues[\s\S]*permissions/);
    await assert.rejects(reported("", "", ""), /Expected: preview or drift/);
  });
});

describe("a lock in words", () => {
  const text = (now: string) =>
    lockText({ user: "ann", host: "runner-7", pid: "12", at: "2026-11-27T10:00:00Z" }, new Date(now));

  it("has its owner and its age", () => {
    assert.equal(
      text("2026-11-27T10:42:00Z"),
      "ann@runner-7 (pid 12), made at 2026-11-27T10:00:00Z, 42 min ago",
    );
    assert.match(text("2026-11-27T20:00:00Z"), /10 h ago$/);
  });
});
