import assert from "node:assert/strict";
import { problem, problemText, removeCommand, setCommand, settingKey } from "../../config/problems.ts";

describe("the key of a setting", () => {
  it("is what pulumi config --path takes: with the index of an entry, and a key with dots in quotes", () => {
    assert.equal(settingKey(["services", "client", "scale"]), "multi-client:services.client.scale");
    assert.equal(settingKey(["cluster", "admins", 0]), "multi-client:cluster.admins[0]");
    const path = ["exposure", "annotations", "example.com/weight"];
    assert.equal(settingKey(path), 'multi-client:exposure.annotations["example.com/weight"]');
    assert.equal(
      removeCommand(path),
      `pulumi config rm --path 'multi-client:exposure.annotations["example.com/weight"]'`,
    );
  });
});

describe("the command that sets a setting", () => {
  const set = (value: unknown) => setCommand(["namespace"], value).replace(/^.*namespace' /, "");

  it("quotes what a shell or the CLI would take for something else", () => {
    assert.equal(set("multi-client"), "multi-client");
    assert.equal(set(31515), "31515");
    assert.equal(set("1.36"), "'1.36'");
    assert.equal(set("<your own>"), "'<your own>'");
    assert.equal(set("it's"), `'it'\\''s'`);
  });

  it("reads a file as it is", () => {
    assert.equal(set("--secret < key.pem"), "--secret < key.pem");
  });

  it("is an edit of the stack file for a list, which the CLI would take for text", () => {
    const { fix } = problem(["cluster", "admins"], [], "a list", ["a", "b"]);
    assert.equal(fix, 'in the stack file, under multi-client:cluster: admins: ["a","b"]');
  });
});

describe("the text of problems", () => {
  it("names the stack in every command, two of one fix included", () => {
    const fix = `${setCommand(["namespace"], "shop")}, or ${removeCommand(["namespace"])}`;
    const text = problemText("prod-eu", [{ key: "k", found: "f", expected: "e", fix }]);
    assert.match(
      text,
      /fix: +pulumi config set --stack prod-eu 'multi-client:namespace' shop, or pulumi config rm --stack prod-eu 'multi-client:namespace'$/,
    );
  });
});
