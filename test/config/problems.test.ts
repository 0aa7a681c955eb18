import assert from "node:assert/strict";
import {
  editStackFile,
  either,
  fixLines,
  problem,
  problemText,
  removeCommand,
  setCommand,
  settingKey,
  type Fix,
} from "../../config/problems.ts";
import { withFiles } from "../support/files.ts";

describe("the key of a setting", () => {
  it("is what pulumi config --path takes: with the index of an entry, and a key with dots in quotes", () => {
    assert.equal(settingKey(["services", "client", "scale"]), "multi-client:services.client.scale");
    assert.equal(settingKey(["cluster", "admins", 0]), "multi-client:cluster.admins[0]");
    const path = ["exposure", "annotations", "example.com/weight"];
    assert.equal(settingKey(path), 'multi-client:exposure.annotations["example.com/weight"]');
    assert.deepEqual(fixLines(removeCommand(path), "dev"), [
      `pulumi config rm --stack dev --path 'multi-client:exposure.annotations["example.com/weight"]'`,
    ]);
  });
});

describe("the command that sets a setting", () => {
  const set = (value: unknown, path = ["images", "redis"]) =>
    fixLines(setCommand(path, value), "dev").map((line) =>
      line.replace("pulumi config set --stack dev ", ""),
    );
  const at = "--path 'multi-client:images.redis'";

  it("quotes what a shell would take for something else", () => {
    assert.deepEqual(set("redis:8"), [`${at} redis:8`]);
    assert.deepEqual(set("<your own>"), [`${at} '<your own>'`]);
    assert.deepEqual(set("it's"), [`${at} 'it'\\''s'`]);
    assert.deepEqual(set("x", ["images", "it's"]), [`--path 'multi-client:images.it'\\''s' x`]);
  });

  it("says what the CLI would take for a number, a flag or a secret", () => {
    assert.deepEqual(set(31515), [`${at} 31515`]);
    assert.deepEqual(set("31515"), [`--type string --path 'multi-client:images.redis' 31515`]);
    assert.deepEqual(set("1.36"), [`${at} 1.36`]);
    assert.deepEqual(set("31515", ["namespace"]), ["'multi-client:namespace' 31515"]);
    assert.deepEqual(set("-1Gi"), [`${at} -- -1Gi`]);
    assert.deepEqual(set("x", ["images", "token"]), ["--plaintext --path 'multi-client:images.token' x"]);
  });

  it("reads a file, and asks another command, as it is", () => {
    assert.deepEqual(set("--secret < key.pem"), ["--secret --path 'multi-client:images.redis' < key.pem"]);
    assert.deepEqual(set("$(az account show)"), [`${at} "$(az account show)"`]);
  });

  it("is one for each entry of a list, and takes away what is too much", () => {
    const { fix } = problem(["cluster", "admins"], ["a", "a", "a"], "a list", ["a"]);
    assert.deepEqual(fixLines(fix, "dev"), [
      "pulumi config set --stack dev --path 'multi-client:cluster.admins[0]' a",
      "pulumi config rm --stack dev --path 'multi-client:cluster.admins[2]'",
      "pulumi config rm --stack dev --path 'multi-client:cluster.admins[1]'",
    ]);
  });
});

describe("the text of problems", () => {
  it("has a line for each command, as it is pasted, and one for the words between them", () => {
    const fix = either(setCommand(["namespace"], "shop"), "elsewhere", removeCommand(["namespace"]));
    const text = problemText("prod-eu", [{ key: "k", found: "f", expected: "e", fix }], {
      pulumi: "X='a b' /c/pulumi",
    });
    assert.deepEqual(text.split("\n").slice(-3), [
      "    fix:      X='a b' /c/pulumi config set --stack prod-eu 'multi-client:namespace' shop",
      "              or, elsewhere:",
      "              X='a b' /c/pulumi config rm --stack prod-eu 'multi-client:namespace'",
    ]);
  });
});

describe("a fix in the stack file", () => {
  const text = [
    "config:",
    "  multi-client:cluster: {provider: minikube}",
    "  services:",
    "    client:",
    "      scael: {}",
    '  multi-client:exposure: \'{"typ":"public"}\'',
    "  multi-client:images: {secure: v1:x}",
    "",
  ].join("\n");
  const lines = (fix: Fix) =>
    withFiles({ "Pulumi.dev.yaml": text }, (root) => fixLines(fix, "dev", { root }));

  it("names its line, or that of the group in which the setting would be", () => {
    const place = (...path: string[]) => lines(editStackFile(path, "x"));
    assert.deepEqual(place("services", "client", "scael"), ["in Pulumi.dev.yaml, line 5, x"]);
    assert.deepEqual(place("services", "client", "resources"), ["in Pulumi.dev.yaml, line 4, x"]);
    assert.deepEqual(place("cluster", "provider"), ["in Pulumi.dev.yaml, line 2, x"]);
    assert.deepEqual(place("namespace"), ["in Pulumi.dev.yaml, x"]);
  });

  it("comes before a command that would replace a section which is one text, and not before others", () => {
    for (const [section, line] of [
      ["exposure", 6],
      ["images", 7],
    ] as const) {
      const [first = "", ...rest] = lines(removeCommand([section, "typ"]));
      assert.match(
        first,
        new RegExp(`^first, in Pulumi\\.dev\\.yaml, line ${line}, write multi-client:${section} in clear`),
      );
      assert.deepEqual(rest, [`pulumi config rm --stack dev --path 'multi-client:${section}.typ'`]);
    }
    assert.equal(lines(removeCommand(["exposure"])).length, 1);
    assert.equal(lines(removeCommand(["cluster", "local"])).length, 1);
  });
});
