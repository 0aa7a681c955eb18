import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import { propagationPolicy, unsupportedAnnotations } from "./annotations.ts";
import { awaitDeleted, awaitReady, notReadyReasons, type Outcome, type Wait } from "./awaiter.ts";
import { ApiError, kubeClient, type KubeClient } from "../../system/kube-client.ts";
import { apiPath } from "../../system/api-path.ts";
import { diffConfig, guardContext, unsupportedArguments } from "./provider-config.ts";
import { diffObject, prune } from "./object-diff.ts";
import { importedInputs } from "./imported-inputs.ts";
import { checkInputs } from "./check-inputs.ts";
import { pluginClientConfig, serverOf } from "../plugin-kubeconfig.ts";
import { newFieldManager } from "./field-managers.ts";
import { servedKind, type Kind } from "./served-kinds.ts";
import { checkpoint, ResourceInitFailed, fieldManagerOf } from "./checkpoint.ts";
import { messageOf } from "../../system/errors.ts";
import { hasUnknown, keepSecrets, plainObject } from "../engine-values.ts";
import { fields, plainFields, struct } from "../struct-codec.ts";
import { info, warning, type StatusMessage } from "./observation.ts";
import { applyObject, createObject } from "./write-object.ts";
import { at, type Fields, nameOf, namespaceOf, objectAt } from "../../system/fields.ts";

const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
const { Kind: DiffKind } = messages.PropertyDiff;
const DIFF_KINDS = {
  add: [DiffKind.ADD, DiffKind.ADD_REPLACE],
  delete: [DiffKind.DELETE, DiffKind.DELETE_REPLACE],
  update: [DiffKind.UPDATE, DiffKind.UPDATE_REPLACE],
} as const;

/** The environment variable that takes objects of an unreachable cluster from the state. */
const DELETE_UNREACHABLE = "PULUMI_K8S_DELETE_UNREACHABLE";

/** The longest silence of an API server on the first contact, in milliseconds. */
const FIRST_CONTACT = 10_000;

/** The outputs of the plugin: `show` for a message that passes, `log` for one that remains. */
export interface Host {
  readonly show: (urn: string, note: StatusMessage) => void;
  readonly log: (urn: string, note: StatusMessage) => Promise<void>;
}

/** The stand-in for pulumi-kubernetes 4.34, whose methods follow provider/pkg/provider/provider.go @ 94977969. */
export class KubernetesProvider {
  readonly #stop: AbortSignal;
  readonly #host: Host;
  #cluster: KubeClient | undefined;
  #unreachable = "the provider is not configured";
  #namespace = "default";
  #isForcing = false;

  constructor(stop: AbortSignal, host: Host) {
    this.#stop = stop;
    this.#host = host;
  }

  checkConfig(request: pb.CheckRequest): pb.CheckResponse {
    const reason =
      "the sandbox's stand-in for the kubernetes plugin does not know this argument; leave it out";
    const failures = unsupportedArguments(plainFields(request.getNews())).map((property) =>
      new messages.CheckFailure().setProperty(property).setReason(reason),
    );
    return new messages.CheckResponse().setInputs(request.getNews()).setFailuresList(failures);
  }

  diffConfig(request: pb.DiffRequest): pb.DiffResponse {
    const [olds, news] = [request.getOlds(), request.getNews()].map(plainFields);
    const { changed, replaces } = diffConfig(olds ?? {}, news ?? {});
    const response = new messages.DiffResponse().setDiffsList(changed).setReplacesList(replaces);
    return response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  }

  /** Connects to the cluster. One that cannot be reached fails the first call that needs it: diffs work without. */
  async configure(request: pb.ConfigureRequest): Promise<pb.ConfigureResponse> {
    const argument = (key: string): string => request.getVariablesMap().get(`kubernetes:config:${key}`) ?? "";
    const named = process.env.MULTI_CLIENT_STANDIN_CONTEXT;
    guardContext(argument("context"), named, {
      asked: serverOf(argument("kubeconfig"), argument("context")),
      named: process.env.MULTI_CLIENT_CLOUDS === undefined ? "" : serverOf("", named ?? ""),
    });
    this.#isForcing = argument("enablePatchForce") === "true";
    try {
      const config = pluginClientConfig(argument("kubeconfig"), argument("context"));
      this.#namespace = argument("namespace") || config.namespace;
      await kubeClient(config, FIRST_CONTACT).get("/version");
      this.#cluster = kubeClient(config);
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
    const inputs = checkInputs(servedKind(request.getType()), request.getName(), this.#namespace, olds, news);
    const response = new messages.CheckResponse();
    if (at(news, "metadata", "generateName") !== undefined) {
      const reason = "the `.metadata.generateName` field is not supported in Server-Side Apply mode";
      const failure = new messages.CheckFailure().setProperty("metadata.generateName").setReason(reason);
      response.addFailures(failure);
    }
    for (const key of unsupportedAnnotations(inputs)) {
      const reason = `the sandbox's stand-in for the kubernetes plugin does not know the annotation ${key}; leave it out`;
      response.addFailures(new messages.CheckFailure().setReason(reason));
    }
    return response.setInputs(struct(inputs));
  }

  diff(request: pb.DiffRequest): pb.DiffResponse {
    const live = plainFields(request.getOlds());
    const [olds, news] = [objectAt(live, "__inputs"), plainFields(request.getNews())];
    const { changes, deleteBeforeReplace } = diffObject(
      servedKind(request.getType()),
      live,
      olds,
      news,
      request.getIgnorechangesList(),
    );
    const response = new messages.DiffResponse().setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
    for (const { path, what, replaces } of changes) {
      const property = new messages.PropertyDiff().setKind(DIFF_KINDS[what][replaces ? 1 : 0]);
      response.getDetaileddiffMap().set(path, property.setInputdiff(what === "delete"));
    }
    response.setReplacesList(changes.filter(({ replaces }) => replaces).map(({ path }) => path));
    return response.setHasdetaileddiff(true).setDeletebeforereplace(deleteBeforeReplace);
  }

  async create(request: pb.CreateRequest): Promise<pb.CreateResponse> {
    const [kind, news, urn] = [
      servedKind(request.getType()),
      fields(request.getProperties()),
      request.getUrn(),
    ];
    const [inputs, isPreview] = [plainObject(news), request.getPreview()];
    const asGiven = new messages.CreateResponse().setProperties(request.getProperties());
    if (isPreview && (hasUnknown(inputs) || !this.#cluster)) return asGiven;
    const wait = this.#wait(request, kind, inputs);
    const created = await createObject({ ...wait, isPreview }).catch((error: unknown) => {
      const refused = `resource "${urn}" was not successfully created by the Kubernetes API server`;
      throw new Error(`${refused}: ${messageOf(error)}`, { cause: error });
    });
    if (!created) return asGiven;
    const manager = newFieldManager();
    if (isPreview) {
      delete created.status; // It is empty only in the dry run: a program must not take it for known.
      return asGiven.setProperties(checkpoint(inputs, created, news, manager).properties);
    }
    wait.show(info(""));
    const { live, problems } = await awaitReady(wait, created);
    const state = checkpoint(inputs, live, news, manager);
    const summary = `resource "${urn}" was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: `;
    if (problems.length > 0) throw new ResourceInitFailed(summary, problems, state);
    return new messages.CreateResponse().setId(state.id).setProperties(state.properties);
  }

  async update(request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
    const [kind, news, id] = [servedKind(request.getType()), fields(request.getNews()), request.getId()];
    const [inputs, isPreview] = [plainObject(news), request.getPreview()];
    const asGiven = new messages.UpdateResponse().setProperties(request.getNews());
    if (isPreview && (hasUnknown(inputs) || !this.#cluster)) return asGiven;
    const wait = this.#wait(request, kind, inputs);
    const manager = fieldManagerOf(fields(request.getOlds())) || newFieldManager();
    let [applied, outcome]: [Fields, Outcome | undefined] = [inputs, undefined];
    try {
      const done = await applyObject(
        { ...wait, isPreview, isForcing: this.#isForcing },
        manager,
        request.getIgnorechangesList(),
      );
      applied = done.applied;
      outcome = isPreview ? { live: done.live, problems: [] } : await awaitReady(wait, done.live);
    } catch (error) {
      if (isPreview && error instanceof ApiError && error.status === 403) return asGiven;
      const live = await wait.cluster.get(apiPath(kind, namespaceOf(inputs), nameOf(inputs)));
      if (!live)
        throw new Error(`update of resource "${request.getUrn()}" failed: ${messageOf(error)}`, {
          cause: error,
        });
      outcome = { live, problems: [messageOf(error)] };
    }
    const state = checkpoint(applied, outcome.live, news, manager);
    const summary = `the Kubernetes API server reported that "${id}" failed to fully initialize or become live: `;
    if (outcome.problems.length > 0) throw new ResourceInitFailed(summary, outcome.problems, state);
    return asGiven.setProperties(state.properties);
  }

  /** Reads an object; without inputs (`import`, `get`) all of it, not awaited, and inputs made from it. */
  async read(request: pb.ReadRequest): Promise<pb.ReadResponse> {
    const [kind, id] = [servedKind(request.getType()), request.getId()];
    const [olds, before] = [fields(request.getInputs()), fields(request.getProperties())];
    if (await this.#isForgotten(request.getUrn(), "failed to read resource state due to unreachable cluster"))
      return new messages.ReadResponse();
    const cluster = this.#reachable();
    const live = await this.#find(cluster, kind, id);
    if (!live) return new messages.ReadResponse(); // The object is gone, and the engine drops it from the state.
    const isImport = olds.kind === undefined;
    const inputs = isImport ? importedInputs(live) : prune(live, plainObject(olds));
    const manager = fieldManagerOf(before) || newFieldManager();
    const state = {
      ...checkpoint(inputs, live, olds, manager),
      id,
      inputs: struct(keepSecrets(inputs, olds)),
    };
    // A claim is not awaited when it is read (`awaitRead`, awaiters.go @ 94977969).
    const isAwaited = !isImport && kind.kind !== "PersistentVolumeClaim";
    const problems = isAwaited ? await notReadyReasons(cluster, kind, plainObject(olds), live) : [];
    if (problems.length > 0) throw new ResourceInitFailed("", problems, state);
    return new messages.ReadResponse()
      .setId(state.id)
      .setProperties(state.properties)
      .setInputs(state.inputs);
  }

  async delete(request: pb.DeleteRequest): Promise<void> {
    const [kind, olds] = [servedKind(request.getType()), fields(request.getProperties())];
    if (await this.#isForgotten(request.getUrn(), "configured Kubernetes cluster is unreachable")) return;
    const inputs = objectAt(plainObject(olds), "__inputs");
    const wait = this.#wait(request, kind, inputs);
    const found = await this.#find(wait.cluster, kind, request.getId());
    if (!found) return;
    await wait.cluster.remove(kind, found, propagationPolicy(inputs)).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    });
    const { live, problems } = await awaitDeleted(wait, found);
    const state = checkpoint(inputs, live, objectAt(olds, "__inputs"), fieldManagerOf(olds));
    if (problems.length > 0) throw new ResourceInitFailed("", problems, state);
  }

  #reachable(): KubeClient {
    if (this.#cluster) return this.#cluster;
    throw new Error(`configured Kubernetes cluster is unreachable: ${this.#unreachable}`);
  }

  /**
   * Tells whether the cluster cannot be reached and the user wants its objects out of the state.
   *
   * @throws when it cannot be reached and the user did not ask for that.
   * @see Read and Delete, provider/pkg/provider/provider.go @ 94977969.
   */
  async #isForgotten(urn: string, refusal: string): Promise<boolean> {
    if (this.#cluster) return false;
    await this.#host.log(urn, warning(`configured Kubernetes cluster is unreachable: ${this.#unreachable}`));
    if (process.env[DELETE_UNREACHABLE] === "true") {
      await this.#host.log(urn, info("Deleting the unreachable resource from Pulumi state"));
      return true;
    }
    throw new Error(
      `${refusal}. If the cluster was deleted, you can remove this resource from Pulumi state by rerunning the ` +
        `operation with the ${DELETE_UNREACHABLE} environment variable set to "true"`,
    );
  }

  /** Finds the object behind an id: `namespace/name`, or the name alone (parseFqName, util.go @ 94977969). */
  #find(cluster: KubeClient, kind: Kind, id: string): Promise<Fields | undefined> {
    const [name = "", namespace = "default"] = id.split("/").reverse();
    return cluster.get(apiPath(kind, namespace, name));
  }

  #wait(request: { getUrn(): string; getTimeout(): number }, kind: Kind, inputs: Fields): Wait {
    const urn = request.getUrn();
    const show = (note: StatusMessage) => {
      this.#host.show(urn, note);
    };
    const warn = (text: string) => this.#host.log(urn, warning(text));
    const cluster = this.#reachable();
    return { cluster, kind, inputs, timeout: request.getTimeout(), stop: this.#stop, show, warn };
  }
}
