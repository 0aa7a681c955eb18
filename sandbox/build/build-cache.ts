import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { ensureEntry, withProgress } from "./cache-entry.ts";
import { cacheFolder, projectRoot } from "../../system/folders.ts";
import type { Log } from "../../system/log.ts";
import { type Group, linkerFlags, recipes } from "./recipes.ts";
import { lastLines, run, which } from "../../system/process.ts";

/** A program in the manifest of a finished entry. The hash tells a file that was copied from one that was changed. */
interface BuiltProgram {
  readonly size: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

const moduleFolder = (group: Group): string => join(projectRoot(), "sandbox", "build", group);

/** The folder of a group in the cache: another go.mod, go.sum, recipe or kind of computer has another one. */
export function cacheEntry(group: Group): string {
  const hash = createHash("sha256");
  for (const file of ["go.mod", "go.sum", "main.go"]) {
    const path = join(moduleFolder(group), file);
    if (existsSync(path)) hash.update(readFileSync(path));
  }
  const { programs } = recipes[group];
  hash.update(JSON.stringify([programs, linkerFlags(recipes[group]), process.platform, process.arch]));
  return join(cacheFolder(), `${group}-${hash.digest("hex").slice(0, 16)}`);
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** Finds what is wrong with a group in the cache: size and time of each program, and its hash if the time differs. */
export async function cacheDefect(group: Group): Promise<string | undefined> {
  const entry = cacheEntry(group);
  let built: Record<string, BuiltProgram>;
  try {
    built = JSON.parse(readFileSync(join(entry, "manifest.json"), "utf8")) as Record<string, BuiltProgram>;
  } catch {
    return existsSync(entry) ? "no readable manifest" : "not built yet";
  }
  for (const name of Object.keys(recipes[group].programs)) {
    const file = join(entry, "bin", name);
    const stat = statSync(file, { throwIfNoEntry: false });
    const said = built[name];
    if (said === undefined || stat === undefined) return `${name} is missing`;
    if (stat.size !== said.size) return `${name} has ${stat.size} bytes, not ${said.size}`;
    if (stat.mtimeMs !== said.mtimeMs && (await sha256(file)) !== said.sha256) return `${name} was changed`;
  }
  return undefined;
}

/**
 * Builds a group from its Go modules when the cache has no sound copy.
 *
 * @returns the folder with its programs.
 * @throws when Go is missing or too old, the cache cannot be written, or the build fails.
 */
export async function ensureBuilt(group: Group, log: Log): Promise<string> {
  const entry = cacheEntry(group);
  await ensureEntry({
    entry,
    name: group,
    defect: () => cacheDefect(group),
    make: async (partial) => {
      await checkGo(group);
      await build(group, partial, log);
    },
    log,
  });
  return join(entry, "bin");
}

/** Refuses a Go that is older than the group's go.mod asks for. */
async function checkGo(group: Group): Promise<void> {
  const [, needed = ""] = /^go (\S+)$/m.exec(readFileSync(join(moduleFolder(group), "go.mod"), "utf8")) ?? [];
  let found = "no `go` on PATH";
  if (which("go", process.env) !== undefined) {
    // In the group's folder: a `go` that switches toolchains by itself answers with the one it will use.
    const { code, output } = await run("go", ["env", "GOVERSION"], { cwd: moduleFolder(group) });
    const [, version = ""] = /^go(\d\S+)/m.exec(output) ?? [];
    if (code === 0 && version.localeCompare(needed, "en", { numeric: true }) >= 0) return;
    found = output.trim() || `a \`go\` that ends with code ${code}`;
  }
  throw new Error(
    `The sandbox builds ${group} with Go. Found: ${found}. Needed: Go ${needed} or newer.\n` +
      "Two ways: install Go and run the command again, or install minikube and use stack dev (make up STACK=dev).",
  );
}

async function build(group: Group, folder: string, log: Log): Promise<void> {
  const programs = Object.entries(recipes[group].programs);
  const begin = Date.now();
  const manifest: Record<string, BuiltProgram> = {};
  mkdirSync(join(folder, "bin"), { recursive: true });
  for (const [index, [name, path]] of programs.entries()) {
    const step = `Building ${group} (${index + 1} of ${programs.length}, ${name})`;
    const file = join(folder, "bin", name);
    const flags = [
      "-trimpath",
      "-mod=readonly",
      "-buildvcs=false",
      `-ldflags=${linkerFlags(recipes[group])}`,
      ...(await overlayFlags(group, folder)),
    ];
    await withProgress(step, log, async (elapsed) => {
      const result = await run("go", ["build", ...flags, "-o", file, path], {
        cwd: moduleFolder(group),
        env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" },
        doing: `building ${group}`,
      });
      const said = lastLines(result.output, 20);
      if (result.code !== 0)
        throw new Error(`${step} failed after ${elapsed()}; go said:\n${said}\n${adviceFor(said)}`);
    });
    const { size, mtimeMs } = statSync(file);
    manifest[name] = { size, mtimeMs, sha256: await sha256(file) };
  }
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest, undefined, 2));
  log(`Built ${group} in ${Math.round((Date.now() - begin) / 1000)} s.`);
}

/** Lets the compiler find the files that a main of ours embeds where another package has them. */
async function overlayFlags(group: Group, folder: string): Promise<string[]> {
  const { embedded } = recipes[group];
  if (embedded === undefined) return [];
  const { code, stdout, output } = await run("go", ["list", "-find", "-e", "-f", "{{.Dir}}", embedded.from], {
    cwd: moduleFolder(group),
  });
  if (code !== 0) throw new Error(`go list failed:\n${lastLines(output, 5)}\n${adviceFor(output)}`);
  const Replace = Object.fromEntries(
    embedded.files.map((name) => [join(moduleFolder(group), name), join(stdout.trim(), name)]),
  );
  const file = join(folder, "overlay.json");
  writeFileSync(file, JSON.stringify({ Replace }));
  return [`-overlay=${file}`];
}

function adviceFor(said: string): string {
  if (/no space left on device|disk quota exceeded/.test(said)) {
    return `Fix: free space for ${cacheFolder()} (XDG_CACHE_HOME) and Go's own cache (GOCACHE, GOMODCACHE, TMPDIR).`;
  }
  if (/dial tcp|lookup |i\/o timeout|connection refused|proxyconnect/.test(said)) {
    return "Fix: Go needs its module proxy and checksum database (GOPROXY, GOSUMDB) for the first build.";
  }
  return "Fix: run the command again; what was built is kept in Go's own cache.";
}
