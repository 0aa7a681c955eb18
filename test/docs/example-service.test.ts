import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { runInNewContext } from "node:vm";
import type { Services } from "../../components/service.ts";
import { exemptions } from "../../policy/exemptions.ts";
import { fromRender } from "../../policy/from-render.ts";
import { checkStacks, findingLines } from "../../policy/report.ts";
import { committedStacks, renderProgram, stackConfig } from "../../render/program.ts";
import { services } from "../../services.ts";

describe("the entry that docs/services.md adds", () => {
  const [, text = ""] = /```ts\n([\s\S]*?)```/.exec(readFileSync("docs/services.md", "utf8")) ?? [];
  const whole = text.replace("sha256:...", `sha256:${"a".repeat(64)}`);
  const scratch = { "ephemeral-storage": "128Mi" };
  // As JSON: objects of another context have other prototypes.
  const entries = JSON.parse(
    runInNewContext(`JSON.stringify({${whole}})`, { scratch }) as string,
  ) as Services;
  const [entry] = Object.values(entries);
  /** Not its own: whoever tries the example out has that in the list. */
  const key = "documented";

  for (const stack of committedStacks())
    it(`is one more workload of ${stack}, and breaks no rule of the policy`, async () => {
      Object.assign(services, { [key]: entry });
      try {
        const resources = fromRender((await renderProgram(stack, stackConfig(stack))).resources);
        assert.ok(resources.some(({ type, name }) => type.endsWith(":Deployment") && name === key));
        const findings = findingLines(checkStacks({ [stack]: resources }, exemptions, "2026-11-27"));
        assert.deepEqual(
          findings.filter((line) => line.includes("mandatory")),
          [],
        );
      } finally {
        Reflect.deleteProperty(services, key);
      }
    });
});
