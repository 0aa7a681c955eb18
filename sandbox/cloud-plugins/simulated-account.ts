import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fields } from "../../system/fields.ts";

/** A resource as the simulated cloud has it. */
export interface CloudResource {
  readonly type: string;
  readonly id: string;
  /** What was asked for, with defaults. */
  readonly inputs: Fields;
  /** What the cloud says: inputs, defaults and what it added. */
  readonly outputs: Fields;
  /** From when on it has effect on access: milliseconds since 1970. */
  readonly effective: number;
}

/** How much sooner than in the cloud a grant has effect here: a minute is a second. */
const SPEED_UP = 60;

/** When that is which takes so many seconds in the cloud. */
export const effectiveTime = (seconds = 0): number => Date.now() + (seconds * 1000) / SPEED_UP;

/** A mishap for the tests: the next `times` calls of this kind fail, or are done and never answered. */
export interface Fault {
  /** Type of the resource; of what the cloud's controllers do, the CSI driver or the API path of the objects. */
  readonly type: string;
  /** `control`: the controllers do nothing about it as long as the fault is there. */
  readonly operation: "create" | "update" | "delete" | "control";
  /** What the cloud says. @default it does what it was asked for, and never answers */
  readonly error?: string;
  readonly times: number;
}

/** Everything one simulated cloud remembers: a folder with one file for each resource, so that two may write at once. */
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
          return []; // deleted meanwhile
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

  /** @throws when a resource of this id is there. */
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

  /** The fault that keeps the cloud's controllers from something. */
  controllerFault(type: string): Fault | undefined {
    return this.#faults().find((each) => each.type === type && each.operation === "control");
  }

  /** The fault that hits this call, used up by it. */
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
