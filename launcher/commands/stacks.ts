import { UserError } from "../../system/errors.ts";
import { value } from "../../system/folders.ts";
import { contextOf, type Invocation } from "../stack/plan.ts";
import { isLocal, readStack, stackNames, type Stack } from "../stack/read-stack.ts";

/** A stack as pipelines choose by it. */
interface ListedStack {
  readonly stack: string;
  /** The cloud in which it makes its cluster, `minikube`, or `existing`. */
  readonly target: string;
  /** `local` is on this computer, `placeholder` has an account that is nobody's, `real` is everything else. */
  readonly kind: (typeof KINDS)[number];
}
const KINDS = ["local", "placeholder", "real"] as const;

/**
 * Lists the stacks, or STACK alone, or those of one KIND; with JSON=1 as one line of JSON, for the matrix of a pipeline.
 *
 * @throws UserError where STACK is not of that KIND: a pipeline that was asked for it would be green, and do nothing.
 */
export function stacks({ root, env, log }: Invocation): Promise<void> {
  const kind = value(env.KIND);
  if (kind !== undefined && !KINDS.some((each) => each === kind))
    throw new UserError(
      `KIND is ${JSON.stringify(kind)}.\nExpected: ${KINDS.join(", ")}, or nothing for all.`,
    );
  const asked = value(env.STACK);
  const listed = (asked === undefined ? stackNames(root) : [asked])
    .map((name) => listedStack(readStack(root, name)))
    .filter((each) => kind === undefined || each.kind === kind);
  if (asked !== undefined && listed.length === 0) {
    const found = listedStack(readStack(root, asked)).kind;
    throw new UserError(
      `Stack ${asked} is ${found}, and KIND asks for ${String(kind)}: nothing would be done.\n` +
        `Fix: make stacks STACK=${asked} KIND=${found}; in a pipeline of GitHub: gh variable set STACK_KIND --body ${found}`,
    );
  }
  if (value(env.JSON) !== undefined) log(JSON.stringify(listed));
  else for (const each of listed) log(`${each.stack.padEnd(12)} ${each.target.padEnd(9)} ${each.kind}`);
  return Promise.resolve();
}

function listedStack(stack: Stack): ListedStack {
  const { name, target } = stack;
  if (target.provider === "managed")
    return { stack: name, target: target.cloud, kind: target.hasPlaceholderAccount ? "placeholder" : "real" };
  contextOf(stack); // throws where the file names no cluster
  return { stack: name, target: target.provider, kind: isLocal(stack) ? "local" : "real" };
}
