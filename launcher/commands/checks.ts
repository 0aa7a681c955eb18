import { join } from "node:path";
import { UserError } from "../../system/errors.ts";
import { run } from "../../system/process.ts";
import type { Invocation } from "../stack/plan.ts";
import { shownSeconds } from "../steps.ts";

/** One check: its name and the program of the dependencies that makes it. */
type Check = readonly [name: string, tool: string, ...args: string[]];

/** Two rows that run side by side: one core each. */
const rows: readonly (readonly Check[])[] = [
  [
    [
      "format",
      "prettier",
      "--check",
      "--cache",
      "--cache-location",
      "build/prettiercache",
      "--log-level",
      "warn",
      ".",
    ],
    ["lint", "eslint", "--cache", "--cache-location", "build/eslintcache", "."],
  ],
  [
    ["types", "tsc", "-p", "."],
    ["unit tests", "mocha"],
  ],
];

/** Format, lint, types and unit tests; all of them, also when one fails. No engine, cluster or account. */
export async function test({ root, env, write }: Invocation): Promise<void> {
  const failed: string[] = [];
  let counts = "";
  await Promise.all(
    rows.map(async (checks) => {
      for (const [name, tool, ...args] of checks) {
        const begin = Date.now();
        const bin = join(root, "node_modules", ".bin");
        const { code, output } = await run(join(bin, "node"), [join(bin, tool), ...args], { env });
        write(`${name} ... ${code === 0 ? "ok" : "FAILED"} ${shownSeconds(Date.now() - begin)}\n`);
        if (name === "unit tests") counts = `${output.trimEnd().split("\n").at(-1) ?? ""}\n`;
        if (code === 0) continue;
        write(`${output}\n`);
        failed.push(name);
      }
    }),
  );
  write(counts);
  if (failed.length > 0)
    throw new UserError(`make test: ${failed.join(", ")} failed; what they found is above.`);
}
