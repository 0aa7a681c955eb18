import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { objectCount, serviceKeys } from "../changes.ts";
import { dryRun, password, until, type Loose } from "../cluster.ts";
import { sandboxStack } from "../stack.ts";
import { context, folder, kubeconfig, make, run, wholeLog } from "../world.ts";
import { ensureBuilt } from "../../../sandbox/index.ts";
import { which } from "../../../system/process.ts";

/** Engines, plugins and language hosts that commands of this run started: their environment names its folder. */
function ours(): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
        const isOurs = environment.includes(`MULTI_CLIENT_E2E=${folder}`);
        return isOurs && /pulumi|sandbox\/(language-host|kubernetes-plugin)\//.test(command) ? [command] : [];
      } catch {
        return []; // ended meanwhile, or not ours to read
      }
    });
}

describe("what is left", () => {
  it("make render writes what kubectl reads as the same objects, and the API server accepts", async () => {
    const { code, output } = await make("render");
    assert.equal(code, 0, output);
    const file = "build/render/sandbox/kubernetes.yaml";
    const objects = parseAllDocuments(readFileSync(file, "utf8")).map((document) => document.toJS() as Loose);
    assert.equal(objects.length, objectCount);
    for (const object of objects)
      assert.equal(await dryRun(object), undefined, `${object.kind ?? ""} ${object.metadata.name ?? ""}`);
    const kubectl =
      which("kubectl", process.env) ?? join(await ensureBuilt("kubernetes", console.log), "kubectl");
    // Reads and writes without asking a server, and so changes nothing but the label.
    const read = await run(kubectl, ["label", "--local", "-f", file, "-o", "json", "read=yes"]);
    assert.equal(read.code, 0, read.output);
    const labelled = objects.map((object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { ...object.metadata.labels, read: "yes" } } as unknown,
    }));
    assert.deepEqual(
      read.stdout.split(/^(?=\{)/m).map((text) => JSON.parse(text) as unknown),
      labelled,
    );
  });

  it("the password stands in clear nowhere: state, outputs, logs, render", async () => {
    const stack = sandboxStack();
    const exported = await stack.must("stack", "export");
    const outputs = await stack.must("stack", "output", "--json");
    assert.match(exported.stdout, /ciphertext/);
    const rendered = readdirSync("build/render/sandbox", { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    const places = [exported.stdout, outputs.stdout, wholeLog(), ...rendered];
    const clear = await password();
    for (const secret of [clear, Buffer.from(clear).toString("base64")]) {
      assert.ok(places.every((text) => !text.includes(secret)));
    }
  });

  it("make status tells what runs and how to reach it", async () => {
    const { code, output } = await make("status");
    assert.equal(code, 0, output);
    for (const name of serviceKeys) assert.match(output, new RegExp(`^ {2}${name} +1/1 pod ready$`, "m"));
    assert.match(output, /^Reach it: curl http:\/\/127\.0\.0\.1:31515\/$/m);
  });

  it("make down leaves no namespace, no process and no lock", async () => {
    const { code, output } = await make("down");
    assert.equal(code, 0, output);
    const processes = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
    assert.ok(!processes.includes(join(folder, "state")), "a process of the sandbox is left");
    await until(
      "every plugin and language host of the run has ended",
      () => Promise.resolve(ours().length === 0),
      15,
    );
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    assert.deepEqual(
      files.filter((file) => /locks\/.*\.json$/.test(file)),
      [],
    );
    assert.doesNotMatch(readFileSync(kubeconfig, "utf8"), new RegExp(context));
  });
});
