import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openAct } from "./act.ts";
import { dataUids, get, until } from "./cluster.ts";
import { killAll } from "./front.ts";
import { podsOf } from "./pods.ts";
import type { TestStack } from "./stack.ts";
import { folder } from "./world.ts";

/** A stack with backups, and what its cases do with its database. */
interface BackedUp {
  readonly stack: TestStack;
  readonly addRow: () => Promise<unknown>;
  readonly backup: () => Promise<unknown>;
  readonly rows: () => Promise<number>;
}

/** The cases of `make drill`. @param world gives a stack that is deployed */
export function drillCases(world: () => BackedUp): void {
  it("a drill that was killed on another computer: the next removes it; that fails, says so in its report, and leaves nothing", async () => {
    const { stack } = world();
    const namespace = `drill-${stack.namespace}`;
    let command = 0;
    // Another computer has another state folder, and none of the files here.
    const elsewhere = { XDG_STATE_HOME: join(folder, "another-state") };
    const killed = stack.make("drill", elsewhere, (pid) => (command = pid));
    await until("the drill has pods", async () => (await podsOf(namespace, "postgres")).length > 0, 120);
    killAll(command);
    assert.notEqual((await killed).code, 0);
    rmSync(join(stack.project, `Pulumi.drill-${stack.name}.yaml`));
    assert.ok(await get("Namespace", namespace, ""));
    const report = join(stack.project, "build/drill", `${stack.name}.json`);
    stack.configure({ images: { server: "registry.pull.invalid/none:1" }, rollout: { timeoutSeconds: 10 } });
    const { code, output } = await stack.make("drill");
    stack.configure();
    assert.notEqual(code, 0);
    assert.match(output, /# Restore drill of stack \S+: FAILED/);
    const { ok, reason, rows } = JSON.parse(readFileSync(report, "utf8")) as Record<string, unknown>;
    assert.deepEqual([ok, typeof reason, rows], [false, "string", undefined]);
    assert.equal(await get("Namespace", `drill-${stack.namespace}`, ""), undefined);
    assert.equal(existsSync(join(stack.project, `Pulumi.drill-${stack.name}.yaml`)), false);
  });

  it("restore-drill: the newest is restored into a namespace of its own and measured, and nothing is left", async () => {
    const { stack, addRow, backup, rows } = world();
    await addRow();
    await backup();
    const [before, uids] = [await rows(), await dataUids(stack.namespace)];
    const act = await openAct(stack);
    const ran = (await act?.workflow("restore-drill", "workflow_dispatch")) ?? (await stack.make("drill"));
    assert.equal(ran.code, 0, ran.output);
    // The workflow has it a second time, as the summary of the job.
    const reports = [...ran.output.matchAll(/^.*# Restore drill of stack \S+: passed$/gm)];
    assert.equal(reports.length, act === undefined ? 1 : 2, ran.output);
    assert.match(ran.output, new RegExp(`rows: ${String(before)} in public\\.values$`, "m"));
    const measured = [...ran.output.matchAll(/recovery (?:point|time)\): \d+ s/g)].map(([text]) =>
      text.replace(")", ""),
    );
    console.log(`      ${[...new Set(measured)].join(", ")}`);
    assert.equal(await rows(), before);
    assert.deepEqual(await dataUids(stack.namespace), uids);
    assert.equal(await get("Namespace", `drill-${stack.namespace}`, ""), undefined);
    assert.equal(existsSync(join(stack.project, `Pulumi.drill-${stack.name}.yaml`)), false);
  });
}
