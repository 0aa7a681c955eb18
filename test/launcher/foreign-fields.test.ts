import assert from "node:assert/strict";
import type { EngineEvent } from "../../launcher/engine/events.ts";
import { expectedFields } from "../../launcher/stack/expected-fields.ts";
import { foreignFields, foreignFieldsText } from "../../launcher/stack/foreign-fields.ts";

interface Entry {
  readonly manager: string;
  readonly subresource?: string;
  readonly fieldsV1: object;
}
const kubectl = "kubectl --context here -n ns";

/** An object as the refresh before a plan found it. */
function refreshed(
  type: string,
  inputs: object,
  live: object,
  ...managedFields: readonly Entry[]
): EngineEvent {
  const { metadata } = live as { readonly metadata?: object };
  const outputs = { ...live, metadata: { ...metadata, name: "server", managedFields } };
  return {
    resOutputsEvent: {
      metadata: {
        op: "refresh",
        urn: "urn",
        type: `kubernetes:${type}`,
        old: { inputs },
        new: { inputs: live, outputs },
      },
    },
  };
}

const text = (...events: EngineEvent[]) => foreignFieldsText(foreignFields(events), kubectl);
const port = (number: number) => ({ port: number, protocol: "TCP" });
const portKey = (number: number) => `k:${JSON.stringify(port(number))}`;
const replicas = { "f:spec": { "f:replicas": {} } };

describe("fields that others set", () => {
  it("beside the program's are named, each object with the command that removes them", () => {
    const ours = {
      "f:spec": { "f:ports": { [portKey(5000)]: { ".": {}, "f:port": {} } }, "f:selector": {} },
    };
    const theirs = {
      "f:metadata": { "f:labels": { "f:team": {} } },
      "f:spec": {
        "f:ports": { [portKey(9229)]: { ".": {}, "f:port": {} }, [portKey(9230)]: { ".": {}, "f:port": {} } },
      },
    };
    const service = refreshed(
      "core/v1:Service",
      { spec: { ports: [port(5000)] } },
      { spec: { ports: [port(5000), port(9229), port(9230)] } },
      { manager: "pulumi-kubernetes-1a2b3c4d", fieldsV1: ours },
      { manager: "kubectl-patch", fieldsV1: theirs },
    );
    assert.equal(
      text(service),
      [
        "Set by others in the cluster:",
        "  Service server: kubectl-patch set spec.ports[port=9229,protocol=TCP]; this program does not set it, and leaves it",
        "  Service server: kubectl-patch set spec.ports[port=9230,protocol=TCP]; this program does not set it, and leaves it",
        "To remove what is left:",
        `  ${kubectl} patch service server --type json -p '[{"op":"remove","path":"/spec/ports/2"},{"op":"remove","path":"/spec/ports/1"}]'`,
        "",
      ].join("\n"),
    );
  });

  it("in the place of the program's are named with their subresource, and set back", () => {
    const deployment = refreshed(
      "apps/v1:Deployment",
      { spec: { replicas: 1 } },
      { spec: { replicas: 3 } },
      { manager: "kubectl", subresource: "scale", fieldsV1: replicas },
    );
    assert.equal(
      text(deployment),
      "Set by others in the cluster:\n  Deployment server: kubectl (scale) set spec.replicas; make up sets it back\n",
    );
  });

  it("as the program does are no concern, nor is what is gone", () => {
    const live = { spec: { replicas: 3 } };
    const of = (inputs: object, entry: Entry) => refreshed("apps/v1:Deployment", inputs, live, entry);
    const events = [
      of({ spec: { replicas: 3 } }, { manager: "kubectl", fieldsV1: replicas }),
      of({}, { manager: "someone", fieldsV1: { "f:spec": { "f:gone": {} } } }),
    ];
    assert.equal(text(...events), "");
  });

  it("as a part of a controller's work are no drift, and the same from anybody else is", () => {
    for (const {
      managers: [manager = "anybody"] = [],
      kinds: [kind = "Service"] = [],
      field,
    } of expectedFields) {
      const names = field.split(".");
      const nested = (value: unknown, prefix = "") =>
        names.reduceRight<unknown>((below, name) => ({ [`${prefix}${name}`]: below }), value) as object;
      const of = (by: string, path: object) =>
        refreshed(`x/v1:${kind}`, {}, nested("there"), { manager: by, fieldsV1: path });
      assert.equal(text(of(manager, nested({}, "f:"))), "", field);
      if (manager !== "anybody") assert.match(text(of("k9s", nested({}, "f:"))), /k9s set spec/, field);
    }
    // Another field of the same object is compared as before.
    const manager = "kube-controller-manager";
    const scaled = { manager, subresource: "scale", fieldsV1: { "f:spec": { "f:paused": {} } } };
    assert.match(
      text(refreshed("apps/v1:Deployment", {}, { spec: { paused: true } }, scaled)),
      /spec\.paused/,
    );
  });

  it("of a name with a slash are found by their JSON pointer", () => {
    const config = refreshed(
      "core/v1:ConfigMap",
      { data: {} },
      { data: { "a/b": "1" } },
      { manager: "k9s", fieldsV1: { "f:data": { "f:a/b": {} } } },
    );
    assert.match(text(config), /k9s set data\["a\/b"\]; [\s\S]*"path":"\/data\/a~1b"/);
  });

  it("of a name with a quote do not end the word of the command", () => {
    const config = refreshed(
      "core/v1:ConfigMap",
      { data: {} },
      { data: { "a'b": "1" } },
      { manager: "k9s", fieldsV1: { "f:data": { "f:a'b": {} } } },
    );
    assert.match(text(config), /patch configmap \S+ --type json -p '\[.*"\/data\/a'\\''b"\}\]'/);
  });
});
