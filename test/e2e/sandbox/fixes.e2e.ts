import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { files, filledIn, fixCases, problemsIn, waysOf } from "../../config/fix-cases.ts";
import { callByHand } from "../../../launcher/engine/environment.ts";
import { paste } from "../../support/pulumi-config.ts";
import { engine, folder, run } from "../world.ts";

/** What is below `config:`, without the text of secrets: the CLI encrypts it, and the model leaves it readable. */
const settingsOf = (text: string): unknown =>
  JSON.parse(
    JSON.stringify((parse(text) as { config: unknown }).config, (_, each: { secure?: unknown } | null) =>
      typeof each?.secure === "string" ? { secure: "" } : each,
    ),
  );

describe("the commands of fixes", () => {
  it("do with the CLI what the model of the unit tests does, one of each kind, and touch no other stack", async () => {
    const { pulumi, env } = await engine();
    const root = join(folder, "projects", "fixes");
    mkdirSync(root, { recursive: true });
    const other = "config:\n  multi-client:namespace: other # stays\n";
    const url = String(process.env.PULUMI_BACKEND_URL);
    const byHand = callByHand(
      pulumi,
      { url, because: "PULUMI_BACKEND_URL", env: {} },
      { PULUMI_CONFIG_PASSPHRASE: "" },
    );
    for (const [name, text] of Object.entries({
      "Pulumi.yaml": "name: multi-client\nruntime: yaml\n",
      ...files,
    }))
      writeFileSync(join(root, name), text);
    const file = join(root, "Pulumi.prod.yaml");
    // A shell of the user: nothing but PATH and HOME leads to the CLI and its state.
    const bare = { ...env, PULUMI_BACKEND_URL: undefined, PULUMI_CONFIG_PASSPHRASE: undefined };
    const must = async (line: string) => {
      const { code, output } = await run("sh", ["-c", line], { env: bare, cwd: root });
      assert.equal(code, 0, `${line}\n${output}`);
    };
    await must(`${byHand} stack init --no-select prod`);
    await must(`${byHand} stack init dev`); // selected
    const salt = /^encryptionsalt: .*\n/m.exec(readFileSync(file, "utf8"))?.[0] ?? "";
    const seen = new Set<string>();
    let pasted = 0;
    for (const [title, config] of fixCases)
      for (const { fix } of problemsIn(config))
        for (const lines of waysOf(fix, { pulumi: byHand, root: "/nowhere" })) {
          // The kinds: what is done, to which setting, by which flags. Values are a shell's to read, as in the unit tests.
          const kind = lines.map((line) => line.replace(/( '[^']*') .*/, "$1")).join();
          if (seen.has(kind) || !kind.includes(" config ") || lines.join().includes("$(az ")) continue;
          seen.add(kind);
          writeFileSync(join(root, "Pulumi.dev.yaml"), other);
          writeFileSync(file, stringify({ config }) + salt);
          const commands = filledIn(lines);
          for (const line of commands) await must(line);
          pasted += commands.length;
          const real = readFileSync(file, "utf8");
          writeFileSync(file, stringify({ config }) + salt);
          assert.deepEqual(
            paste(
              commands.map((line) => line.replace(byHand, "pulumi")),
              root,
            ),
            [],
          );
          const model = readFileSync(file, "utf8");
          assert.deepEqual(settingsOf(real), settingsOf(model), title);
          assert.equal(readFileSync(join(root, "Pulumi.dev.yaml"), "utf8"), other);
        }
    assert.ok(pasted > 50, String(pasted));
    writeFileSync(file, salt);
    await must(`${byHand} stack rm --yes --stack prod`);
    await must(`${byHand} stack rm --yes --stack dev`);
  });
});
