import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, normalize, sep } from "node:path";

/** The rooms that each room may import, as the table of docs/architecture.md has them. */
function documentedRooms(): Map<string, readonly string[]> {
  const page = readFileSync("docs/architecture.md", "utf8");
  const rows = page.matchAll(/^\| `([\w.]+)` +\|.*\|([^|]*)\|$/gm);
  return new Map(
    [...rows].map(([, room = "", imports = ""]) => [
      room,
      [...imports.matchAll(/`([\w.]+)`/g)].map(([, name = ""]) => name),
    ]),
  );
}

const roomOf = (file: string): string => file.split(sep)[0] ?? "";

/** The files of the repository that a source imports, statically or when it needs them. */
function importsOf(file: string): string[] {
  const found = readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...found].map(([, path = ""]) => normalize(`${dirname(file)}/${path}`));
}

describe("docs/architecture.md", () => {
  const rooms = documentedRooms();
  const files = globSync("**/*.ts", { exclude: (name) => ["node_modules", "build"].includes(name) });

  it("lists every room", () => {
    assert.deepEqual([...rooms.keys()].sort(), [...new Set(files.map(roomOf))].sort());
  });

  it("names for each room the rooms that it imports, and no others", () => {
    for (const [room, allowed] of rooms) {
      if (room === "test") continue; // it may import everything
      const imported = files
        .filter((file) => roomOf(file) === room && !file.includes(`${sep}test${sep}`))
        .flatMap(importsOf);
      const others = [...new Set(imported.map(roomOf))].filter((other) => other !== room).sort();
      assert.deepEqual(others, [...allowed].sort(), `imports of ${room}`);
    }
  });
});
