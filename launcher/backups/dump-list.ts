import type { BackupContainer } from "./backup-container.ts";

/** A dump, as `backup/dumps.sh` describes it. One of a version before 0.1.0 has a name and a size alone. */
export interface Dump {
  readonly name: string;
  readonly bytes: number;
  /** The time of its snapshot. */
  readonly at?: string;
  readonly sha256?: string;
  /** The version of the server, as `server_version_num` has it: 170010 is 17.10. */
  readonly server?: number;
  /** The rows of each table, by `schema.table`. */
  readonly rows?: Readonly<Record<string, number>>;
  /** `restored`: it was restored, and has the rows of its snapshot; `full`: it was read to its end. */
  readonly verified?: "full" | "restored";
  /** The reason why it was not restored. */
  readonly reason?: string;
  /** `restore`: it is of data that a restore replaced. */
  readonly purpose?: string;
  /** Another one was made later, and has an earlier date: a clock was wrong. @default false */
  readonly overtaken?: boolean;
}

/** The dumps of a database, the newest first, and how the last attempt ended. */
export interface DumpList {
  readonly status: {
    readonly state: "ok" | "failed" | "blocked";
    readonly at: string;
    readonly reason: string;
  } | null;
  readonly freeBytes: number;
  readonly dumps: readonly Dump[];
}

/** The age after which the newest verified dump is too old, in hours: one a day, and two hours of grace. */
export const OLDEST_HOURS = 26;

export const listDumps = async (container: BackupContainer): Promise<DumpList> =>
  JSON.parse(await container.call("list")) as DumpList;

/** Hours since the snapshot of a dump. */
const ageHours = ({ at = "" }: Dump, now = Date.now()): number => (now - Date.parse(at)) / 3_600_000;

/** Tells whether a dump is dated more than an hour ahead: a clock was wrong, and nobody knows how old it is. */
const isAhead = (dump: Dump, now: number): boolean => ageHours(dump, now) < -1;

/**
 * The newest verified dump, which one of data that a restore was to replace is not: after an interrupted restore it would bring
 * back the very data that was wrong. Nor is one that a wrong clock dated in the future, or later than the next. Undefined where there is none.
 */
export const newestVerified = ({ dumps }: DumpList, now = Date.now()): Dump | undefined =>
  dumps.find(
    (dump) =>
      dump.verified !== undefined &&
      dump.purpose !== "restore" &&
      dump.overtaken !== true &&
      !isAhead(dump, now),
  );

/** The reason why the backups are not what they should be; undefined where they are. */
export function complaint(list: DumpList, now = Date.now()): string | undefined {
  const { status } = list;
  const last =
    status === null || status.state === "ok" ? "" : `; the last attempt ${status.state}: ${status.reason}`;
  const ahead = list.dumps.find((dump) => isAhead(dump, now));
  const clock =
    ahead === undefined
      ? ""
      : `; ${ahead.name} is dated ${ahead.at ?? ""}, in the future: a clock is wrong, or was`;
  const newest = newestVerified(list, now);
  if (newest === undefined) return `there is no verified backup${clock}${last}`;
  const age = ageHours(newest, now);
  if (age <= OLDEST_HOURS) return undefined;
  return `the newest verified backup is ${age.toFixed(0)} h old, and ${OLDEST_HOURS} h are the limit${clock}${last}`;
}

/** The state of the backups in one line for people, with what is wrong where something is. */
export function backupsText(list: DumpList, now = Date.now()): string {
  const newest = newestVerified(list, now);
  const why = complaint(list, now);
  if (newest === undefined || why !== undefined) return `Backups:  not as they should be: ${why ?? ""}`;
  return `Backups:  the newest verified one is ${Math.max(0, ageHours(newest, now)).toFixed(1)} h old`;
}

/** A number of bytes as people read it. */
export function shownBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ""}`;
}

/** A dump as one line for people. */
export function dumpText(dump: Dump): string {
  const size = shownBytes(dump.bytes).padStart(9);
  if (dump.verified === undefined) return `${dump.name}  ${size}  not verified`;
  const rows = Object.values(dump.rows ?? {}).reduce((sum, each) => sum + each, 0);
  const how =
    dump.verified === "restored" ? "restored and compared" : `read to its end (${dump.reason ?? ""})`;
  const clock = dump.overtaken === true ? "; one that was made later has an earlier date" : "";
  return `${dump.name}  ${size}  ${rows} rows  ${how}${clock}`;
}
