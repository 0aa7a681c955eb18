// Runs the end-to-end cases: stages one after another, but for one beside the real node's; the files of a stage side by side.
import { spawn } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { value } from "../../system/folders.ts";
import { UserError } from "../../system/errors.ts";
import { engineEnvironment } from "../../launcher/engine/environment.ts";
import { pluginVersion } from "./plugin-version.ts";
import { list } from "./cluster.ts";
import { FAILURES } from "./hooks.ts";
import { shareOf } from "./shard.ts";
import { endRealNode, noRealNode, startRealNode } from "./real-node.ts";
import { sweep } from "./sweep.ts";
import { context, folder, isSandbox, make, plugins } from "./world.ts";

interface Stage {
  readonly name: string;
  /** Folders of case files. */
  readonly folders: readonly string[];
  /** How many files run side by side. */
  readonly jobs: number;
  /** Runs together with the stage before it, where that one has a cluster of its own. @default after it */
  readonly beside?: boolean;
  /** Makes what the cases need; gives variables for them. @default nothing */
  readonly start?: () => Promise<NodeJS.ProcessEnv>;
  /** Removes what `start` made. */
  readonly end?: () => Promise<void>;
}

/** The files that take longest, in that order: they begin first, so that none of them is left to run alone at the end. */
const LONGEST = [
  ...["eks", "aks", "smoke", "gke", "backups", "faults", "drift", "workflows", "refusals", "rotation"],
  ...["volumes", "killed-fixed-name", "registry", "scale", "killed-generated-name", "engine", "removed"],
  ...["services", "rollouts", "deleted", "bucket", "interruptions", "probes", "settings"],
  ...["claims", "names-and-writes"],
];
const rank = (file: string): number => {
  const index = LONGEST.indexOf(basename(file, ".e2e.ts"));
  return index < 0 ? LONGEST.length : index;
};

/** Half of a case is waiting: four at once keep two cores busy. */
const JOBS = Number(value(process.env.JOBS) ?? 4);
/** Cases on a real node that the run starts for them alone. Containers do more than wait: one file less than elsewhere. */
const onRealNode = (name: string, folders: readonly string[]): Stage => ({
  name,
  folders,
  jobs: Math.max(1, JOBS - 1),
  start: startRealNode,
  end: endRealNode,
});
const stagesOfSandbox = (): readonly Stage[] => [
  { name: "the main job on an empty computer", folders: ["test/e2e/first"], jobs: 1 },
  {
    name: "prod on simulated clouds, each with a cluster of its own, and day two",
    folders: [
      "test/e2e/clouds",
      "test/e2e/sandbox",
      "test/conformance",
      ...(noRealNode === undefined ? [] : ["test/e2e/any"]),
    ],
    jobs: JOBS,
  },
  ...(noRealNode === undefined
    ? [onRealNode("real containers on one node", ["test/e2e/real", "test/e2e/any"])]
    : []),
  { name: "what the whole cluster feels", folders: ["test/e2e/whole"], jobs: 1, beside: true },
  { name: "what is left", folders: ["test/e2e/last"], jobs: 1 },
];
/** The cases that need no cluster of their own: the sandbox's others simulate clouds and faults. */
const guestFolders = ["test/e2e/any", "test/conformance", "test/e2e/real"];
const stagesOfGuest = async (): Promise<readonly Stage[]> => {
  const nodes = await list("Node", "");
  const isSimulated = nodes.some(({ metadata }) => metadata.annotations?.["kwok.x-k8s.io/node"] === "fake");
  // Where nodes are simulated, no container runs that could be asked.
  const folders = guestFolders.filter((each) => !isSimulated || each !== "test/e2e/real");
  return [{ name: `any cluster, here context ${context}`, folders, jobs: JOBS }];
};
/** The official plugin, in a run of its own. @throws UserError where the sandbox cannot have a real node. */
const stagesOfOfficial = (): readonly Stage[] => {
  if (noRealNode !== undefined)
    throw new UserError(
      `PLUGINS=official runs on a real node, which the sandbox does not have here: ${noRealNode}.\n` +
        "Fix: name another cluster, make e2e PLUGINS=official CONTEXT=name",
    );
  const folders = [...guestFolders, "test/e2e/official"];
  return [onRealNode("the official plugin, and real containers on one node", folders)];
};
const stagesOf = (): readonly Stage[] | Promise<readonly Stage[]> => {
  if (!isSandbox) return stagesOfGuest();
  return plugins === "official" ? stagesOfOfficial() : stagesOfSandbox();
};

const counts = join(folder, "counts");
process.env.MULTI_CLIENT_E2E_COUNTS = counts;
/** A stage with its case files, and the pattern that the titles of its cases must match. */
interface Chosen {
  readonly stage: Stage;
  readonly files: readonly string[];
  readonly title?: string;
}

/**
 * With CASES the files whose path it matches; where it matches none, all, for the titles of their cases. With SHARD a share of
 * the files of all stages.
 */
function chosen(stages: readonly Stage[]): Chosen[] {
  const wanted = value(process.env.CASES);
  const found = stages.map((stage) => ({
    stage,
    files: stage.folders
      .flatMap((at) =>
        readdirSync(at)
          .filter((name) => name.endsWith(".e2e.ts"))
          .map((name) => join(at, name))
          .sort(),
      )
      .sort((a, b) => rank(a) - rank(b)),
  }));
  const files = found.flatMap((each) => each.files).sort((a, b) => rank(a) - rank(b));
  const share = new Set(shareOf(files, value(process.env.SHARD)));
  const all = found
    .map((each) => ({ ...each, files: each.files.filter((file) => share.has(file)) }))
    .filter((each) => each.files.length > 0);
  if (wanted === undefined) return all;
  const byPath = all
    .map(({ stage, files }) => ({ stage, files: files.filter((file) => new RegExp(wanted).test(file)) }))
    .filter(({ files }) => files.length > 0);
  return byPath.length > 0 ? byPath : all.map((each) => ({ ...each, title: wanted }));
}

/** The stages that run together, in the order in which that happens. */
function together(all: readonly Chosen[]): Chosen[][] {
  const groups: Chosen[][] = [];
  for (const each of all) {
    const before = groups.at(-1);
    if (each.stage.beside === true && before?.[0]?.stage.start !== undefined) before.push(each);
    else groups.push([each]);
  }
  return groups;
}

/** Makes what the cases of a stage need, runs them, and removes it; true when every case passed. */
async function fromStartToEnd(each: Chosen): Promise<boolean> {
  const { stage } = each;
  try {
    return await runStage(each, (await stage.start?.()) ?? {});
  } finally {
    await stage.end?.();
  }
}

/** Runs the cases of a stage; true when every case passed. */
function runStage({ stage, files, title }: Chosen, env: NodeJS.ProcessEnv): Promise<boolean> {
  console.log(`\n${stage.name}${stage.jobs > 1 ? `, ${stage.jobs} files at once` : ""}:`);
  const parallel = stage.jobs > 1 ? ["--parallel", "--jobs", String(stage.jobs)] : [];
  const grep = title === undefined ? [] : ["--grep", title];
  const args = ["--config", "test/e2e/.mocharc.json", ...parallel, ...grep, ...files];
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
  if (plugins === "official") await engineEnvironment({ log: console.log, plugins });
  const which = plugins === "official" ? `official (kubernetes ${await pluginVersion()})` : plugins;
  const where = isSandbox && plugins === "official" ? "a real node of its own" : `context ${context}`;
  console.log(`End to end on ${where}, plugins: ${which}. Everything of this run is in ${folder}.`);
  if (isSandbox && noRealNode !== undefined) console.log(`No case runs in real containers: ${noRealNode}.`);
  let all = true;
  let isUp = !isSandbox;
  for (const group of together(chosen(await stagesOf()))) {
    const needsCluster = group.some(({ stage }) => stage.start === undefined);
    const isFirst = group.some(({ stage }) => stage.folders.includes("test/e2e/first"));
    if (!isUp && needsCluster && !isFirst) {
      console.log("make up, on which the cases build ...");
      const { code, output } = await make("up");
      if (code !== 0) throw new Error(output);
    }
    isUp ||= needsCluster;
    const running = group.map(fromStartToEnd);
    // What fails to start ends the run, but not from under the stage beside it.
    await Promise.allSettled(running);
    all = (await Promise.all(running)).every(Boolean) && all;
  }
  return all;
}

/** Cases that passed, failed, and were skipped, each of which said why, over all stages. */
function totals(): { readonly passed: number; readonly failed: number; readonly skipped: number } {
  const lines = readFileSync(counts, "utf8").trim().split("\n").filter(Boolean);
  const sum = (column: number) => lines.reduce((all, line) => all + Number(line.split(" ")[column]), 0);
  return { passed: sum(0), failed: sum(1), skipped: sum(2) };
}

const done = startReaper();
let isGood = false;
try {
  isGood = await main();
} catch (error) {
  console.error(error instanceof UserError ? `\n${error.message}` : error);
} finally {
  const { passed, failed, skipped } = totals();
  if (!isGood) {
    cpSync(join(folder, "log"), join(FAILURES, "log"), { recursive: true });
    console.log(`\nWhat every command of this run said: ${join(FAILURES, "log")}`);
  }
  await sweep();
  done();
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  process.exitCode = isGood && passed > 0 ? 0 : 1;
}
