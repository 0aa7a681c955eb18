import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inOrder, kustomization, manifests } from "./manifests.ts";
import { renderProgram, stackConfig } from "./program.ts";

/** Writes the resources that a stack would register to build/render/<stack>/, without engine, cluster or credentials. */
async function main(stack: string): Promise<void> {
  const { resources } = await renderProgram(stack, stackConfig(stack));
  const ordered = inOrder(resources);
  const objects = manifests(ordered);
  const folder = join("build", "render", stack);
  const fresh = `${folder}.${String(process.pid)}`;
  mkdirSync(join(fresh, "objects"), { recursive: true });
  for (const { file, yaml } of objects) writeFileSync(join(fresh, "objects", file), yaml);
  writeFileSync(join(fresh, "kustomization.yaml"), kustomization(objects));
  writeFileSync(join(fresh, "kubernetes.yaml"), objects.map(({ yaml }) => yaml).join("---\n"));
  const list = ordered.map(({ urn, type, name, parent, provider, inputs, dependsOn, protect }) => ({
    urn,
    type,
    name,
    parent,
    provider,
    inputs,
    dependsOn,
    protect,
  }));
  writeFileSync(join(fresh, "resources.json"), `${JSON.stringify(list, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  console.log(`${folder}: ${String(objects.length)} objects, ${String(list.length)} resources`);
  for (const { file, object } of objects)
    if (object.kind === "Secret")
      console.log(`not in kustomization.yaml, because its values are hidden: objects/${file}`);
}

main(process.argv[2] ?? "").catch((error: unknown) => {
  const expected = error instanceof Error && "__pulumiRunError" in error;
  console.error(expected ? error.message : error);
  process.exitCode = 1;
});
