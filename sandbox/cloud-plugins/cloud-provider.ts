import { setTimeout as sleep } from "node:timers/promises";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import type { KubeClient } from "../../system/kube-client.ts";
import { hasUnknown } from "../engine-values.ts";
import { fields, plainFields, struct } from "../struct-codec.ts";
import type { Provider, Report } from "../plugin-server.ts";
import { SimulatedAccount, effectiveTime, type Fault } from "./simulated-account.ts";
import { refusals } from "./account-limits.ts";
import { autoName } from "./auto-names.ts";
import { authenticate, unsupportedArguments } from "./caller-identity.ts";
import { runControllers, installAddons, labelNodes } from "./cloud-controllers.ts";
import { diffInputs } from "./cloud-diff.ts";
import { loadRules, type Cloud, type CloudRules } from "./cloud-rules.ts";
import { inputLookup, blockers } from "./constraints.ts";
import { checkUnused, ExclusiveWork, leaveBehind } from "./in-use.ts";
import type { TypeRule } from "./rule-types.ts";
import { inputFailures, withDefaults } from "./property-rules.ts";
import { reflectedProperties } from "./reflected.ts";
import {
  expandTemplate,
  expandText,
  generatedValues,
  pickByTemplate,
  unknownOutputs,
  valueAt,
  type Lookup,
} from "./template.ts";
import { deepMerge, type Fields } from "../../system/fields.ts";

const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;

/** The surroundings of a simulated cloud. */
export interface CloudEnvironment {
  /** The folder of its account. */
  readonly folder: string;
  /** The values of `{server}`, `{host}` and `{ca}`: the API server of every cluster that it hands out. */
  readonly cluster: Lookup;
  /** A client of that API server. */
  readonly api: () => KubeClient;
  readonly stop: AbortSignal;
  readonly report: Report;
}

/**
 * A simulated cloud. Its rules (`sandbox/cloud-plugins/<cloud>/*.yaml`) say which resources there are, and how they
 * behave.
 *
 * It shows names, types, references, order, protection, and the limits that a test gives to its account. It does not show
 * what identities may do, real controllers, timing, or DNS on a node.
 */
export class CloudProvider implements Provider {
  readonly #cloud: Cloud;
  readonly #environment: CloudEnvironment;
  readonly #rules: CloudRules;
  readonly #account: SimulatedAccount;
  readonly #exclusive = new ExclusiveWork();
  #names: Lookup = () => undefined;

  constructor(cloud: Cloud, world: CloudEnvironment) {
    this.#cloud = cloud;
    this.#environment = world;
    this.#rules = loadRules(cloud);
    this.#account = new SimulatedAccount(world.folder);
  }

  checkConfig(request: pb.CheckRequest): pb.CheckResponse {
    const failures = unsupportedArguments(this.#cloud, plainFields(request.getNews())).map((property) =>
      new messages.CheckFailure()
        .setProperty(property)
        .setReason("the simulated cloud does not know this argument"),
    );
    return new messages.CheckResponse().setInputs(request.getNews()).setFailuresList(failures);
  }

  diffConfig(request: pb.DiffRequest): pb.DiffResponse {
    const [olds, news] = [request.getOlds(), request.getNews()].map(plainFields);
    const changed = diffInputs(olds ?? {}, news ?? {}, []).map(({ path }) => path);
    // Another account or region replaces nothing: providers have no `ForceNew`, and every read then fails.
    return new messages.DiffResponse()
      .setDiffsList(changed)
      .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  }

  configure(request: pb.ConfigureRequest): pb.ConfigureResponse {
    const variables = request.getVariablesMap();
    const argument = (key: string) => variables.get(`${this.#cloud}:config:${key}`) ?? "";
    this.#names = authenticate(this.#cloud, argument, process.env);
    void runControllers(this.#rules, this.#environment.api, this.#account, this.#environment.stop);
    return new messages.ConfigureResponse()
      .setAcceptsecrets(true)
      .setAcceptresources(true)
      .setSupportspreview(true);
  }

  check(request: pb.CheckRequest): pb.CheckResponse {
    const rule = this.#rule(request.getType());
    const [olds, news] = [plainFields(request.getOlds()), plainFields(request.getNews())];
    const { autoName: input } = rule;
    const isNamed = input !== undefined && news[input] === undefined;
    const old = isNamed ? olds[input] : undefined;
    const name = typeof old === "string" ? old : autoName(this.#cloud, rule, request.getName());
    const inputs = isNamed ? { ...news, [input]: name } : news;
    const failures = inputFailures(rule.properties, inputs).map(({ path, reason }) =>
      new messages.CheckFailure().setProperty(path).setReason(reason),
    );
    const given = fields(request.getNews());
    const kept = isNamed ? { ...given, [input]: name } : given;
    return new messages.CheckResponse().setInputs(struct(kept)).setFailuresList(failures);
  }

  diff(request: pb.DiffRequest): pb.DiffResponse {
    const rule = this.#rule(request.getType());
    const [olds, news] = [plainFields(request.getOldInputs()), plainFields(request.getNews())];
    const changes = diffInputs(olds, news, rule.properties).filter(
      ({ path }) =>
        !request.getIgnorechangesList().some((ignored) => path === ignored || path.startsWith(`${ignored}.`)),
    );
    const replaces = changes.filter((change) => change.replaces).map(({ path }) => path);
    return new messages.DiffResponse()
      .setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE)
      .setDiffsList(changes.map(({ path }) => path.split(/[.[]/)[0] ?? path))
      .setReplacesList(replaces);
  }

  async create(request: pb.CreateRequest): Promise<pb.CreateResponse> {
    const type = request.getType();
    const rule = this.#rule(type);
    const given = plainFields(request.getProperties());
    const inputs = withDefaults(rule.properties, given);
    if (request.getPreview()) {
      const later = unknownOutputs(rule.outputs ?? {});
      return new messages.CreateResponse().setProperties(struct(deepMerge(later, inputs)));
    }
    if (hasUnknown(inputs)) throw new Error(`${type}: an input is still unknown`);
    const fault = this.#fault(type, "create");
    const made = generatedValues();
    const lookup = this.#lookup(rule, inputs, made);
    const id = expandText(rule.id, lookup);
    const wrong = refusals(type, this.#rules.types, inputs, this.#account, lookup);
    if (wrong.length > 0) throw refused(this.#cloud, type, "create", wrong);
    if (this.#account.find(type, id) !== undefined && rule.keptForever !== true)
      throw refused(this.#cloud, type, "create", [`${id} already exists`]);
    const outputs = this.#outputs(rule, inputs, (name) => (name === "id" ? id : lookup(name)));
    await this.#exclusive.run(rule, lookup, async () => {
      // A cloud goes on with what it began even when nobody waits for it, so this comes before the delay.
      if (rule.installs !== undefined) await this.#install(rule, inputs);
      this.#account.put({ type, id, inputs, outputs, effective: effectiveTime(rule.effectiveAfterSeconds) });
      if (fault !== undefined) await sleep(600_000, undefined, { signal: this.#environment.stop });
      await this.#delay(request.getUrn(), rule);
    });
    return new messages.CreateResponse().setId(id).setProperties(struct(outputs));
  }

  async update(request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
    const [type, id] = [urnType(request.getUrn()), request.getId()];
    const rule = this.#rule(type);
    const inputs = withDefaults(rule.properties, plainFields(request.getNews()));
    const before = plainFields(request.getOlds());
    if (request.getPreview() || hasUnknown(inputs))
      return new messages.UpdateResponse().setProperties(
        struct({ ...before, ...deepMerge(pickByTemplate(rule.outputs ?? {}, before), inputs) }),
      );
    this.#fault(type, "update");
    const old = this.#account.find(type, id);
    if (old === undefined) throw refused(this.#cloud, type, "update", [`${id} does not exist`]);
    const lookup = this.#lookup(rule, inputs, (name) => valueAt(old.outputs, name));
    const wrong = refusals(type, this.#rules.types, inputs, this.#account, lookup, old);
    if (wrong.length > 0) throw refused(this.#cloud, type, "update", wrong);
    const outputs = deepMerge(pickByTemplate(rule.outputs ?? {}, old.outputs), inputs);
    await this.#exclusive.run(rule, lookup, async () => {
      this.#account.put({ ...old, inputs, outputs });
      await this.#delay(request.getUrn(), rule);
    });
    return new messages.UpdateResponse().setProperties(struct(outputs));
  }

  read(request: pb.ReadRequest): pb.ReadResponse {
    const type = urnType(request.getUrn());
    const rule = this.#rule(type);
    const found = this.#account.find(type, request.getId());
    if (found === undefined) return new messages.ReadResponse(); // the engine drops it from the state
    const olds = plainFields(request.getInputs());
    // A default of the cloud, which the program does not set, is no drift.
    const keys = Object.keys(olds).length > 0 ? Object.keys(olds) : Object.keys(rule.properties);
    const inputs = Object.fromEntries(
      keys.filter((key) => found.inputs[key] !== undefined).map((key) => [key, found.inputs[key]]),
    );
    const shown = reflectedProperties(found, this.#account, this.#rules.types, this.#names);
    return new messages.ReadResponse()
      .setId(found.id)
      .setProperties(struct({ ...found.outputs, ...shown }))
      .setInputs(struct({ ...inputs, ...shown }));
  }

  async delete(request: pb.DeleteRequest): Promise<void> {
    const [type, id] = [urnType(request.getUrn()), request.getId()];
    const rule = this.#rule(type);
    const found = this.#account.find(type, id);
    if (found === undefined) return;
    this.#fault(type, "delete");
    if (rule.deletionProtection !== undefined && valueAt(found.inputs, rule.deletionProtection) === true)
      throw refused(this.#cloud, type, "delete", [
        `${id} has ${rule.deletionProtection}: it must be off first`,
      ]);
    const left = blockers(found, this.#account, this.#rules.types, this.#names);
    if (left.length > 0 && rule.keptForever !== true)
      throw refused(this.#cloud, type, "delete", [
        `${id} is in use by ${left.map((each) => each.id).join(", ")}`,
      ]);
    checkUnused(id, this.#account);
    const lookup: Lookup = (name) => valueAt(found.outputs, name) ?? this.#names(name);
    await this.#exclusive.run(rule, lookup, () => this.#delay(request.getUrn(), rule));
    if (rule.keptForever !== true) this.#account.remove(found);
    if (rule.leaves) leaveBehind(type, rule.leaves, this.#account, lookup);
  }

  invoke(request: pb.InvokeRequest): pb.InvokeResponse {
    const rule = this.#rules.invokes[request.getTok()];
    if (rule === undefined) throw new Error(`the simulated cloud has no function ${request.getTok()}`);
    const given = plainFields(request.getArgs());
    const failures = inputFailures(rule.arguments, given);
    if (failures.length > 0)
      return new messages.InvokeResponse().setFailuresList(
        failures.map(({ path, reason }) => new messages.CheckFailure().setProperty(path).setReason(reason)),
      );
    const about = this.#account
      .all()
      .find(
        ({ type, outputs }) =>
          type === rule.about &&
          Object.entries(rule.where).every(
            ([path, template]) =>
              valueAt(outputs, path) === expandTemplate(template, (name) => valueAt(given, name)),
          ),
      );
    if (about === undefined) throw new Error(`ResourceNotFound: ${rule.about} of ${JSON.stringify(given)}`);
    const known: Lookup = (name) =>
      valueAt(about.outputs, name) ?? this.#environment.cluster(name) ?? this.#names(name);
    return new messages.InvokeResponse().setReturn(struct(expandTemplate(rule.answer, known) as Fields));
  }

  /** Installs the labels that a new cluster comes with, and the APIs that come with that or with an add-on. */
  async #install({ isCluster, installs = [] }: TypeRule, inputs: Fields): Promise<void> {
    const { nodes } = this.#rules;
    if (isCluster && nodes !== undefined) await labelNodes(nodes, this.#environment.api());
    for (const { file, when } of installs)
      if (when === undefined || valueAt(inputs, when.path) === when.is)
        await installAddons(file, this.#environment.api());
  }

  #rule(type: string): TypeRule {
    const rule = this.#rules.types[type];
    if (rule !== undefined) return rule;
    const served = Object.keys(this.#rules.types).join(", ");
    throw new Error(`the simulated cloud does not serve ${type}, only: ${served}`);
  }

  #lookup(rule: TypeRule, inputs: Fields, more: Lookup): Lookup {
    return (name) =>
      inputLookup(rule, inputs, this.#account.all())(name) ??
      this.#names(name) ??
      this.#environment.cluster(name) ??
      more(name);
  }

  /** The outputs of a resource; the template of one may name those before it. */
  #outputs(rule: TypeRule, inputs: Fields, lookup: Lookup): Fields {
    let outputs: Fields = { ...inputs };
    for (const [key, template] of Object.entries(rule.outputs ?? {})) {
      const known: Lookup = (name) => lookup(name) ?? valueAt(outputs, name);
      outputs = deepMerge({ [key]: expandTemplate(template, known) }, outputs);
    }
    return outputs;
  }

  /** Takes as long as the rule says, and shows the seconds that are left. */
  async #delay(urn: string, { seconds = 0 }: TypeRule): Promise<void> {
    for (let left = seconds; left > 0; left--) {
      await this.#environment.report(urn, `simulated: ${left} s`, { severity: "info", passing: true });
      await sleep(1000, undefined, { signal: this.#environment.stop });
    }
  }

  /** Takes the fault of a call. @throws its error; a fault without one is returned. */
  #fault(type: string, operation: Fault["operation"]): Fault | undefined {
    const fault = this.#account.takeFault(type, operation);
    if (fault?.error !== undefined) throw new Error(fault.error);
    return fault;
  }
}

/** The type in a URN, without those of its parents. */
const urnType = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";

const refused = (cloud: Cloud, type: string, operation: string, why: readonly string[]): Error =>
  new Error(`${cloud} (simulated) refuses to ${operation} ${type}: ${why.join("; ")}`);
