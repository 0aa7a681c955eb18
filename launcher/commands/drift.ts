import { UserError } from "../../system/errors.ts";
import { driftResult, recorded } from "../pipeline/result.ts";
import { chosenStack, makePlan, type Invocation } from "../stack/plan.ts";
import { planStack } from "./preview.ts";

/** The exit code that the engine has for a plan which was expected to be empty: sdk/go/common/util/result. */
const DRIFT = 7;

/** Says what differs in the cluster from the program: ends with code 0 where nothing does, 7 where something does. */
export async function drift(invocation: Invocation): Promise<void> {
  const { name } = chosenStack(invocation);
  const { status } = await recorded(invocation.root, "drift", name, async (at) => {
    const events = await planStack(invocation, makePlan(invocation), () => {
      throw new UserError(
        `Nothing is deployed in stack ${name}, so nothing can differ.\nFix: make up STACK=${name}`,
      );
    });
    return driftResult(name, at, events);
  });
  invocation.log(
    status === "clean"
      ? `Stack ${name} is clean: every object of the program is as the program has it.`
      : `Stack ${name} has drifted: build/ci/drift-${name}.md names what differs.`,
  );
  if (status === "drift") process.exitCode = DRIFT;
}
