import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { engineEnvironment } from "../launcher/engine/environment.ts";

/**
 * Measures the figures of bench/README.md, in one run on one machine: ratios, never limits. `--json` prints JSON; stacks that are
 * named are the only ones measured.
 *
 * Pairs alternate, so that whatever else the machine does falls on both.
 */
const rounds = 5;
const all = ["sandbox", "prod", "prod-aks", "prod-gke"];
const asked = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const stacks = asked.length > 0 ? asked : all;
const json = process.argv.includes("--json");
const folder = mkdtempSync(join(tmpdir(), "multi-client-bench-"));
// Nodes are simulated on every computer: with real ones, figures would not be comparable.
const own = {
  NODES: "simulated",
  PLUGINS: "standin",
  XDG_STATE_HOME: join(folder, "state"),
  KUBECONFIG: join(folder, "kubeconfig"),
  PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
  PULUMI_CONFIG_PASSPHRASE: "",
};

/** Seconds a command takes; its output only when it fails. */
function seconds(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = "."): number {
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...own, ...env },
    encoding: "utf8",
  });
  if (status !== 0)
    throw new Error(`${command} ${args.join(" ")} ended with ${String(status)}\n${stdout}${stderr}`);
  return (performance.now() - started) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

function say(line: string): void {
  if (!json) console.log(line);
}

/** The program that does nothing, in a folder of its own, run as ours is. */
function helloProject(): string {
  const project = join(folder, "hello");
  mkdirSync(project);
  for (const file of ["Pulumi.yaml", "index.ts"])
    copyFileSync(join("bench", "hello", file), join(project, file));
  writeFileSync(join(project, "package.json"), '{ "name": "hello", "type": "module" }');
  symlinkSync(resolve("node_modules"), join(project, "node_modules"));
  return project;
}

/** The figures of one stack, which is deployed before and stays. */
async function measure(stack: string, hello: string): Promise<Record<string, number>> {
  const managed = stack !== "sandbox";
  say(`${stack}: first make up (what is built and cached is not measured) ...`);
  seconds("make", ["up", `STACK=${stack}`]);
  const engine = await engineEnvironment({
    plugins: "standin",
    simulatesClouds: managed,
    context: managed ? `sandbox-${stack}` : "sandbox-multi-client",
    env: { ...process.env, ...own },
    log: () => undefined,
  });
  const peaks = join(folder, "peaks");
  const env = { ...engine.env, BENCH_PEAKS: peaks, NODE_OPTIONS: `--require=${resolve("bench/peak.cjs")}` };
  const preview = (name: string, cwd = "."): number => {
    rmSync(peaks, { force: true });
    return seconds(engine.pulumi, ["preview", "--stack", name, "--non-interactive"], env, cwd);
  };
  const times: Record<"hello" | "program" | "makeUp" | "peak", number[]> = {
    hello: [],
    program: [],
    makeUp: [],
    peak: [],
  };
  for (let round = 0; round <= rounds; round++) {
    const [helloTime, program] = [preview("hello", hello), preview(stack)];
    const peak = Number(readFileSync(peaks, "utf8").trim().split("\n")[0]) / 1024;
    const makeUp = seconds("make", ["up", `STACK=${stack}`]);
    if (round === 0) continue; // warms the caches
    times.hello.push(helloTime);
    times.program.push(program);
    times.makeUp.push(makeUp);
    times.peak.push(peak);
    const each = { hello: helloTime, program, "make up": makeUp };
    const shown = Object.entries(each).map(([name, time]) => `${name} ${time.toFixed(2)} s`);
    say(`${stack}, round ${String(round)}: ${shown.join(", ")}`);
  }
  return {
    "preview without changes, hello world, s": median(times.hello),
    "preview without changes, this program, s": median(times.program),
    "ratio of the two": median(times.program.map((time, i) => time / (times.hello[i] ?? NaN))),
    "language process, peak MB": median(times.peak),
    "make up with nothing to change, s": median(times.makeUp),
  };
}

const tidy = (stack: string): void => {
  const args =
    stack === "sandbox" ? ["down", "STACK=sandbox"] : ["destroy", `STACK=${stack}`, `CONFIRM=${stack}`];
  spawnSync("make", args, { env: { ...process.env, ...own } });
};

async function main(): Promise<Record<string, Record<string, number>>> {
  const figures: Record<string, Record<string, number>> = {};
  mkdirSync(join(folder, "backend"));
  const hello = helloProject();
  const engine = await engineEnvironment({
    plugins: "standin",
    context: "none",
    log: () => undefined,
    env: { ...process.env, ...own },
  });
  seconds(engine.pulumi, ["stack", "init", "hello"], engine.env, hello);
  for (const stack of stacks) {
    try {
      figures[stack] = await measure(stack, hello);
    } finally {
      tidy(stack);
    }
  }
  if (asked.length === 0) figures["work tree"] = { "make test, s": seconds("make", ["test"]) };
  return figures;
}

main()
  .then((figures) => {
    if (json) console.log(JSON.stringify({ cores: cpus().length, rounds, figures }, null, 2));
    else
      for (const [stack, values] of Object.entries(figures))
        for (const [name, figure] of Object.entries(values))
          console.log(`${stack.padEnd(10)} ${name.padEnd(42)} ${figure.toFixed(2)}`);
  })
  .finally(() => {
    rmSync(folder, { recursive: true, force: true });
  })
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
