import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

/** Runs a program in a process of its own, where the SDK is loaded after ours. */
function run(body: string, env: NodeJS.ProcessEnv = {}): { status: number | null; stdout: string } {
  const source = `
    import { endWithTheEngine, leaveOut, unused } from "./system/lean-sdk.ts";
    import { createRequire } from "node:module";
    import * as pulumi from "@pulumi/pulumi";
    const loaded = (part) => Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes(part));
    ${body}`;
  return spawnSync(process.execPath, ["--input-type=module", "--eval", source], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
}

/** What such a program prints, if it succeeds. */
function printed(body: string, env?: NodeJS.ProcessEnv): string {
  const { status, stdout } = run(body, env);
  assert.equal(status, 0);
  return stdout.trim();
}

describe("leaving out what the SDK loads and nobody uses", () => {
  it("loads nothing of TypeScript and the Automation API, with the SDK as it is installed", () => {
    const parts = ["/typescript/lib/", "/pulumi/automation/stack.js"];
    assert.equal(printed(`console.log(${JSON.stringify(parts)}.flatMap(loaded).length)`), "0");
  });

  it("names the list to whoever uses one of them", () => {
    assert.equal(
      printed("try { pulumi.automation.LocalWorkspace } catch (error) { console.log(error.message) }"),
      "./automation/index.js is left out of this program: take it off the list in system/lean-sdk.ts",
    );
  });

  it("leaves what is loaded already, and what an SDK does not have, as they are", () => {
    assert.equal(printed('console.log(leaveOut(["./config.js", "./of-another-version.js"]).length)'), "0");
  });

  it("takes a stack trace of no promise of the SDK, unless the SDK shall show them; errors keep theirs", () => {
    const program = `
      const sdk = createRequire(import.meta.url)("@pulumi/pulumi/runtime/debuggable.js");
      const promise = Promise.resolve();
      await sdk.debuggablePromise(promise, "of a test");
      console.log(promise._debugStackTrace.includes(" at "), new Error().stack.includes(" at "));`;
    assert.equal(printed(program), "false true");
    assert.equal(printed(program, { PULUMI_DEBUG_PROMISE_LEAKS: "1" }), "true true");
  });

  it("ends without a word when the engine has ended the run, and only then", () => {
    const program = (before: string) => `
      const { terminateRpcs } = createRequire(import.meta.url)("@pulumi/pulumi/runtime/settings.js");
      ${before}
      Promise.reject(new Error("a request was cut off"));`;
    const listen =
      'process.on("unhandledRejection", ({ message }) => console.log(message)); endWithTheEngine();';
    assert.equal(printed(program(listen)), "a request was cut off");
    assert.partialDeepStrictEqual(run(program(`${listen} terminateRpcs();`)), { status: 32, stdout: "" });
    assert.equal(run(program("endWithTheEngine();")).status, 1);
  });
});
