import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path/posix";

/** The modules of the tree that a file imports: for values or for types, statically or when it runs. */
function importsOf(file: string): string[] {
  const specifiers = readFileSync(file, "utf8").matchAll(/\b(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g);
  return [...specifiers].map(([, specifier = ""]) => join(file, "..", specifier));
}

/** The first circle that a walk along the imports finds; empty where there is none. */
function circle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    const found = (graph.get(file) ?? []).map((next) => walk(next, [...path, file]));
    done.add(file);
    return found.find(({ length }) => length > 0) ?? [];
  };
  return [...graph.keys()].map((file) => walk(file, [])).find(({ length }) => length > 0) ?? [];
}

describe("the imports of the tree", () => {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"]);
  const files = listed.toString().trim().split("\n");
  const graph = new Map(files.filter((file) => existsSync(file)).map((file) => [file, importsOf(file)]));

  it("are found, whatever their form", () => {
    const edges = [
      ["index.ts", "components/index.ts"],
      ["components/cluster/index.ts", "components/cluster/eks/index.ts"],
      ["components/cluster/index.ts", "components/cluster/eks/args.ts"],
      ["components/index.ts", "components/application.ts"],
    ] as const;
    for (const [file, imported] of edges)
      assert.ok(graph.get(file)?.includes(imported), `${file} ${imported}`);
  });

  it("have no circle, those of types included", () => {
    assert.deepEqual(circle(graph), []);
  });

  it("would be refused with a circle, which is named", () => {
    const graph = new Map([
      ["a", ["b"]],
      ["b", ["c"]],
      ["c", ["b"]],
    ]);
    assert.deepEqual(circle(graph), ["b", "c", "b"]);
  });
});
