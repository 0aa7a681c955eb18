import { appendFileSync } from "node:fs";
import { UserError } from "../../system/errors.ts";
import { value } from "../../system/folders.ts";
import { minikubeFound } from "../cluster/minikube.ts";
import { comment, gitHub, keepIssue } from "../pipeline/github.ts";
import { readResult } from "../pipeline/result.ts";
import type { Invocation } from "../stack/plan.ts";
import { chooseStack, readStack } from "../stack/read-stack.ts";

/**
 * Publishes the result of the last `make preview` or `make drift`: one comment of the pull request, or one issue, for each
 * stack. Where no job of GitHub's runs this, it prints the text.
 */
export async function report({ root, env, write, log }: Invocation): Promise<void> {
  const kind = value(env.KIND);
  if (kind !== "preview" && kind !== "drift")
    throw new UserError(`KIND is ${JSON.stringify(env.KIND ?? "")}.\nExpected: preview or drift.`);
  const { name } = readStack(root, chooseStack(value(env.STACK), minikubeFound(env)).name);
  const { result, text } = readResult(root, kind, name);
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
