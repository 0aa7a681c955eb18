import assert from "node:assert/strict";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { fields, struct } from "../struct-codec.ts";

/** Every kind of value, at the top and below, and characters that take more than a byte; sorted by key. */
const VALUE = {
  isBuilt: true,
  metadata: { "a.b/c": "é✓𝄞", labels: {}, name: "client" },
  spec: {
    empty: "",
    lists: [[], [[1], null]],
    none: null,
    ports: [{ port: 3050 }, { isOpen: false, port: -0.5 }],
  },
};
/** The bytes of the library, which sorts the keys. */
const written = (value: typeof VALUE) => structs.Struct.fromJavaScript(value).serializeBinary();

describe("the codec of the engine's values", () => {
  it("writes the bytes that the library writes", () => {
    assert.deepEqual(struct(VALUE).serializeBinary(), written(VALUE));
  });

  it("reads what the library wrote, also where a message has it", () => {
    assert.deepEqual(fields(structs.Struct.deserializeBinary(written(VALUE))), VALUE);
    const request = new messages.DiffRequest().setNews(struct(VALUE)).setOlds(struct({}));
    const got = messages.DiffRequest.deserializeBinary(request.serializeBinary());
    assert.deepEqual([fields(got.getNews()), fields(got.getOlds())], [VALUE, {}]);
  });

  it("reads fields in the order of their names, in whichever order they come", () => {
    const read = fields(
      structs.Struct.deserializeBinary(struct({ b: { d: 1, c: 2 }, a: 3 }).serializeBinary()),
    );
    assert.equal(JSON.stringify(read), '{"a":3,"b":{"c":2,"d":1}}');
  });

  it("leaves messages that the library made as they are", () => {
    const made = structs.Struct.fromJavaScript({ a: 1 });
    assert.deepEqual(fields(made), { a: 1 });
    assert.deepEqual(fields(structs.Struct.deserializeBinary(made.serializeBinary())), { a: 1 });
  });

  it("refuses what no message can say", () => {
    assert.throws(() => struct({ a: undefined }).serializeBinary(), /value of type undefined/);
  });
});
