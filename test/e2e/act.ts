import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { ensureBuilt } from "../../sandbox/index.ts";
import { which } from "../../system/process.ts";
import type { TestStack } from "./stack.ts";
import { folder, isSandbox, run, type Ran, type Start } from "./world.ts";

/** The actions of the login, as `OWNER/NAME@COMMIT`. */
const logins = (
  parse(readFileSync(".github/actions/login/action.yml", "utf8")) as { runs: { steps: { uses?: string }[] } }
).runs.steps.flatMap(({ uses }) => uses ?? []);

/** An action that does nothing. */
const STAND_IN = "name: login\nruns: { using: composite, steps: [] }\n";

/** Opens act for a stack: the sandbox builds it; elsewhere it is on the PATH, or there is none. */
export async function openAct(
  stack: TestStack,
  api?: Readonly<Record<string, string>>,
): Promise<Act | undefined> {
  const program = isSandbox ? join(await ensureBuilt("act", console.log), "act") : which("act", process.env);
  return program === undefined ? undefined : new Act(program, stack, api);
}

/**
 * Runs the committed workflows of a stack's copy of the program by https://github.com/nektos/act without containers. It copies
 * the work tree for each job, as the checkout does; the link to the dependencies comes with it. It enforces no permissions,
 * environments or concurrency.
 */
export class Act {
  readonly program: string;
  readonly #stack: TestStack;
  readonly #api: Readonly<Record<string, string>>;
  readonly #folder = mkdtempSync(join(folder, "act-"));

  /** @param api the variables by which a job reaches GitHub's API. @default none */
  constructor(program: string, stack: TestStack, api: Readonly<Record<string, string>> = {}) {
    [this.program, this.#stack, this.#api] = [program, stack, api];
    // The stacks of the repository are not deployed here.
    for (const file of globSync(join(stack.project, "Pulumi.*.yaml")))
      if (basename(file) !== basename(stack.file)) rmSync(file);
    mkdirSync(join(this.#folder, "login"));
    writeFileSync(join(this.#folder, "login/action.yml"), STAND_IN);
  }

  /** Runs a workflow on an event; never fails by itself. */
  async workflow(name: string, on: string, event: object = {}, start: Start = {}): Promise<Ran> {
    const file = join(this.#folder, "event.json");
    writeFileSync(file, JSON.stringify(event));
    const { GITHUB_TOKEN = "", ...api } = this.#api;
    // The copy of the program is no Git repository.
    const variables = { ...api, GITHUB_REF: "refs/heads/main", SHA_REF: "0".repeat(40) };
    const args = [
      ...[on, "--workflows", `.github/workflows/${name}.yml`, "--eventpath", file],
      ...["--platform", "ubuntu-24.04=-self-hosted", "--action-cache-path", join(this.#folder, "cache")],
      ...["--action-offline-mode", "--no-cache-server", "--log-prefix-job-id"],
      ...logins.flatMap((each) => ["--local-repository", `${each}=${join(this.#folder, "login")}`]),
      ...Object.entries(variables).flatMap(([key, text]) => ["--env", `${key}=${text}`]),
      ...["--secret", `GITHUB_TOKEN=${GITHUB_TOKEN}`, "--var", "STACK_KIND=local"],
      ...["--var", `PULUMI_BACKEND_URL=${process.env.PULUMI_BACKEND_URL ?? ""}`],
    ];
    const env = { ACT_DISABLE_VERSION_CHECK: "1", ...start.env };
    return run(this.program, args, { ...start, cwd: this.#stack.project, env });
  }
}

/** The steps of a job with their ends, in order, such as `Success make up`. */
export function stepsOf({ output }: Ran, job: string): string[] {
  const lines = output.split("\n").filter((line) => line.startsWith(`[${job}]`));
  return lines.flatMap((line) => {
    const [, end, step] = /(Success|Failure) - Main (.*?)(?: \[[\d.]+m?s\])?$/.exec(line) ?? [];
    return end === undefined || step === undefined ? [] : [`${end} ${step}`];
  });
}
