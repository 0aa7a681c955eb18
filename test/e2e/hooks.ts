import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Context } from "mocha";
import { list } from "./cluster.ts";
import { open, type TestStack } from "./stack.ts";
import { log } from "./world.ts";

/** Where a failed case leaves what it saw; outlives the run's folder. */
export const FAILURES = join("build", "e2e");
const KINDS = ["Pod", "Event", "Deployment", "ReplicaSet", "StatefulSet", "Service", "PersistentVolumeClaim"];
let linesBefore = 0;

const write = (path: string, work: () => Promise<string>): Promise<void> =>
  work()
    .catch((error: unknown) => String(error))
    .then((text) => {
      writeFileSync(path, text);
    });

/** Logs, plan, state (secrets stay encrypted) and objects, as they are right after the failure. */
async function keep(title: string, stacks: readonly TestStack[]): Promise<string> {
  const place = join(FAILURES, title.replace(/\W+/g, "-").slice(0, 80));
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "log.txt"), log.slice(linesBefore).join("\n"));
  for (const stack of stacks) {
    const at = join(place, stack.name);
    mkdirSync(at, { recursive: true });
    await write(join(at, "plan.txt"), async () => (await stack.pulumi(["preview", "--diff"])).output);
    await write(join(at, "state.json"), async () => (await stack.pulumi(["stack", "export"])).stdout);
    const objects = async () => Promise.all(KINDS.map((kind) => list(kind, stack.namespace)));
    await write(join(at, "objects.json"), async () => JSON.stringify((await objects()).flat(), null, 2));
  }
  return place;
}

export const mochaHooks = {
  beforeEach(): void {
    linesBefore = log.length;
  },
  /** One line as soon as a case ends: cases of several files run at once, and Mocha tells of a file at its end. */
  async afterEach(this: Context): Promise<void> {
    const { currentTest: test } = this;
    if (test === undefined || test.isPending()) return;
    const failed = test.state === "failed";
    const seconds = ((test.duration ?? 0) / 1000).toFixed(1);
    const file = basename(test.file ?? "", ".e2e.ts");
    const outcome = failed ? "FAILED" : test.isPending() ? "skipped" : "ok";
    console.log(`  ${outcome}  ${file}: ${test.title} (${seconds} s)`);
    if (!failed) return;
    const place = await keep(`${file} ${test.title}`, [...open].slice(-1));
    console.log(`      its logs, plan and state: ${place}`);
  },
};
