import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { manifestText } from "../render/manifests.ts";
import { committedStacks, renderProgram, stackConfig } from "../render/program.ts";
import { admissionObjects } from "./admission.ts";
import { exemptions } from "./exemptions.ts";
import { fromRender } from "./from-render.ts";
import { checkStacks, exemptionProblems, findingLines, record, resultTable } from "./report.ts";
import { fails } from "./evaluate.ts";
import type { Resource } from "./rules/rule.ts";

/** Asks all rules of the stacks, prints the table, and writes it, and for each stack what the API server enforces too. */
async function main(named: readonly string[]): Promise<void> {
  const rendered: Record<string, Resource[]> = {};
  for (const stack of named.length > 0 ? named : committedStacks())
    rendered[stack] = fromRender((await renderProgram(stack, stackConfig(stack))).resources);
  const today = new Date().toISOString().slice(0, 10);
  const stacks = checkStacks(rendered, exemptions, today);
  const problems = exemptionProblems(stacks, exemptions, { today, areAllStacks: named.length === 0 });
  const lines = [...problems, ...findingLines(stacks)];
  mkdirSync(join("build", "policy"), { recursive: true });
  for (const [stack, resources] of Object.entries(rendered)) {
    const objects = admissionObjects(resources, { exemptions, today });
    writeFileSync(join("build", "policy", `${stack}.yaml`), objects.map(manifestText).join("---\n"));
  }
  const markdown = [
    resultTable(stacks),
    ...(lines.length > 0 ? [lines.map((line) => `- ${line}`).join("\n")] : []),
  ];
  const folder = join("build", "ci");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "policy.json"), `${JSON.stringify(record(stacks, problems), null, 2)}\n`);
  writeFileSync(join(folder, "policy.md"), `${markdown.join("\n\n")}\n`);
  console.log(markdown.join("\n\n"));
  console.log(
    `\n${folder}/policy.json, ${folder}/policy.md: the same. docs/policy.md says what each rule is for.`,
  );
  console.log("build/policy/: what the API server can enforce too, for kubectl apply.");
  if (problems.length > 0 || stacks.some(({ results }) => results.some(fails))) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const isExpected = error instanceof Error && "__pulumiRunError" in error;
  console.error(isExpected ? error.message : error);
  process.exitCode = 1;
});
