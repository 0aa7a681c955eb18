import "../system/lean-sdk.ts"; // first, as in index.ts
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { deepMerge } from "../system/fields.ts";
import { cloudAnswer, cloudOutputs, isCloudType } from "./cloud-answers.ts";

/** A resource, component or provider, as the program registered it. */
export interface Recorded {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** URN; empty at the root. */
  readonly parent: string;
  /** `urn::id`; empty for components and for what the engine itself provides. */
  readonly provider: string;
  /** Secrets are {@link redacted}, unknown values {@link computed}. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** URNs of everything it waits for, by data or by option. */
  readonly dependsOn: readonly string[];
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  /** The former names and types that the program gives it, without those that the SDK gives to objects of an API. */
  readonly aliases: readonly string[];
  /** The other URNs by which the engine knows it: by aliases of its own, and by those of what it is in. */
  readonly formerUrns: readonly string[];
  /** The resource stays in the cluster when the program no longer has it. */
  readonly retainOnDelete: boolean;
  /** A replacement waits until the old one is deleted, whatever the provider says. */
  readonly deleteBeforeReplace: boolean;
  /** Outputs that are secret whatever the provider says. */
  readonly secretOutputs: readonly string[];
  readonly custom: boolean;
  /** Time limits by operation, such as `300s`; the provider's own where an operation is not there. */
  readonly timeouts: Readonly<Partial<Record<"create" | "update" | "delete", string>>>;
}

/** The text in the place of a secret. */
export const redacted = "<redacted>";
/** The text in the place of a value that only a cluster or cloud knows. */
export const computed = "<computed>";

// How the engine marks a secret and an unknown value on the wire.
const { specialSigKey, specialSecretSig, unknownValue } = pulumi.runtime;

/** The part of a registration request that is read; the SDK keeps the type internal. */
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProtect(): boolean;
  getDependenciesList(): string[];
  getIgnorechangesList(): string[];
  getAliasesList(): { getSpec(): { getName(): string; getType(): string } | undefined }[];
  getRetainondelete(): boolean;
  getDeletebeforereplace(): boolean;
  getAdditionalsecretoutputsList(): string[];
  getCustom(): boolean;
  getCustomtimeouts(): { getCreate(): string; getUpdate(): string; getDelete(): string } | undefined;
}
interface Monitor {
  newUrn(parent: string, type: string, name: string): string;
  registerResource(request: Request, callback: (error: unknown, response: unknown) => void): Promise<void>;
}

/** Settings of a run, as the engine would hand them over. */
export interface ProgramSettings {
  readonly project: string;
  readonly stack: string;
  /** Text by full key, objects as JSON. @default none */
  readonly config?: Readonly<Record<string, string>>;
}

/**
 * Runs a program without engine, cluster or credentials, and records what it registers.
 *
 * Nothing here shows what a provider would check, change or wait for.
 */
export async function record(
  settings: ProgramSettings,
  program: () => unknown,
): Promise<{ resources: Recorded[]; result: unknown }> {
  const inputs = new Map<string, Record<string, unknown>>();
  const providers = new Map<string, string>();
  const formerUrns = new Map<string, string[]>();
  const unplanned: string[] = [];
  const resources: Recorded[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        const id = args.custom === true ? `${args.name}-id` : "";
        const given = args.inputs as Record<string, unknown>;
        const state = stateOf(args.type, args.name, given);
        inputs.set(`${args.type}::${args.name}`, isCloudType(args.type) ? given : state);
        providers.set(`${args.type}::${args.name}`, args.provider ?? "");
        return { id, state };
      },
      call: ({ token, inputs: asked }) => {
        const answer = cloudAnswer(token, asked as Record<string, unknown>);
        if (answer === undefined) unplanned.push(token);
        return answer ?? {};
      },
    },
    settings.project,
    settings.stack,
  );
  pulumi.runtime.setAllConfig({ ...settings.config });
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  monitor.newUrn = (parent, type, name) => urn(settings, parent, type, name);
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = async (request, callback) => {
    const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
    const own = urn(settings, parent, type, name);
    const aliases = aliasesOf(request);
    formerUrns.set(own, urnsOf(settings, request, aliases, formerUrns.get(parent)));
    await register(request, callback);
    const seen = inputs.get(`${type}::${name}`) ?? {};
    resources.push({
      urn: own,
      type,
      name,
      parent,
      provider: providers.get(`${type}::${name}`) ?? "",
      inputs: requested(type, seen),
      dependsOn: [...request.getDependenciesList()].sort(),
      protect: request.getProtect(),
      ignoreChanges: request.getIgnorechangesList(),
      aliases: [
        ...new Set(aliases.flatMap(({ name, type = "" }) => name ?? (isComponentType(type) ? [type] : []))),
      ],
      formerUrns: formerUrns.get(own) ?? [],
      retainOnDelete: request.getRetainondelete(),
      deleteBeforeReplace: request.getDeletebeforereplace(),
      secretOutputs: request.getAdditionalsecretoutputsList(),
      custom: request.getCustom(),
      timeouts: timeouts(request),
    });
  };
  const result = await program();
  await pulumi.runtime.disconnect();
  if (unplanned.length > 0) throw new Error(`the program asked a provider: ${unplanned.join(", ")}`);
  return { resources, result };
}

/** The time limits that are set: an operation without one is an empty text on the wire. */
function timeouts(request: Request): Recorded["timeouts"] {
  const set = request.getCustomtimeouts();
  const all = { create: set?.getCreate(), update: set?.getUpdate(), delete: set?.getDelete() };
  return Object.fromEntries(Object.entries(all).filter(([, limit]) => limit !== undefined && limit !== ""));
}

/** The URN the engine gives: types of all ancestors, without the stack's own. */
function urn({ stack, project }: ProgramSettings, parent: string, type: string, name: string): string {
  const parentType = parent.split("::")[2] ?? "";
  const prefix = parentType === "" || parentType === "pulumi:pulumi:Stack" ? "" : `${parentType}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

/** An alias, as far as it differs from the resource. */
interface AliasSpec {
  readonly name?: string;
  readonly type?: string;
}

function aliasesOf(request: Request): AliasSpec[] {
  return request.getAliasesList().map((alias) => {
    const [name = "", type = ""] = [alias.getSpec()?.getName(), alias.getSpec()?.getType()];
    return { ...(name !== "" && { name }), ...(type !== "" && { type }) };
  });
}

/**
 * The URNs that a resource had under its former names, types and parents. A name that begins with its parent's follows the
 * parent's former names: pkg/resource/deploy/step_generator.go of pulumi/pulumi, `inheritedChildAlias`.
 */
function urnsOf(
  settings: ProgramSettings,
  request: Request,
  aliases: readonly AliasSpec[],
  parents: readonly string[] = [],
): string[] {
  const [own, parent] = [{ type: request.getType(), name: request.getName() }, request.getParent()];
  const prefix = parent.split("::").at(-1) ?? "";
  const under = (other: string, name: string) =>
    name.startsWith(prefix) ? (other.split("::").at(-1) ?? "") + name.slice(prefix.length) : name;
  const all = [parent, ...parents].flatMap((other) =>
    [own, ...aliases.map((alias) => ({ ...own, ...alias }))].map(({ type, name }) =>
      urn(settings, other, type, under(other, name)),
    ),
  );
  return all.slice(1);
}

/** The outputs that a provider would return: the inputs, with a name, and for a Stash its value. */
function stateOf(type: string, name: string, inputs: Record<string, unknown>): Record<string, unknown> {
  if (type === "pulumi:index:Stash") return { ...inputs, output: inputs.input };
  if (isCloudType(type)) return deepMerge(cloudOutputs(name), inputs);
  if (!isObjectType(type)) return inputs;
  const metadata = inputs.metadata as Record<string, unknown> | undefined;
  return { ...inputs, metadata: { ...metadata, name: metadata?.name ?? generatedName(name, inputs) } };
}

/** A generated name that is the same for the same inputs: `-` and 8 hex digits of their hash. */
function generatedName(name: string, inputs: Record<string, unknown>): string {
  const hash = createHash("sha256").update(JSON.stringify(hidden(inputs)));
  return `${name}-${hash.digest("hex").slice(0, 8)}`;
}

/** Tells whether a type is an object of a Kubernetes API. */
export function isObjectType(type: string): boolean {
  return type.startsWith("kubernetes:");
}

/** Tells a component of this program by its type. */
function isComponentType(type: string): boolean {
  return type.startsWith("multi-client:");
}

/** The inputs as the program gave them, without those that {@link stateOf} added for a Stash. */
function requested(type: string, state: Record<string, unknown>): Record<string, unknown> {
  const inputs: Record<string, unknown> =
    type === "pulumi:index:Stash" ? { input: state.input } : { ...state };
  return hidden(inputs) as Record<string, unknown>;
}

/** A value without its secrets: the leaves below a secret are hidden, the keys stay. */
function hidden(value: unknown, secret = false): unknown {
  if (Array.isArray(value)) return value.map((item) => hidden(item, secret));
  if (typeof value === "object" && value !== null) {
    const entries = value as Record<string, unknown>;
    if (entries[specialSigKey] === specialSecretSig) return hidden(entries.value, true);
    return Object.fromEntries(Object.entries(entries).map(([key, item]) => [key, hidden(item, secret)]));
  }
  if (value === unknownValue) return computed;
  return secret ? redacted : value;
}
