import { accountOf } from "../../config/accounts.ts";
import { clouds } from "../../config/clouds/index.ts";
import { groupOf } from "../../config/raw-settings.ts";
import { UserError } from "../../system/errors.ts";
import { run, which } from "../../system/process.ts";
import type { Env } from "../../system/folders.ts";
import { sandboxContext } from "../../system/sandbox-context.ts";
import { accountNeeds, type AccountFacts, type AccountNeed } from "../clouds/account-needs.ts";
import { engineEnvironment } from "../engine/environment.ts";
import { headline, makePlan, type Invocation } from "../stack/plan.ts";
import { readSettingsOf } from "../stack/read-stack.ts";

/** Asks the account of a stack that makes its cluster for everything that it needs before the first `make up`. */
export async function check(invocation: Invocation): Promise<void> {
  const { root, env, log } = invocation;
  const plan = makePlan(invocation);
  const { stack } = plan;
  if (stack.target.provider !== "managed")
    throw new UserError(
      `Stack ${stack.name} makes no cluster: there is no account to ask. See make preview.`,
    );
  const { cloud, simulated } = stack.target;
  const { sections, texts } = readSettingsOf(root, stack.name);
  const cluster = clouds[cloud].cluster.safeParse(sections.cluster);
  const { account, problems } = accountOf(cloud, texts, "allowed");
  if (!cluster.success || problems.length > 0)
    throw new UserError(
      `Pulumi.${stack.name}.yaml has problems: make preview STACK=${stack.name} lists them.`,
    );
  log(headline(plan));
  const asks = simulated
    ? (
        await engineEnvironment({
          plugins: plan.plugins,
          simulatesClouds: true,
          context: sandboxContext(stack.name),
          log,
          env,
        })
      ).env
    : env;
  const bucket = groupOf(sections.backup).bucket === true;
  const facts: AccountFacts = { stack: stack.name, account, cluster: cluster.data, bucket };
  // Those of the cloud whose settings are in the facts.
  const needs = (accountNeeds[cloud] as readonly AccountNeed[]).filter(
    (need) => need.applies?.(facts) ?? true,
  );
  const counts = { there: 0, missing: 0, unknown: 0 };
  for (const need of needs) {
    const { is, found } = await stateOf(need, facts, asks);
    counts[is]++;
    log(`  ${`${is}:`.padEnd(8)}  ${need.what(facts)}`);
    if (found !== undefined) {
      const fix = is === "missing" ? "fix:  " : "fix, where it is missing:";
      log(`              found: ${found}\n              ${fix} ${need.fix(facts)}`);
    }
  }
  const { missing, unknown } = counts;
  if (missing + unknown > 0)
    throw new UserError(
      `${missing} of ${needs.length} are missing${unknown > 0 ? `, and ${unknown} could not be asked for` : ""} (docs/needed-beforehand.md).`,
    );
  log(`Everything that make up STACK=${stack.name} needs is there.`);
}

/** The state of a need in an account: who may not ask, or has not the program for it, does not know. */
interface NeedState {
  readonly is: "there" | "missing" | "unknown";
  /** What was found instead. @default it is there */
  readonly found?: string;
}

/** Asks for a need. */
export async function stateOf(need: AccountNeed, facts: AccountFacts, env: Env): Promise<NeedState> {
  const answers: string[] = [];
  for (const [program = "", ...args] of need.ask(facts)) {
    if (which(program, env) === undefined) return { is: "unknown", found: `${program} is not on PATH` };
    const { code, stdout, output } = await run(program, args, { env });
    if (code !== 0) return { is: "unknown", found: output.trim().split("\n")[0] ?? "" };
    answers.push(stdout.trim());
  }
  const found = need.lack(answers, facts);
  return found === undefined ? { is: "there" } : { is: "missing", found };
}
