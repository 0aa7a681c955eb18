import { UserError } from "../../system/errors.ts";
import { shellWord } from "../../system/shell-command.ts";
import { value } from "../../system/folders.ts";
import { minikubeFound } from "../cluster/minikube.ts";
import { kindOf, type DestructiveStep } from "../pipeline/destructive.ts";
import { readResult } from "../pipeline/result.ts";
import type { Invocation } from "../stack/plan.ts";
import { chooseStack, readStack } from "../stack/read-stack.ts";

/** How ALLOW names a step: by kind and name, as kubectl does. A URN has a `$`, which make would take for its own. */
const allowName = ({ type, name }: DestructiveStep): string => `${kindOf(type)}/${name}`;

/**
 * Fails where the last preview deletes or replaces what holds data, a cluster, a key or anything protected, unless ALLOW
 * names it. With CHANGES=none it fails where that preview changes anything.
 */
export function guard({ root, env, log }: Invocation): Promise<void> {
  const { name } = readStack(root, chooseStack(value(env.STACK), minikubeFound(env)).name);
  const { status, at, destructive } = readResult(root, "preview", name).result;
  const fix = `make preview STACK=${name}`;
  if (status === "error")
    throw new UserError(`The preview of stack ${name} at ${at} did not come to its end.\nFix: ${fix}`);
  const changes = value(env.CHANGES);
  if (changes !== undefined && changes !== "none")
    throw new UserError(`CHANGES is ${JSON.stringify(changes)}.\nExpected: none, or nothing.`);
  if (changes === "none" && status !== "same")
    throw new UserError(
      `The preview of stack ${name} at ${at} changes something, and CHANGES=none allows nothing.\n` +
        `It is in build/ci/preview-${name}.md. Fix: a person proposes the change.`,
    );
  const allowed = (value(env.ALLOW) ?? "").split(/[\s,]+/).filter((each) => each !== "");
  const stopped = destructive.filter((step) => !allowed.includes(allowName(step)));
  const idle = allowed.filter((each) => !destructive.some((step) => allowName(step) === each));
  if (stopped.length > 0)
    throw new UserError(
      [
        `The plan of stack ${name} loses something:`,
        ...stopped.map((step) => `  ${allowName(step)} ${step.why}`),
        `If that is meant, and there is a backup: make guard STACK=${name} ALLOW=${shellWord(destructive.map(allowName).join(",").replaceAll("$", "$$$$"))}`,
      ].join("\n"),
    );
  if (idle.length > 0)
    throw new UserError(
      `ALLOW names what the plan of stack ${name} neither deletes nor replaces: ${idle.join(", ")}.\nFix: take it out of ALLOW.`,
    );
  log(
    `Stack ${name}: ${destructive.length === 0 ? "the plan loses nothing." : `allowed: ${allowed.join(", ")}.`}`,
  );
  return Promise.resolve();
}
