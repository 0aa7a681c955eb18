import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fields } from "../../system/fields.ts";

/** A resource of a simulated cloud. */
export interface CloudResource {
  readonly type: string;
  readonly id: string;
  /** The inputs with the cloud's defaults. */
  readonly inputs: Fields;
  /** The inputs and what the cloud added to them. */
  readonly outputs: Fields;
  /** The time from which it has effect on access, in milliseconds since 1970. */
  readonly effective: number;
  /** What is left of a resource that is deleted: the id that it keeps until {@link effective}. @default it is a resource */
  readonly keeps?: { readonly id: string; readonly message: string };
}

/** The factor by which time passes faster here than in the cloud: a minute is a second. */
const SPEED_UP = 60;

/** The time at which something has effect that takes so many seconds in the cloud. */
export const effectiveTime = (seconds = 0): number => Date.now() + (seconds * 1000) / SPEED_UP;

/** A fault that a test injects: the next `times` calls of this kind fail, or are done and never answered. */
export interface Fault {
  /** The type of the resource; for the cloud's controllers the CSI driver, or the API path of the objects. */
  readonly type: string;
  /** The call that fails. With `control` the controllers do nothing as long as the fault is there. */
  readonly operation: "create" | "update" | "delete" | "control";
  /** The error of the cloud. @default it does what it was asked for, and never answers */
  readonly error?: string;
  readonly times: number;
}

/** What an account may do: a test sets less than there is by default. */
export interface AccountSettings {
  /** The most that the account has of something at once, by the name that the rules give it. @default no limit */
  readonly limits?: Readonly<Record<string, number>>;
  /** The features that are registered, and the APIs that are on beside those that the stack turns on. */
  readonly features: readonly string[];
  /** The actions that the deployer may not do. @default none */
  readonly forbidden?: readonly string[];
}

/** An account as the runbook wants it: without a preview that somebody would have to register. */
const defaultSettings: AccountSettings = {
  features: [
    "Microsoft.Compute/EncryptionAtHost",
    ...["Network", "Compute", "ContainerService", "OperationalInsights", "Insights", "ManagedIdentity"].map(
      (name) => `Microsoft.${name}`,
    ),
    "cloudresourcemanager.googleapis.com",
    "serviceusage.googleapis.com",
  ],
};

/** The resources of a simulated cloud, in a folder with a file for each, so that two processes may write at once. */
export class SimulatedAccount {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  all(): CloudResource[] {
    return readdirSync(this.#folder)
      .filter((name) => /^[0-9a-f]+\.json$/.test(name))
      .sort()
      .flatMap((name) => {
        try {
          return [JSON.parse(readFileSync(join(this.#folder, name), "utf8")) as CloudResource];
        } catch {
          return []; // it was deleted meanwhile
        }
      });
  }

  find(type: string, id: string): CloudResource | undefined {
    try {
      return JSON.parse(readFileSync(this.#file(type, id), "utf8")) as CloudResource;
    } catch {
      return undefined;
    }
  }

  /** Adds a resource. @throws when one of its type and id is there. */
  add(resource: CloudResource): void {
    if (this.find(resource.type, resource.id) !== undefined) throw new Error(`${resource.id} already exists`);
    this.put(resource);
  }

  put(resource: CloudResource): void {
    const file = this.#file(resource.type, resource.id);
    writeFileSync(`${file}.new`, JSON.stringify(resource, null, 2));
    renameSync(`${file}.new`, file);
  }

  remove({ type, id }: CloudResource): void {
    rmSync(this.#file(type, id), { force: true });
  }

  /** What the account may do: its file `settings`. @default {@link defaultSettings} */
  settings(): AccountSettings {
    try {
      const set = JSON.parse(
        readFileSync(join(this.#folder, "settings"), "utf8"),
      ) as Partial<AccountSettings>;
      return { ...defaultSettings, ...set };
    } catch {
      return defaultSettings;
    }
  }

  /** Finds the fault that keeps the cloud's controllers from their work. */
  controllerFault(type: string): Fault | undefined {
    return this.#faults().find((each) => each.type === type && each.operation === "control");
  }

  /** Takes the fault of this call, which uses it up once. */
  takeFault(type: string, operation: Fault["operation"]): Fault | undefined {
    const file = join(this.#folder, "faults");
    const faults = this.#faults();
    const hit = faults.find((each) => each.type === type && each.operation === operation && each.times > 0);
    if (hit === undefined) return undefined;
    writeFileSync(
      file,
      JSON.stringify(faults.map((each) => (each === hit ? { ...each, times: each.times - 1 } : each))),
    );
    return hit;
  }

  #faults(): Fault[] {
    try {
      return JSON.parse(readFileSync(join(this.#folder, "faults"), "utf8")) as Fault[];
    } catch {
      return [];
    }
  }

  #file(type: string, id: string): string {
    const hash = createHash("sha256").update(`${type} ${id}`).digest("hex").slice(0, 24);
    return join(this.#folder, `${hash}.json`);
  }
}
