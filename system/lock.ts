import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "./errors.ts";
import type { Log } from "./log.ts";

/** The start time of a process, which tells it from a later one of the same id; undefined when there is none. */
export function startTime(pid: number): string | undefined {
  try {
    if (process.platform !== "linux") {
      // Its text follows language and time zone, and another process may have others.
      const env = { ...process.env, LC_ALL: "C", TZ: "UTC" };
      return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8", env }).trim();
    }
    return ticksIn(readFileSync(`/proc/${String(pid)}/stat`, "utf8"));
  } catch {
    return undefined;
  }
}

/** The name of a process's program; empty when there is none. */
export function programOf(pid: number): string {
  try {
    return process.platform === "linux"
      ? readFileSync(`/proc/${String(pid)}/comm`, "utf8").trim()
      : basename(execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" }).trim());
  } catch {
    return "";
  }
}

/** The start of a process of Linux, in clock ticks since the boot; undefined where it has ended. */
function ticksIn(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // the name before may hold spaces
  return fields[0] === "Z" ? undefined : fields[19]; // proc(5): state, starttime
}

/** The milliseconds of a clock tick, as the kernel counts for programs (USER_HZ). */
const TICK = 10;

/** The time when a process began, in milliseconds since 1970; undefined when there is none. */
export function beganAt(pid: number): number | undefined {
  const start = startTime(pid);
  if (start === undefined) return undefined;
  if (process.platform !== "linux") return Date.parse(`${start} UTC`);
  // A container may show another time of the boot than the one that ticks count from: a process that begins now is the measure.
  const now = Date.now();
  const measure = ticksIn(execFileSync("cat", ["/proc/self/stat"], { encoding: "utf8" }));
  return now - (Number(measure) - Number(start)) * TICK;
}

/**
 * Does `work` while no other process does. The lock `file` names its owner by process id, start time and what it does.
 * A lock whose owner is gone is taken over; while the owner lives, one line says which process is waited for.
 *
 * @param doing what this process does, for the line of others that wait: `make up, stack dev`.
 */
export async function withLock<T>(file: string, doing: string, log: Log, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const mine = `${String(process.pid)}\n${startTime(process.pid) ?? ""}\n${doing}\n`;
  const own = `${file}.${randomUUID()}`;
  writeFileSync(own, mine);
  try {
    await acquire(own, file, log);
  } finally {
    rmSync(own, { force: true });
  }
  try {
    return await work();
  } finally {
    if (read(file) === mine) rmSync(file, { force: true });
  }
}

async function acquire(own: string, file: string, log: Log): Promise<void> {
  for (let said = false; ;) {
    try {
      linkSync(own, file); // unlike open, a link appears with its content
      return;
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
    const found = read(file);
    if (found === undefined) continue;
    const [pid = "", start, doing = ""] = found.split("\n");
    if (start === undefined || startTime(Number(pid)) !== start) {
      takeAway(file, found);
      continue;
    }
    if (!said) log(`Waiting for process ${pid} (${doing}) to end ...`);
    said = true;
    await sleep(200);
  }
}

/** Removes the lock of a dead owner; when another process was faster, its fresh lock is put back. */
function takeAway(file: string, dead: string): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    if (read(aside) !== dead) linkSync(aside, file);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes(errorCode(error))) throw error;
  }
  rmSync(aside, { force: true });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
