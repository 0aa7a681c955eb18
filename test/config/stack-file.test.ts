import assert from "node:assert/strict";
import { ENCRYPTED, parseStackFile } from "../../config/stack-file.ts";
import { keys, refused, values } from "../support/stack-file-cases.ts";

const read = (text: string) => parseStackFile("Pulumi.x.yaml", text);
/** JSON with its keys in order: the engine sorts them, and nobody reads their order. */
const sorted = (text: string): unknown => {
  if (!/^[[{]/.test(text)) return text;
  return JSON.stringify(JSON.parse(text), (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
};

describe("a stack file", () => {
  for (const [yaml, text] of values)
    it(`gives the text ${JSON.stringify(text)} for ${JSON.stringify(yaml)}`, () => {
      const { texts, secretKeys } = read(`config:\n  key: ${yaml}\n`);
      assert.equal(sorted(texts["multi-client:key"] ?? "(none)"), sorted(text));
      assert.deepEqual(secretKeys, []);
    });

  for (const [written, full] of keys)
    it(`gives ${full} for the key ${written}`, () => {
      assert.deepEqual(read(`config:\n  ${written}: text\n`).texts, { [full]: "text" });
    });

  for (const [what, [file, says]] of Object.entries(refused))
    it(`is refused in one message for ${what}`, () => {
      assert.throws(
        () => read(file),
        (error: Error) => {
          assert.equal(error.name, "UserError");
          assert.match(error.message, /^Pulumi\.x\.yaml cannot be used: /);
          assert.match(error.message, says);
          assert.equal(error.message.split("\n").length, 2);
          return true;
        },
      );
    });

  it("gives no settings where it is empty, has comments only, or an empty config:", () => {
    for (const file of ["", "# nothing\n", "\n\n", "config:\n", "---\n"])
      assert.deepEqual(read(file).texts, {});
  });

  it("is read up to the end of its first document, behind a byte order mark, with any line ends, and as JSON", () => {
    for (const file of [
      "\uFEFFconfig:\r\n  a: x\r\n",
      "---\nconfig: {a: x}\n---\nconfig: {a: y}\n",
      '{"config": {"a": "x"}}',
    ])
      assert.deepEqual(read(file).texts, { "multi-client:a": "x" });
  });

  it("shares settings by anchors and merge keys, at the top too", () => {
    const file = "config:\n  a: &shared {p: 1}\n  b: *shared\n  <<: {c: 2}\n";
    assert.deepEqual(read(file).texts, {
      "multi-client:a": '{"p":1}',
      "multi-client:b": '{"p":1}',
      "multi-client:c": "2",
    });
  });

  it("names every setting that holds a secret, however deep, and shows none", () => {
    const file = [
      "config:",
      "  whole: {secure: v1:aaaa}",
      "  exposure: {tls: {certificate: c, key: {secure: v1:bbbb}}}",
      "  list: [{secure: v1:cccc}, plain]",
      "  open: {key: text}",
    ].join("\n");
    const { texts, secretKeys } = read(file);
    assert.deepEqual(
      secretKeys,
      ["whole", "exposure", "list"].map((key) => `multi-client:${key}`),
    );
    assert.equal(texts["multi-client:whole"], ENCRYPTED);
    assert.deepEqual(JSON.parse(texts["multi-client:exposure"] ?? ""), {
      tls: { certificate: "c", key: ENCRYPTED },
    });
    assert.deepEqual(JSON.parse(texts["multi-client:list"] ?? ""), [ENCRYPTED, "plain"]);
    assert.doesNotMatch(JSON.stringify(texts), /v1:/);
  });

  it("names its secrets provider, which is a passphrase where there is a salt alone", () => {
    assert.equal(read("secretsprovider: awskms://key\nencryptedkey: x\n").secretsProvider, "awskms://key");
    assert.equal(read("encryptionsalt: v1:x\n").secretsProvider, "passphrase");
    assert.equal(read("config: {}\n").secretsProvider, undefined);
  });
});
