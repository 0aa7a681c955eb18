// Runs the end-to-end cases: stages one after another, the files of a stage side by side.
import { spawn } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { value } from "../../system/folders.ts";
import { nodesOf } from "../../sandbox/index.ts";
import { clusterOfContext } from "../../system/sandbox-context.ts";
import { FAILURES } from "./hooks.ts";
import { endRealNode, noRealNode, startRealNode } from "./real-node.ts";
import { sweep } from "./sweep.ts";
import { context, folder, isSandbox, make, plugins } from "./world.ts";

interface Stage {
  readonly name: string;
  /** Folders of case files. */
  readonly folders: readonly string[];
  /** How many files run side by side. */
  readonly jobs: number;
  /** Makes what the cases need; gives variables for them. @default nothing */
  readonly start?: () => Promise<NodeJS.ProcessEnv>;
  /** Removes what `start` made. */
  readonly end?: () => Promise<void>;
}

/** Half of a case is waiting: four at once keep two cores busy. */
const JOBS = Number(value(process.env.JOBS) ?? 4);
const stages: readonly Stage[] = isSandbox
  ? [
      { name: "the main job on an empty computer", folders: ["test/e2e/first"], jobs: 1 },
      {
        name: "prod on simulated clouds, each with a cluster of its own, and day two",
        // The longest files first: none of them is left to run alone at the end.
        folders: [
          "test/e2e/clouds",
          "test/e2e/sandbox",
          "test/conformance",
          ...(noRealNode === undefined ? [] : ["test/e2e/any"]),
        ],
        jobs: JOBS,
      },
      ...(noRealNode === undefined
        ? [
            {
              name: "real containers on one node",
              folders: ["test/e2e/real", "test/e2e/any"],
              jobs: JOBS,
              start: startRealNode,
              end: endRealNode,
            },
          ]
        : []),
      { name: "what the whole cluster feels, and what is left", folders: ["test/e2e/last"], jobs: 1 },
    ]
  : [
      {
        name: `any cluster, here context ${context}`,
        // Where nodes are simulated, no container runs that could be asked.
        folders: [
          "test/e2e/any",
          "test/conformance",
          ...(nodesOf(clusterOfContext(context) ?? context) === "simulated" ? [] : ["test/e2e/real"]),
        ],
        jobs: JOBS,
      },
    ];

const counts = join(folder, "counts");
process.env.MULTI_CLIENT_E2E_COUNTS = counts;
const wanted = value(process.env.CASES);

/** The case files of a stage; with CASES those whose path it matches, all where it matches none. */
function filesOf({ folders }: Stage): string[] {
  const all = folders.flatMap((at) =>
    readdirSync(at, { withFileTypes: true })
      .filter(({ name }) => name.endsWith(".e2e.ts"))
      .map(({ name }) => join(at, name))
      .sort(),
  );
  return byPath ? all.filter((file) => pattern.test(file)) : all;
}

const pattern = new RegExp(wanted ?? "");
const byPath = stages.some(({ folders }) =>
  folders.some((at) => readdirSync(at).some((file) => wanted !== undefined && pattern.test(join(at, file)))),
);

/** Runs a stage to its end; true when every case passed. */
function runStage(stage: Stage, files: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean> {
  console.log(`\n${stage.name}${stage.jobs > 1 ? `, ${stage.jobs} files at once` : ""}:`);
  const parallel = stage.jobs > 1 ? ["--parallel", "--jobs", String(stage.jobs)] : [];
  const title = wanted === undefined || byPath ? [] : ["--grep", wanted];
  const args = ["--config", "test/e2e/.mocharc.json", ...parallel, ...title, ...files];
  const child = spawn(process.execPath, ["node_modules/.bin/mocha", ...args], {
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  const begin = Date.now();
  const ticker = setInterval(() => {
    console.log(`  ... ${stage.name}: ${Math.round((Date.now() - begin) / 1000)} s`);
  }, 30_000);
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => {
      clearInterval(ticker);
      done(code === 0);
    });
  });
}

/** Starts who cleans up after us should we be killed; what it gives says that nothing is left to do. */
function startReaper(): () => void {
  const reaper = spawn(process.execPath, ["test/e2e/reaper.ts"], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  reaper.unref();
  return () => {
    reaper.stdin.end("done\n");
  };
}

async function main(): Promise<boolean> {
  rmSync(FAILURES, { recursive: true, force: true });
  writeFileSync(counts, "");
  console.log(
    `End to end on context ${context}, plugins: ${plugins}. Everything of this run is in ${folder}.`,
  );
  if (isSandbox && noRealNode !== undefined) console.log(`No case runs in real containers: ${noRealNode}.`);
  let all = true;
  let isUp = !isSandbox;
  for (const stage of stages) {
    const files = filesOf(stage);
    if (files.length === 0) continue;
    if (!isUp && !stage.folders.includes("test/e2e/first")) {
      console.log("make up, on which the cases build ...");
      const { code, output } = await make("up");
      if (code !== 0) throw new Error(output);
    }
    isUp = true;
    try {
      all = (await runStage(stage, files, (await stage.start?.()) ?? {})) && all;
    } finally {
      await stage.end?.();
    }
  }
  return all;
}

/** Cases that passed, failed, and were skipped because the plugin in use is too old for them, over all stages. */
function totals(): { readonly passed: number; readonly failed: number; readonly skipped: number } {
  const lines = readFileSync(counts, "utf8").trim().split("\n").filter(Boolean);
  const sum = (column: number) => lines.reduce((all, line) => all + Number(line.split(" ")[column]), 0);
  return { passed: sum(0), failed: sum(1), skipped: sum(2) };
}

const done = startReaper();
let isGood = false;
try {
  isGood = await main();
} finally {
  const { passed, failed, skipped } = totals();
  if (!isGood) {
    cpSync(join(folder, "log"), join(FAILURES, "log"), { recursive: true });
    console.log(`\nWhat every command of this run said: ${join(FAILURES, "log")}`);
  }
  await sweep();
  done();
  const older = skipped > 0 ? `, ${skipped} not in this version of the plugin` : "";
  console.log(`\n${passed} passed, ${failed} failed${older}`);
  process.exitCode = isGood && passed > 0 ? 0 : 1;
}
