import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs a test in a folder that has some files, and removes it. */
export function withFiles<T>(files: Readonly<Record<string, string>>, test: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "multi-client-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return test(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
