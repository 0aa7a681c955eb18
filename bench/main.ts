import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { engineEnvironment } from "../launcher/pulumi.ts";

/**
 * Measures what README promises, in one run on one machine: ratios, never limits. `--json` prints JSON.
 *
 * Pairs alternate, so that whatever else the machine does falls on both.
 */
const rounds = 5;
const json = process.argv.includes("--json");
const folder = mkdtempSync(join(tmpdir(), "multi-client-bench-"));
const own = {
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

async function measure(): Promise<Record<string, number>> {
  mkdirSync(join(folder, "backend"));
  say("first make up (what is built and cached is not measured) ...");
  seconds("make", ["up", "STACK=sandbox"]);
  const engine = await engineEnvironment({
    ...{ plugins: "standin", context: "kwok-multi-client" },
    log: () => undefined,
  });
  const peaks = join(folder, "peaks");
  const env = {
    ...engine.env,
    ...own,
    BENCH_PEAKS: peaks,
    NODE_OPTIONS: `--require=${resolve("bench/peak.cjs")}`,
  };
  const project = join(folder, "hello");
  mkdirSync(project);
  for (const file of ["Pulumi.yaml", "index.ts"])
    copyFileSync(join("bench", "hello", file), join(project, file));
  writeFileSync(join(project, "package.json"), '{ "name": "hello", "type": "module" }');
  spawnSync("ln", ["-s", resolve("node_modules"), join(project, "node_modules")]);
  seconds(engine.pulumi, ["stack", "init", "hello"], env, project);
  const times: Record<"hello" | "program" | "makeUp", number[]> = { hello: [], program: [], makeUp: [] };
  const memory: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const helloTime = seconds(
      engine.pulumi,
      ["preview", "--stack", "hello", "--non-interactive"],
      env,
      project,
    );
    rmSync(peaks, { force: true });
    const program = seconds(engine.pulumi, ["preview", "--stack", "sandbox", "--non-interactive"], env);
    const peak = Number(readFileSync(peaks, "utf8").trim().split("\n")[0]) / 1024;
    const makeUp = seconds("make", ["up", "STACK=sandbox"]);
    if (round === 0) continue; // warms the caches
    times.hello.push(helloTime);
    times.program.push(program);
    times.makeUp.push(makeUp);
    memory.push(peak);
    say(
      `round ${String(round)}: hello ${helloTime.toFixed(2)} s, program ${program.toFixed(2)} s, make up ${makeUp.toFixed(2)} s`,
    );
  }
  const test = seconds("make", ["test"]);
  return {
    "preview without changes, hello world, s": median(times.hello),
    "preview without changes, this program, s": median(times.program),
    "ratio of the two": median(times.program.map((time, i) => time / (times.hello[i] ?? NaN))),
    "language process, peak MB": median(memory),
    "make up with nothing to change, s": median(times.makeUp),
    "make test, s": test,
  };
}

measure()
  .then((figures) => {
    const rounded = Object.fromEntries(
      Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(2))]),
    );
    if (json) console.log(JSON.stringify({ cores: cpus().length, rounds, ...rounded }, null, 2));
    else
      for (const [name, value] of Object.entries(rounded)) console.log(`${name.padEnd(45)} ${String(value)}`);
  })
  .finally(() => {
    spawnSync("make", ["down", "STACK=sandbox"], { env: { ...process.env, ...own } });
    rmSync(folder, { recursive: true, force: true });
  })
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
