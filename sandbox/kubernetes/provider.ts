import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import type { JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { unready, untilGone, untilReady } from "./await.ts";
import type { Outcome } from "./await.ts";
import { ApiError, connect, pathOf } from "./cluster.ts";
import type { Cluster } from "./cluster.ts";
import { diffConfig, guardContext, refusedArguments } from "./config.ts";
import { diff, prune } from "./diff.ts";
import { importedInputs } from "./imports.ts";
import { check } from "./inputs.ts";
import { targetOf } from "./kubeconfig.ts";
import { CREATOR, inherit, newManager } from "./managers.ts";
import { kindOf } from "./rules.ts";
import type { Kind } from "./rules.ts";
import { at, hasUnknown, keepSecrets, nameOf, namespaceOf, objectAt, plainObject, textAt } from "./values.ts";
import type { Fields } from "./values.ts";

/** The object is there, but not what it should be: the engine keeps the detail's state, and the next `up` tries again. */
export class InitFailed extends Error {
  readonly detail: pb.ErrorResourceInitFailed;
  constructor(summary: string, problems: readonly string[], state: State) {
    super(`${summary}${problems[0] ?? ""}`);
    this.detail = new messages.ErrorResourceInitFailed().setId(state.id).setProperties(state.properties);
    this.detail.setReasonsList([this.message, ...problems.slice(1)]).setInputs(state.inputs);
  }
}

interface State {
  readonly id: string;
  readonly properties: Struct;
  readonly inputs?: Struct;
}

const MANAGER = "__fieldManager";
const ALREADY_EXISTS =
  "\n\nThe resource already exists in the cluster. If a Pulumi resource was renamed, use an alias or " +
  "deleteBeforeReplace; if something else made it, delete it there or choose another name.";

const fields = (message: Struct | undefined): Fields => message?.toJavaScript() ?? {};
const struct = (value: Fields): Struct =>
  structs.Struct.fromJavaScript(value as Record<string, JavaScriptValue>);
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
const { Kind: DiffKind } = messages.PropertyDiff;
const DIFF_KINDS = {
  add: [DiffKind.ADD, DiffKind.ADD_REPLACE],
  delete: [DiffKind.DELETE, DiffKind.DELETE_REPLACE],
  update: [DiffKind.UPDATE, DiffKind.UPDATE_REPLACE],
} as const;

/** The live object, with the inputs that led to it under `__inputs` (checkpointObject, provider.go @ 94977969). */
function checkpoint(inputs: Fields, live: Fields, from: Fields, manager: string): State {
  const extra = {
    __inputs: keepSecrets(inputs, from),
    __initialApiVersion: inputs.apiVersion,
    [MANAGER]: manager,
  };
  const id = [namespaceOf(live), nameOf(live)].filter(Boolean).join("/");
  return { id, properties: struct({ ...keepSecrets(live, from), ...extra }) };
}

/** The stand-in for pulumi-kubernetes v4.34: its methods as provider/pkg/provider/provider.go @ 94977969 has them. */
export class KubernetesProvider {
  readonly #stop: AbortSignal;
  readonly #say: (urn: string, text: string) => void;
  #cluster: Cluster | undefined;
  #unreachable = "the provider is not configured";
  #namespace = "default";

  constructor(stop: AbortSignal, say: (urn: string, text: string) => void) {
    this.#stop = stop;
    this.#say = say;
  }

  checkConfig(request: pb.CheckRequest): pb.CheckResponse {
    const reason =
      "the sandbox's stand-in for the kubernetes plugin does not know this argument; leave it out";
    const failures = refusedArguments(plainObject(fields(request.getNews()))).map((property) =>
      new messages.CheckFailure().setProperty(property).setReason(reason),
    );
    return new messages.CheckResponse().setInputs(request.getNews()).setFailuresList(failures);
  }

  diffConfig(request: pb.DiffRequest): pb.DiffResponse {
    const [olds, news] = [request.getOlds(), request.getNews()].map((args) => plainObject(fields(args)));
    const { changed, replaces } = diffConfig(olds ?? {}, news ?? {});
    const response = new messages.DiffResponse().setDiffsList(changed).setReplacesList(replaces);
    return response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  }

  /** As the official plugin, keeps an unreachable cluster for the first call that needs it: diffs work without. */
  async configure(request: pb.ConfigureRequest): Promise<pb.ConfigureResponse> {
    const argument = (key: string): string => request.getVariablesMap().get(`kubernetes:config:${key}`) ?? "";
    guardContext(argument("context"), process.env.MULTI_CLIENT_STANDIN_CONTEXT);
    try {
      const target = targetOf(argument("kubeconfig"), argument("context"));
      this.#namespace = argument("namespace") || target.namespace;
      const cluster = connect(target);
      await cluster.probe();
      this.#cluster = cluster;
    } catch (error) {
      this.#unreachable = messageOf(error).replace(/^configured Kubernetes cluster is unreachable: /, "");
    }
    return new messages.ConfigureResponse()
      .setAcceptsecrets(true)
      .setAcceptresources(true)
      .setSupportspreview(true);
  }

  check(request: pb.CheckRequest): pb.CheckResponse {
    const [olds, news] = [fields(request.getOlds()), fields(request.getNews())];
    const inputs = check(kindOf(request.getType()), request.getName(), this.#namespace, olds, news);
    const response = new messages.CheckResponse();
    if (at(news, "metadata", "generateName") !== undefined) {
      const reason = "the `.metadata.generateName` field is not supported in Server-Side Apply mode";
      const failure = new messages.CheckFailure().setProperty("metadata.generateName").setReason(reason);
      response.setFailuresList([failure]);
    }
    return response.setInputs(struct(inputs));
  }

  diff(request: pb.DiffRequest): pb.DiffResponse {
    const live = plainObject(fields(request.getOlds()));
    const [olds, news] = [objectAt(live, "__inputs"), plainObject(fields(request.getNews()))];
    const { changes, deleteBeforeReplace } = diff(kindOf(request.getType()), live, olds, news);
    const response = new messages.DiffResponse().setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
    for (const { path, what, replaces } of changes) {
      const property = new messages.PropertyDiff().setKind(DIFF_KINDS[what][replaces ? 1 : 0]);
      response.getDetaileddiffMap().set(path, property.setInputdiff(what === "delete"));
    }
    response.setReplacesList(changes.filter(({ replaces }) => replaces).map(({ path }) => path));
    return response.setHasdetaileddiff(true).setDeletebeforereplace(deleteBeforeReplace);
  }

  async create(request: pb.CreateRequest): Promise<pb.CreateResponse> {
    const [kind, news, urn] = [kindOf(request.getType()), fields(request.getProperties()), request.getUrn()];
    const [inputs, dryRun] = [plainObject(news), request.getPreview()];
    const asGiven = new messages.CreateResponse().setProperties(request.getProperties());
    if (dryRun && (hasUnknown(inputs) || !this.#cluster)) return asGiven;
    const cluster = this.#reachable();
    let created: Fields;
    try {
      created = await cluster.create(kind, inputs, CREATOR, dryRun);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // What an earlier step of the same update may still change is forgiven in a preview.
      const isForgiven = error.status === 403 || (error.status === 404 && error.about === "namespaces");
      const exists = error.reason === "AlreadyExists";
      if (dryRun && (isForgiven || exists)) return asGiven;
      const why = `${error.message}${exists ? ALREADY_EXISTS : ""}`;
      throw new Error(`resource "${urn}" was not successfully created by the Kubernetes API server: ${why}`);
    }
    const manager = newManager();
    if (dryRun) {
      delete created.status; // Empty only for now: a program that reads it must not take it for known.
      return asGiven.setProperties(checkpoint(inputs, created, news, manager).properties);
    }
    const { live, problems } = await untilReady(this.#wait(request, kind, inputs), created);
    const state = checkpoint(inputs, live, news, manager);
    const summary = `resource "${urn}" was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: `;
    if (problems.length > 0) throw new InitFailed(summary, problems, state);
    return new messages.CreateResponse().setId(state.id).setProperties(state.properties);
  }

  async update(request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
    const [kind, news, id] = [kindOf(request.getType()), fields(request.getNews()), request.getId()];
    const [inputs, dryRun] = [plainObject(news), request.getPreview()];
    const asGiven = new messages.UpdateResponse().setProperties(request.getNews());
    if (dryRun && (hasUnknown(inputs) || !this.#cluster)) return asGiven;
    const cluster = this.#reachable();
    const manager = textAt(fields(request.getOlds()), MANAGER) || newManager();
    let outcome: Outcome;
    try {
      const applied = await this.#apply(cluster, kind, inputs, manager, dryRun);
      outcome = dryRun
        ? { live: applied, problems: [] }
        : await untilReady(this.#wait(request, kind, inputs), applied);
    } catch (error) {
      if (dryRun && error instanceof ApiError && error.status === 403) return asGiven;
      const live = await cluster.get(pathOf(kind, namespaceOf(inputs), nameOf(inputs)));
      if (!live) throw new Error(`update of resource "${request.getUrn()}" failed: ${messageOf(error)}`);
      outcome = { live, problems: [messageOf(error)] };
    }
    const state = checkpoint(inputs, outcome.live, news, manager);
    const summary = `the Kubernetes API server reported that "${id}" failed to fully initialize or become live: `;
    if (outcome.problems.length > 0) throw new InitFailed(summary, outcome.problems, state);
    return asGiven.setProperties(state.properties);
  }

  /**
   * With inputs: what became of them. Without (`import`, `get`): the whole object, not awaited, and inputs made from it.
   */
  async read(request: pb.ReadRequest): Promise<pb.ReadResponse> {
    const [kind, id] = [kindOf(request.getType()), request.getId()];
    const [olds, before] = [fields(request.getInputs()), fields(request.getProperties())];
    const cluster = this.#reachable();
    const live = await this.#find(cluster, kind, id);
    if (!live) return new messages.ReadResponse(); // Gone: the engine drops it from the state.
    const isImport = olds.kind === undefined;
    const inputs = isImport ? importedInputs(live) : prune(live, plainObject(olds));
    const manager = textAt(before, MANAGER) || newManager();
    const state = {
      ...checkpoint(inputs, live, olds, manager),
      id,
      inputs: struct(keepSecrets(inputs, olds)),
    };
    // A claim is not looked at when it is read (awaiters.go @ 94977969).
    const isAwaited = !isImport && kind.kind !== "PersistentVolumeClaim";
    const problems = isAwaited ? await unready(cluster, inputs, live) : [];
    const summary = `Resource '${nameOf(live)}' was created but failed to initialize`;
    if (problems.length > 0) throw new InitFailed("", [summary, ...problems], state);
    return new messages.ReadResponse()
      .setId(state.id)
      .setProperties(state.properties)
      .setInputs(state.inputs);
  }

  async delete(request: pb.DeleteRequest): Promise<void> {
    const [kind, olds] = [kindOf(request.getType()), fields(request.getProperties())];
    const cluster = this.#reachable();
    const found = await this.#find(cluster, kind, request.getId());
    if (!found) return;
    await cluster.remove(kind, found).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    });
    const inputs = objectAt(plainObject(olds), "__inputs");
    const { live, problems } = await untilGone(this.#wait(request, kind, inputs), found);
    const state = checkpoint(inputs, live, objectAt(olds, "__inputs"), textAt(olds, MANAGER));
    if (problems.length > 0) throw new InitFailed("", problems, state);
  }

  #reachable(): Cluster {
    if (this.#cluster) return this.#cluster;
    throw new Error(`configured Kubernetes cluster is unreachable: ${this.#unreachable}`);
  }

  /** The object behind an id: `namespace/name`, or the name alone (parseFqName, util.go @ 94977969). */
  #find(cluster: Cluster, kind: Kind, id: string): Promise<Fields | undefined> {
    const [name = "", namespace = "default"] = id.split("/").reverse();
    return cluster.get(pathOf(kind, namespace, name));
  }

  #wait(request: { getUrn(): string; getTimeout(): number }, kind: Kind, inputs: Fields) {
    const say = (text: string) => {
      this.#say(request.getUrn(), text);
    };
    return { cluster: this.#reachable(), kind, inputs, timeout: request.getTimeout(), stop: this.#stop, say };
  }

  /** Server-side apply under the object's own manager (ssaUpdate and patchForce, provider/pkg/await/await.go @ 94977969). */
  async #apply(
    cluster: Cluster,
    kind: Kind,
    inputs: Fields,
    manager: string,
    dryRun: boolean,
  ): Promise<Fields> {
    const live = await cluster.get(pathOf(kind, namespaceOf(inputs), nameOf(inputs)));
    if (!live)
      throw new Error(
        `${kind.plural} "${nameOf(inputs)}" not found; \`pulumi refresh\` takes it from the state`,
      );
    const managed = inherit(live, manager);
    if (managed && !dryRun) await cluster.replaceManagers(kind, live, managed);
    // A preview hands nothing over, so it must force where the update will own the fields.
    const isForced = objectAt(inputs, "metadata", "annotations")["pulumi.com/patchForce"] === "true";
    const force = isForced || (dryRun && managed !== undefined);
    return cluster.apply(kind, inputs, manager, dryRun, force).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.reason === "Conflict")) throw error;
      throw new Error(
        `The resource managed by field manager "${manager}" had an apply conflict: ${error.message}\n` +
          "Leave the field out of the program, add it to `ignoreChanges`, or set the annotation " +
          '`pulumi.com/patchForce: "true"` to take it over.',
      );
    });
  }
}
