import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser } from "playwright-core";
import { debianTree } from "../../sandbox/index.ts";
import { which } from "../../system/process.ts";
import { folder } from "./world.ts";

/** What the browser consists of; its other libraries come as dependencies. */
const packages = [
  "chromium-headless-shell",
  "fonts-dejavu-core",
  "fontconfig-config",
  "base-files",
  "dash",
  "coreutils",
];

/**
 * Starts Chromium without a window: the one on PATH, else Debian's, which is unpacked into the cache and not installed.
 *
 * @throws where there is neither, with the reason.
 */
export async function startBrowser(): Promise<Browser> {
  const installed = ["chromium", "chromium-headless-shell", "google-chrome"]
    .map((name) => which(name, process.env))
    .find((path) => path !== undefined);
  return chromium.launch({
    executablePath: installed ?? (await unpacked()),
    // Chromium's own sandbox refuses root.
    chromiumSandbox: process.getuid?.() !== 0,
  });
}

/** A script that runs Debian's Chromium in its tree, with mounts of its own that end with it. */
async function unpacked(): Promise<string> {
  const tree = await debianTree({
    name: "browser",
    packages,
    log: (line) => {
      console.log(`  ${line}`);
    },
  });
  const script = join(folder, "chromium");
  const inTree = [
    "mkdir -p $0/${TMPDIR:-/tmp}",
    "mount --rbind /dev $0/dev",
    "mount -t proc proc $0/proc",
    "mount --rbind ${TMPDIR:-/tmp} $0/${TMPDIR:-/tmp}",
    'exec chroot $0 /usr/bin/chromium-headless-shell "$@"',
  ].join(" && ");
  writeFileSync(script, `#!/bin/sh\nexec unshare --mount sh -c '${inTree}' '${tree}' "$@"\n`);
  chmodSync(script, 0o755);
  return script;
}
