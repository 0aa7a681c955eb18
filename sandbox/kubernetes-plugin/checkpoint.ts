import messages from "@pulumi/pulumi/proto/provider_pb.js";
import type * as pb from "@pulumi/pulumi/proto/provider_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { keepSecrets } from "../engine-values.ts";
import { struct } from "../struct-codec.ts";
import { type Fields, nameOf, namespaceOf, textAt } from "../../system/fields.ts";

/** The state of an object that the engine keeps. */
export interface Checkpoint {
  /** `namespace/name`, or the name alone. */
  readonly id: string;
  readonly properties: Struct;
  readonly inputs?: Struct;
}

/** The error for an object that exists and is not ready: the engine keeps its state, and the next `up` tries again. */
export class ResourceInitFailed extends Error {
  readonly detail: pb.ErrorResourceInitFailed;
  constructor(summary: string, problems: readonly string[], state: Checkpoint) {
    super(`${summary}${problems[0] ?? ""}`);
    this.detail = new messages.ErrorResourceInitFailed().setId(state.id).setProperties(state.properties);
    this.detail.setReasonsList([this.message, ...problems.slice(1)]).setInputs(state.inputs);
  }
}

const MANAGER = "__fieldManager";

/** The field manager in an object's state; empty when there is none. */
export const fieldManagerOf = (state: Fields): string => textAt(state, MANAGER);

/** The state of a live object, with the inputs that led to it (checkpointObject, provider.go @ 94977969). */
export function checkpoint(inputs: Fields, live: Fields, from: Fields, manager: string): Checkpoint {
  const extra = {
    __inputs: keepSecrets(inputs, from),
    __initialApiVersion: inputs.apiVersion,
    [MANAGER]: manager,
  };
  const id = [namespaceOf(live), nameOf(live)].filter(Boolean).join("/");
  return { id, properties: struct({ ...keepSecrets(live, from), ...extra }) };
}
