import assert from "node:assert/strict";
import { checkExistingNamespace } from "../../launcher/cluster/existing-namespace.ts";
import { Interrupt } from "../../system/process.ts";

async function check(answer: () => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  await checkExistingNamespace("team", "t4", answer, "kubectl", (line) => lines.push(line));
  return lines.join("\n");
}
const labelled = (level: string) => () =>
  Promise.resolve({ metadata: { labels: { "pod-security.kubernetes.io/enforce": level } } });

describe("a namespace that is there already", () => {
  it("is taken without a word where it enforces what all pods keep", async () => {
    assert.equal(await check(labelled("restricted")), "");
  });

  it("is warned of where it enforces less, with the command for its owner", async () => {
    const command = "\n  kubectl label namespace team pod-security.kubernetes.io/enforce=restricted";
    const warning = (found: string) =>
      `Warning: namespace team has ${found}. All pods of this program keep restricted, which its owner can enforce:${command}`;
    assert.equal(await check(labelled("baseline")), warning("the Pod Security level baseline"));
    assert.equal(await check(() => Promise.resolve({ metadata: {} })), warning("no Pod Security level"));
  });

  it("is not taken where an interrupt came while it was asked for", async () => {
    const interrupted = () => {
      throw new Interrupt("asking", 0);
    };
    await assert.rejects(check(interrupted), /Interrupted while asking/);
  });

  it("is refused where it is not there, with both ways out", async () => {
    await assert.rejects(
      check(() => Promise.resolve(undefined)),
      {
        name: "UserError",
        message:
          /team is not there[\s\S]*kubectl create namespace team[\s\S]*in Pulumi\.t4\.yaml, take existingNamespace out$/,
      },
    );
  });

  it("may be one that the deployer may not read", async () => {
    assert.equal(await check(() => Promise.reject(new Error("forbidden"))), "");
  });
});
