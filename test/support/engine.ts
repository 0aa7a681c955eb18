import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pulumiVersion } from "../../launcher/engine/find-engine.ts";
import type { Invocation } from "../../launcher/stack/plan.ts";

/** Writes the engine of a PULUMI_HOME, which is a script. */
export function writeEngine(home: string, script: string): void {
  const bin = join(home, "versions", pulumiVersion("."), "bin");
  mkdirSync(bin, { recursive: true });
  const asked = `if [ "$*" = version ]; then echo v${pulumiVersion(".")}; exit; fi`;
  writeFileSync(join(bin, "pulumi"), ["#!/bin/sh", asked, script].join("\n"), { mode: 0o755 });
  writeFileSync(join(bin, "pulumi-language-nodejs"), "#!/bin/sh\n", { mode: 0o755 });
}

/**
 * Runs a make target in a folder, with an engine that is a script and lists its calls in the file `calls` there.
 *
 * @param script has the engine's arguments: `$1 $2` is `stack export`.
 */
export async function withEngine(
  script: string,
  command: (invocation: Invocation) => Promise<void>,
  { root, env }: Pick<Invocation, "root" | "env">,
): Promise<void> {
  writeEngine(join(root, "pulumi"), [`cd '${root}'`, 'echo "$1 $2" >>calls', script].join("\n"));
  const all = { PATH: process.env.PATH, HOME: root, PULUMI_HOME: join(root, "pulumi"), ...env };
  const silent = () => undefined;
  await command({ command: "", root, env: all, write: silent, log: silent });
}
