import type * as Grpc from "@grpc/grpc-js";
import type * as Service from "@pulumi/pulumi/proto/events_grpc_pb.js";
import type * as Messages from "@pulumi/pulumi/proto/events_pb.js";
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { lostText } from "../../launcher/commands/up.ts";
import {
  leavingAutoscalers,
  lostClaims,
  planEvents,
  receiveEvents,
  unchangedResources,
  withoutPatchVersions,
  type EngineEvent,
} from "../../launcher/engine/events.ts";

const stackType = "pulumi:pulumi:Stack";
const claimType = "kubernetes:core/v1:PersistentVolumeClaim";
/** The end of a step, as the engine 3.259.0 reports it. */
const ended = (op: string, type: string, name: string, before?: object, after?: object): EngineEvent => ({
  resOutputsEvent: {
    metadata: {
      op,
      urn: `urn:pulumi:dev::multi-client::${type}::${name}`,
      type,
      old: before === undefined ? null : { outputs: before },
      new: after === undefined ? null : { outputs: after },
    },
  },
});
const summary = (resourceChanges: Record<string, number>): EngineEvent => ({
  summaryEvent: { resourceChanges },
});
const url = { url: "http://192.168.49.2:31515/" };
const same = ended("same", stackType, "multi-client-dev", url, url);

describe("an empty plan", () => {
  const refreshed = ended("refresh", claimType, "redis-data", {}, {});

  it("counts the resources as they were, whatever the refresh before it found", () => {
    assert.equal(unchangedResources([refreshed, same, summary({ same: 35 })]), 35);
  });

  for (const [what, events] of Object.entries({
    "a resource that changes": [same, summary({ same: 34, update: 1 })],
    "an output that changes": [
      same,
      ended("same", stackType, "multi-client-dev", { url: "" }, url),
      summary({ same: 35 }),
    ],
    "a stack that is not there yet": [
      ended("create", stackType, "multi-client-dev", undefined, url),
      summary({ create: 35 }),
    ],
    "no summary, as when the events could not be received": [same],
  }))
    it(`is no plan with ${what}`, () => {
      assert.equal(unchangedResources(events), undefined);
    });
});

describe("the events of a plan", () => {
  it("have no update of a resource of which the cloud shows the version in full, and nothing else differs", () => {
    const changes = (old: object, next: object) => {
      const { metadata } = ended("update", "cloud:Cluster", "shop").resOutputsEvent ?? assert.fail();
      const step = { metadata: { ...metadata, old: { inputs: old }, new: { inputs: next } } };
      const events = [{ resourcePreEvent: step }, { resOutputsEvent: step }];
      const plan = withoutPatchVersions([...events, same, summary({ same: 34, update: 2 })], ["version"]);
      const ops = plan.flatMap((each) => (each.resourcePreEvent ?? each.resOutputsEvent)?.metadata.op ?? []);
      return [...ops, plan.at(-1)?.summaryEvent?.resourceChanges];
    };
    const none = ["same", "same", "same", { same: 35, update: 1 }];
    assert.deepEqual(changes({ version: "1.36.4", tags: {} }, { version: "1.36", tags: {} }), none);
    for (const [old, next] of [
      [{ version: "1.36.4" }, { version: "1.37" }],
      [{ version: "1.36.4" }, { version: "1.3" }],
      [{ version: "1.36" }, { version: "1.36.4" }],
      [
        { version: "1.36.4", tags: { owner: "a" } },
        { version: "1.36", tags: {} },
      ],
      [{ name: "a.b" }, { name: "a" }],
      // Not ready when it was read.
      [{ version: "1.36" }, { version: "1.36" }],
      [{ replicas: 1 }, { replicas: 1 }],
    ] as const)
      assert.deepEqual(
        changes(old, next),
        ["update", "update", "same", { same: 34, update: 2 }],
        JSON.stringify(old),
      );
    const [step] = withoutPatchVersions([same, summary({ same: 1 })], ["version"]);
    assert.equal(step, same);
  });

  it("leave out the refresh before it, and what only a developer of the SDK wants to read", () => {
    const diagnostic = (severity: string): EngineEvent => ({ diagnosticEvent: { severity } });
    const { resOutputsEvent } = ended("refresh", stackType, "x");
    const begun: EngineEvent = resOutputsEvent === undefined ? {} : { resourcePreEvent: resOutputsEvent };
    const plan = [same, diagnostic("warning"), summary({ same: 1 })];
    assert.deepEqual(
      planEvents([ended("refresh", claimType, "c"), begun, diagnostic("debug"), ...plan]),
      plan,
    );
  });

  it("name the claims that were gone when they were read, and are made anew: their data is lost", () => {
    const events = [
      ended("refresh", claimType, "redis-data", {}),
      ended("refresh", claimType, "kept", {}, {}),
      ended("refresh", claimType, "dropped", {}),
      ended("refresh", "kubernetes:core/v1:Service", "redis", {}),
      ended("create", claimType, "redis-data", undefined, {}),
      ended("create", claimType, "new-data", undefined, {}),
      ended("create", "kubernetes:core/v1:Service", "redis", undefined, {}),
    ];
    assert.deepEqual(lostClaims(events), ["redis-data"]);
    assert.match(lostText(["redis-data"]), /redis-data was gone\. Made anew, and empty/);
    assert.equal(lostText([]), "");
  });

  it("name the autoscalers that a plan deletes, by URN", () => {
    const type = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
    const events = [
      ended("delete", type, "client", {}),
      ended("update", type, "server", {}, {}),
      ended("delete", "kubernetes:policy/v1:PodDisruptionBudget", "client", {}),
    ];
    assert.deepEqual(leavingAutoscalers(events), [`urn:pulumi:dev::multi-client::${type}::client`]);
  });

  it("are received while the CLI runs, in order and complete before it ends", async () => {
    const require = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
    const grpc = require("@grpc/grpc-js") as typeof Grpc;
    const { EventsClient } = require("./proto/events_grpc_pb.js") as typeof Service;
    const { EventRequest } = require("./proto/events_pb.js") as typeof Messages;
    const sent = [same, summary({ same: 1 })];
    const received: EngineEvent[] = [];
    const result = await receiveEvents(
      (address) =>
        new Promise<number>((resolve, reject) => {
          const target = address.replace("tcp://", "");
          const client = new EventsClient(target, grpc.credentials.createInsecure());
          const stream = client.streamEvents((error) => {
            client.close();
            if (error === null) resolve(received.length);
            else reject(error);
          });
          for (const event of sent) stream.write(new EventRequest().setEvent(JSON.stringify(event)));
          stream.end();
        }),
      (event) => received.push(event),
    );
    assert.equal(result, sent.length);
    assert.deepEqual(received, sent);
  });
});
