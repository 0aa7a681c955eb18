import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../system/errors.ts";
import { value } from "../../system/folders.ts";
import { minikubeFound } from "../cluster/minikube.ts";
import { run } from "../../system/process.ts";
import type { Invocation } from "../stack/plan.ts";
import { chooseStack, readStack } from "../stack/read-stack.ts";

/** Writes what a stack would register to build/render/<stack>/. */
export async function render({ root, env }: Invocation): Promise<void> {
  const { name } = readStack(root, chooseStack(value(env.STACK), minikubeFound(env)).name);
  await node({ root, env }, ["render/render-stack.ts", name]);
}

/** Prints what is the same in dev and in prod, and what is not. */
export async function parity({ root, env }: Invocation): Promise<void> {
  await node({ root, env }, ["render/print-parity.ts"]);
}

/** Checks what stacks would register against the rules of policy/. STACK names one. @default all that are committed */
export async function policy({ root, env }: Invocation): Promise<void> {
  // An earlier result says nothing of this run.
  for (const end of ["json", "md"]) rmSync(join(root, "build/ci", `policy.${end}`), { force: true });
  const stack = value(env.STACK);
  const named = stack === undefined || stack === "all" ? [] : [readStack(root, stack).name];
  await node({ root, env }, ["policy/check-stacks.ts", ...named]);
}

/** The real engine against a real API server. */
export async function endToEnd(invocation: Invocation): Promise<void> {
  await node(invocation, ["test/e2e/main.ts"]);
}

/** The rules of the kubernetes plugin, as a part of the end-to-end cases. */
export async function conformance({ root, env }: Invocation): Promise<void> {
  await node({ root, env: { ...env, CASES: "test/conformance/" } }, ["test/e2e/main.ts"]);
}

/** Writes the JSON Schema of stack files, for editors. */
export async function schema({ write }: Invocation): Promise<void> {
  const [{ sections }, { jsonSchema }, { services }] = await Promise.all([
    import("../../config/schema.ts"),
    import("../../config/setting-schema.ts"),
    import("../../services.ts"),
  ]);
  const config = Object.fromEntries(
    Object.entries(sections(services)).map(([key, section]) => {
      return [`multi-client:${key}`, jsonSchema(section)];
    }),
  );
  const file = join("build", "config.schema.json");
  const whole = {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Stack file of multi-client",
    type: "object",
    properties: { config: { type: "object", properties: config } },
  };
  mkdirSync("build", { recursive: true });
  writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`);
  write(`${file}: for editors, e.g. # yaml-language-server: $schema=${file}\n`);
}

async function node({ root, env }: Pick<Invocation, "root" | "env">, args: readonly string[]): Promise<void> {
  const { code } = await run(join(root, "node_modules", ".bin", "node"), args, { env, inherit: true });
  if (code !== 0)
    throw new UserError(`${args[0] ?? ""} ended with code ${String(code)}; it says above why.`, code);
}
