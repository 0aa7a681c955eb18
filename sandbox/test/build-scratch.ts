import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

const names = [
  "MULTI_CLIENT_ROOT",
  "XDG_CACHE_HOME",
  "XDG_STATE_HOME",
  "KUBECONFIG",
  "PATH",
  "FAKE_GO_LOG",
] as const;

/** A folder of a test's own with a work tree, cache, state and a `go` that "builds" at once; `end` undoes it all. */
export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), "multi-client-test-"));
  const before = names.map((name) => [name, process.env[name]] as const);
  const write = (path: string, text: string, mode = 0o644) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };
  for (const group of ["pulumi", "etcd", "official-kubernetes"]) {
    write(`root/sandbox/build/${group}/go.mod`, `module x\ngo ${group === "pulumi" ? "1.26.6" : "1.26.0"}\n`);
    write(`root/sandbox/build/${group}/go.sum`, "sum 1\n");
  }
  const go = (version: string, build = 'printf program > "$out"') =>
    write(
      "bin/go",
      `#!/bin/sh
if [ "$1" = env ]; then echo ${version}; exit; fi
if [ "$1" = list ]; then echo /modules/package; exit; fi
echo "CGO_ENABLED=$CGO_ENABLED $*" >> "$FAKE_GO_LOG"
while [ "$1" != -o ]; do shift; done; out=$2
${build}
`,
      0o755,
    );
  go("go1.26.8");
  process.env.MULTI_CLIENT_ROOT = join(folder, "root");
  process.env.XDG_CACHE_HOME = join(folder, "cache");
  process.env.XDG_STATE_HOME = join(folder, "state");
  process.env.KUBECONFIG = join(folder, "kubeconfig");
  process.env.FAKE_GO_LOG = write("go.log", "");
  process.env.PATH = `${join(folder, "bin")}${delimiter}${process.env.PATH ?? ""}`;
  const lines: string[] = [];
  return {
    folder,
    write,
    go,
    lines,
    log: (line: string) => {
      lines.push(line);
    },
    end: () => {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
