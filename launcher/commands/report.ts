import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../system/errors.ts";
import { value } from "../../system/folders.ts";
import { minikubeFound } from "../cluster/minikube.ts";
import { comment, gitHub, keepIssue } from "../pipeline/github.ts";
import { readResult } from "../pipeline/result.ts";
import type { Invocation } from "../stack/plan.ts";
import { chooseStack, readStack } from "../stack/read-stack.ts";

/**
 * Publishes the result of the last `make preview` or `make drift`: one comment of the pull request, or one issue, for each
 * stack. Where no job of GitHub's runs this, it prints the text. A preview ends with the table of the last `make policy`, if
 * that was about the stack.
 */
export async function report({ root, env, write, log }: Invocation): Promise<void> {
  const kind = value(env.KIND);
  if (kind !== "preview" && kind !== "drift")
    throw new UserError(`KIND is ${JSON.stringify(env.KIND ?? "")}.\nExpected: preview or drift.`);
  const { name } = readStack(root, chooseStack(value(env.STACK), minikubeFound(env)).name);
  const { result, text: planned } = readResult(root, kind, name);
  const text = kind === "preview" ? planned + policyText(root, name) : planned;
  const summary = value(env.GITHUB_STEP_SUMMARY);
  if (summary !== undefined) appendFileSync(summary, `${text}\n`);
  const github = gitHub(env);
  const marker = `<!-- multi-client:${kind}:${name} -->`;
  if (github === undefined || (kind === "preview" && github.pullRequest === undefined)) {
    write(text);
  } else if (kind === "preview") {
    await comment(github, github.pullRequest ?? 0, marker, text);
    log(`Pull request ${String(github.pullRequest)} has the preview of stack ${name}.`);
  } else {
    const isOpen = result.status !== "clean";
    await keepIssue(github, marker, { title: `Drift of stack ${name}`, text, isOpen });
    log(`The issue about drift of stack ${name} is ${isOpen ? "open" : "closed, or there is none"}.`);
  }
}

/** What `make policy` found of a stack, folded; empty where it was not asked. */
function policyText(root: string, stack: string): string {
  const file = (end: string) => join(root, "build/ci", `policy.${end}`);
  if (!existsSync(file("json"))) return "";
  const { status, stacks } = JSON.parse(readFileSync(file("json"), "utf8")) as {
    readonly status: string;
    readonly stacks: Readonly<Record<string, unknown>>;
  };
  if (!(stack in stacks)) return "";
  return `\n<details><summary>Policy: ${status}</summary>\n\n${readFileSync(file("md"), "utf8")}\n</details>\n`;
}
