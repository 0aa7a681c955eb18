import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { parseStackFile } from "../../../config/stack-file.ts";
import { testStack, type TestStack } from "../stack.ts";
import { keys, values } from "../../support/stack-file-cases.ts";

/** Settings as `pulumi config --json` gives them. */
type Settings = Record<
  string,
  { readonly value?: string; readonly objectValue?: unknown; readonly secret: boolean }
>;

describe("a stack file, read by the CLI", () => {
  let stack: TestStack;
  before(async () => {
    stack = await testStack("stack-file");
  });
  after(() => stack.destroy());
  const settings = async () =>
    JSON.parse((await stack.must("config", "--json", "--show-secrets")).stdout) as Settings;

  it("gives the text that parseStackFile gives for every form of a value and of a key", async () => {
    const salt = /^encryptionsalt: .*$/m.exec(readFileSync(stack.file, "utf8"))?.[0] ?? "";
    const lines = [
      ...values.map(([yaml], index) => `  value-${String(index)}: ${yaml}`),
      ...keys.map(([written]) => `  ${written}: text`),
    ];
    writeFileSync(stack.file, `config:\n${lines.join("\n")}\n${salt}\n`);
    await stack.must("config", "set", "--secret", "--path", "deep.list[0].key", "hidden");
    await stack.must("config", "set", "--secret", "whole", '{"a":"b"}');
    const found = await settings();
    const { texts, secretKeys } = parseStackFile(stack.file, readFileSync(stack.file, "utf8"));
    const plain = Object.entries(found).filter(([, { secret }]) => !secret);
    assert.deepEqual(Object.keys(texts).sort(), Object.keys(found).sort());
    for (const [key, { value = "", objectValue }] of plain) {
      if (objectValue === undefined) assert.equal(texts[key], value, key);
      else assert.deepEqual(JSON.parse(texts[key] ?? ""), objectValue, key);
    }
    assert.deepEqual(
      [...secretKeys].sort(),
      Object.keys(found)
        .filter((key) => found[key]?.secret === true)
        .sort(),
    );
    stack.configure();
  });
});
