import { rmSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { UserError } from "../../system/errors.ts";
import { run } from "../../system/process.ts";
import { sandboxThere } from "../engine/find-engine.ts";
import type { Invocation } from "../stack/plan.ts";
import { shownSeconds } from "../steps.ts";

/** One check: its name, and the program of the dependencies that makes it, or the path of another one. */
type Check = readonly [name: string, tool: string, ...args: string[]];

/** What a check found: nothing to say of most that pass. */
interface Result {
  readonly name: string;
  readonly passed: boolean;
  readonly output: string;
  readonly seconds: string;
}

const unitTests: Check = ["unit tests", "mocha"];

/**
 * Where a tool remembers the files that it found nothing in, by their content. ESLint's rules on types read other files
 * too: what a change of a type breaks elsewhere is found by `types`, or, where only a rule minds it, in CI.
 */
const cache = (tool: string): string[] => [
  "--cache",
  "--cache-strategy",
  "content",
  "--cache-location",
  `build/${tool}cache`,
];

/** Format, lint, types, workflows and unit tests, side by side where that is faster; nothing else is looked at after a type error. */
export async function test(invocation: Invocation): Promise<void> {
  const { types, format, lint } = staticChecks(invocation);
  // The tests are last: their output ends with the line that pipelines read.
  await inTurn(invocation, [types, format, ...(await workflowCheck(invocation))], [lint, unitTests]);
}

/** Format, lint, types and workflows. */
export async function lint(invocation: Invocation): Promise<void> {
  const { types, format, lint } = staticChecks(invocation);
  await inTurn(invocation, [types, format, ...(await workflowCheck(invocation))], [lint]);
}

/** Unit tests alone: those that ONLY names by file or folder, by `:title`, or by both. @default all */
export async function unit(invocation: Invocation): Promise<void> {
  await inTurn(invocation, [unitTests]);
}

/**
 * The check of GitHub's workflows by act, which knows their keys, events and expressions. It is left out where act is not
 * built yet, because that takes minutes: `make e2e` builds it, and checks the same.
 */
async function workflowCheck({ root, write }: Invocation): Promise<Check[]> {
  if (sandboxThere(root)) {
    const { ensureBuilt, isBuilt } = await import("../../sandbox/index.ts");
    if (await isBuilt("act")) {
      const program = join(await ensureBuilt("act", write), "act");
      return [["workflows", program, "--validate", "--strict"]];
    }
  }
  write("workflows ... left out: act is not built yet (make e2e CASES=workflows)\n");
  return [];
}

function staticChecks({ root, env }: Invocation): Record<"types" | "format" | "lint", Check> {
  const isCI = env.CI === "true";
  // `tsc -b` reads nothing where no file of ours changed; that the dependencies did, it does not notice.
  const [known, installed] = ["build/tsconfig.tsbuildinfo", "node_modules/.package-lock.json"].map((file) =>
    statSync(join(root, file), { throwIfNoEntry: false }),
  );
  if (known && installed && known.mtimeMs < installed.mtimeMs)
    rmSync(join(root, "build", "tsconfig.tsbuildinfo"));
  return {
    types: ["types", "tsc", "-b", "."],
    format: ["format", "prettier", "--check", "--log-level", "warn", ...(isCI ? [] : cache("prettier")), "."],
    lint: ["lint", "eslint", ...(isCI ? [] : cache("eslint")), "."],
  };
}

/**
 * Runs groups of checks one after the other, each group side by side. A type error ends it, and is shown alone.
 *
 * @throws UserError with the names of the checks that failed.
 */
async function inTurn(invocation: Invocation, ...groups: readonly (readonly Check[])[]): Promise<void> {
  const failed: string[] = [];
  for (const group of groups) {
    const results = await Promise.all(group.map((one) => check(invocation, one)));
    const typeError = results.find(({ name, passed }) => name === "types" && !passed);
    const shown = typeError ? [typeError] : results;
    for (const { name, passed, output, seconds } of shown)
      invocation.write(`${name} ... ${passed ? "ok" : "FAILED"} ${seconds}\n${output}`);
    failed.push(...shown.filter(({ passed }) => !passed).map(({ name }) => name));
    if (typeError) break;
  }
  if (failed.length > 0)
    throw new UserError(`make ${invocation.command}: ${failed.join(", ")} failed; what they found is above.`);
}

async function check({ root, env }: Invocation, [name, tool, ...args]: Check): Promise<Result> {
  const begin = Date.now();
  const bin = join(root, "node_modules", ".bin");
  const [program, ...first] = isAbsolute(tool) ? [tool] : [join(bin, "node"), join(bin, tool)];
  const { code, output } = await run(program, [...first, ...args], { env });
  const passed = code === 0;
  // act warns of a Docker that is not there, and that nothing here needs.
  const text = passed && isAbsolute(tool) ? "" : output;
  return { name, passed, output: text, seconds: shownSeconds(Date.now() - begin) };
}
