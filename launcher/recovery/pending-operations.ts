import { apiPath, pluralOf } from "../../system/api-path.ts";

/**
 * A stack's state, as far as it is read here. Source: sdk/go/common/apitype/core.go
 * (DeploymentV3, ResourceV3, OperationV2).
 */
export interface State {
  readonly deployment: {
    readonly manifest?: { readonly time?: string };
    readonly resources?: readonly Resource[];
    readonly pending_operations?: readonly Operation[];
  };
}

export interface Resource {
  readonly urn: string;
  readonly type: string;
  /** A provider made it; a component is nowhere but in the state. */
  readonly custom?: boolean;
  readonly id?: string;
  readonly parent?: string;
  /** URNs of those it waited for. */
  readonly dependencies?: readonly string[];
  /** `<urn>::<id>` of its provider. */
  readonly provider?: string;
  /** When the engine recorded it as made, as RFC 3339. */
  readonly created?: string;
  /** Its deletion only forgets it. */
  readonly retainOnDelete?: boolean;
  /** Waits to be deleted, after another one took its place. */
  readonly delete?: boolean;
  /** Is deleted already, and not made anew yet. */
  readonly pendingReplacement?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

interface Operation {
  readonly resource: Resource;
  /** `creating`, `updating`, `deleting`, `reading` or `importing`. */
  readonly type: string;
}

/** An object of the cluster, as far as its origin shows. */
interface LiveObject {
  readonly metadata: {
    readonly creationTimestamp: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager?: string }[];
  };
}

/** The number of resources in a state; 0 for a stack that is not there. */
export const countOf = (state: State | undefined): number => state?.deployment.resources?.length ?? 0;

/** The most by which the clocks of this computer and the API server may differ, in milliseconds. Our choice. */
const CLOCK_SKEW = 120_000;
/** First part of the field managers of the kubernetes plugin (fieldManagerName, provider/pkg/provider/provider.go). */
const MANAGER = "pulumi-kubernetes";

/** The outcome of {@link resolvePending}. */
export interface ResolvedPending {
  /** The state without what was settled; the same value where nothing was. */
  readonly state: State;
  /** One line per operation, for the user. */
  readonly lines: readonly string[];
  /** Resources of a cloud that were being made: who resolves them, and how, is the user's to say. */
  readonly unresolved: readonly Resource[];
}

/**
 * Settles the pending operations of a state. An object that a pending create made is taken into the state under the
 * inputs it was made with, so that the next refresh reads it and no later plan differs from one without the kill; an
 * object that is not there is forgotten, and the program makes it anew. What this stack did not make stays out of the
 * state. Resources of other providers are left as they are: only their owner can say whether they exist.
 *
 * `pulumi refresh --import-pending-creates` is not used: engine 3.276 marks the operation as an import and then drops
 * it (pkg/cmd/pulumi/operations/refresh.go, pendingCreatesToImports; nothing reads the mark).
 *
 * @param find reads an object by its API path; undefined when there is none.
 */
export async function resolvePending(
  state: State,
  find: (path: string) => Promise<unknown>,
): Promise<ResolvedPending> {
  const { deployment } = state;
  const pending = deployment.pending_operations ?? [];
  if (pending.length === 0) return { state, lines: [], unresolved: [] };
  const since = Date.parse(deployment.manifest?.time ?? "");
  const [adopted, left, lines]: [Resource[], Operation[], string[]] = [[], [], []];
  for (const operation of pending) {
    const { resource, type } = operation;
    const title = titleOf(resource);
    const path = type === "creating" ? pathOf(resource) : undefined;
    if (type === "creating" && path === undefined && isOfACloud(resource)) {
      left.push(operation);
      lines.push(`${title}: interrupted while ${type}; only its cloud knows whether it exists`);
      continue;
    }
    if (path === undefined) {
      lines.push(`${title}: interrupted while ${type}; the next step repeats it`);
      continue;
    }
    const object = (await find(path)) as LiveObject | undefined;
    if (object === undefined) lines.push(`${title}: not in the cluster, so it is made anew`);
    else if (!isOurs(object, resource, since))
      lines.push(`${title}: in the cluster, but not ours; it is left alone`);
    else {
      adopted.push({ ...resource, id: idOf(resource), outputs: {} });
      lines.push(`${title}: in the cluster and ours, so it is taken over`);
    }
  }
  const resources = withAdopted(deployment.resources ?? [], adopted);
  return {
    state: { ...state, deployment: { ...deployment, resources, pending_operations: left } },
    lines,
    unresolved: left.map(({ resource }) => resource),
  };
}

/**
 * The advice about resources of a cloud that were being made when the engine was killed: nobody here can ask the cloud,
 * and to make them once more could leave a first one that nobody knows of.
 *
 * @param pulumi how the CLI is called by hand.
 */
export function unresolvedText(unresolved: readonly Resource[], pulumi: string, stack: string): string {
  const imports = unresolved.map(({ type, urn, parent }) => {
    const name = urn.split("::").at(-1) ?? "";
    const above = parent?.split("::").at(-1) ?? "";
    const under =
      parent === undefined || parent.includes("pulumi:pulumi:Stack") ? "" : ` --parent '${above}=${parent}'`;
    return `  ${pulumi} import ${type} ${name} <its id>${under} --protect=false --generate-code=false --stack ${stack}`;
  });
  return [
    "An earlier run was killed while a cloud was making what is listed above. Nothing was changed now.",
    "First look which of them are there. Then, for those that are there or not, forget that they were being made:",
    `  ${pulumi} refresh --clear-pending-creates --yes --stack ${stack}`,
    "and take over each one that is there:",
    ...imports,
    "Then this command once more.",
  ].join("\n");
}

/**
 * The resources with those adopted. One that was to replace another takes its place, so that who depends on it still
 * comes later; the other waits behind it for its deletion, as after a replacement that was cut off in the middle, unless
 * it is deleted already (pkg/resource/deploy/snapshot.go, VerifyIntegrity; pendingReplacement).
 */
function withAdopted(resources: readonly Resource[], adopted: readonly Resource[]): Resource[] {
  const replaced = new Set<Resource>();
  const all = resources.flatMap((old): Resource[] => {
    const fresh = old.delete === true ? undefined : adopted.find(({ urn }) => urn === old.urn);
    if (fresh === undefined) return [old];
    replaced.add(fresh);
    return old.pendingReplacement === true ? [fresh] : [fresh, { ...old, delete: true }];
  });
  return [...all, ...adopted.filter((fresh) => !replaced.has(fresh))];
}

/**
 * Tells whether the plugin made an object from these inputs. A namespace of ours has objects of this stack only; but the namespace
 * itself may be another stack's, which the plugin made as well: then it is older than the state's last change.
 */
function isOurs({ metadata }: LiveObject, { inputs }: Resource, since: number): boolean {
  const { namespace, labels: wanted = {} } = metadataOf(inputs);
  const labels = metadata.labels ?? {};
  return (
    (metadata.managedFields ?? []).some(({ manager = "" }) => manager.startsWith(MANAGER)) &&
    Object.entries(wanted).every(([name, value]) => labels[name] === value) &&
    (namespace !== undefined || Date.parse(metadata.creationTimestamp) >= since - CLOCK_SKEW)
  );
}

interface Metadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Neither a component, nor what the engine itself holds. */
const isOfACloud = ({ type, custom }: Resource): boolean => custom === true && !type.startsWith("pulumi:");

const metadataOf = (inputs: Resource["inputs"]): Metadata => inputs?.metadata ?? {};

const idOf = ({ inputs }: Resource): string => {
  const { name = "", namespace = "" } = metadataOf(inputs);
  return namespace === "" ? name : `${namespace}/${name}`;
};

const titleOf = (resource: Resource): string => {
  const kind = resource.type.split(":").at(-1) ?? "";
  return `${kind} ${idOf(resource) || (resource.urn.split("::").at(-1) ?? "")}`;
};

/** The API path of a Kubernetes object; undefined for resources of any other provider. */
function pathOf({ type, inputs }: Resource): string | undefined {
  const [, version = "", kind = ""] = /^kubernetes:(?:core\/)?([^:]+):(\w+)$/.exec(type) ?? [];
  const { name = "", namespace = "" } = metadataOf(inputs);
  if (kind === "" || name === "") return undefined;
  const resource = { apiVersion: version, plural: pluralOf(kind), namespaced: namespace !== "" };
  return apiPath(resource, namespace, name);
}
