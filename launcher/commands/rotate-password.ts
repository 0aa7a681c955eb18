import { BACKUP_MANAGER } from "../../backup/scripts.ts";
import { loginRoles, newLogin } from "../../database/login.ts";
import { messageOf, UserError } from "../../system/errors.ts";
import { backupContainer, databasePod } from "../backups/backup-container.ts";
import { drillName } from "../backups/drill-stack.ts";
import { unchangedResources } from "../engine/events.ts";
import { checkUnchanged } from "../recovery/unchanged-state.ts";
import { loginRolesOf } from "../rotation/login-roles.ts";
import { loginService, roleInState, secretInState, withLogin } from "../rotation/login-state.ts";
import { openDeployed } from "../stack/deployed-stack.ts";
import { locked, type Invocation } from "../stack/plan.ts";
import { createSteps } from "../steps.ts";
import { up } from "./up.ts";

/**
 * Gives the services that log in to the database another role with a new password, while they go on serving:
 *
 * 1. the state gets a new login, of the role that is not in use;
 * 2. an update rolls the pods that log in; each makes sure, before it starts, that its role is there;
 * 3. when no pod has the old password any more, the old role cannot log in any more.
 *
 * A rotation is complete when the role of the state is the only one that can log in. Where it is not, an earlier rotation was
 * interrupted, and this one completes it, without a password of its own.
 */
export async function rotatePassword(invocation: Invocation): Promise<void> {
  const { log, write } = invocation;
  const { key, database } = loginService();
  const deployed = await openDeployed(invocation, log);
  const { stack, plan, cli } = deployed;
  const { kubectl, pod, containers } = await databasePod(deployed, key);
  const drill = drillName(stack.namespace);
  // Who has one namespace alone can ask for no other one; nor can a drill be theirs.
  const there = await kubectl
    .run(["get", "namespace", drill, "--ignore-not-found", "-o", "name"])
    .catch((error: unknown) => {
      if (stack.existingNamespace === true && messageOf(error).includes("(Forbidden)")) return "";
      throw error;
    });
  if (there !== "") {
    throw new UserError(
      `A drill of stack ${stack.name} is at work, or one was killed: namespace ${drill} is there. Nothing was changed.\n` +
        `Fix: wait until it is done; if it was killed, make drill STACK=${stack.name} removes what it left.`,
    );
  }
  const mayRestore = containers.includes(BACKUP_MANAGER);
  const unlock = mayRestore ? await (await backupContainer(deployed)).lock() : () => undefined;
  try {
    const roles = loginRolesOf(kubectl, pod, key, database);
    await locked(invocation, plan, async () => {
      const state = await cli.state();
      const role = roleInState(await cli.stateInClear(), key);
      if (state === undefined || role === undefined) {
        throw new UserError(
          `Stack ${stack.name} still logs in to its database as the administrator. Nothing was changed.\n` +
            `Fix: make up STACK=${stack.name}, which gives it a role of its own with a new password.`,
        );
      }
      const open = await roles.open();
      if (open.length !== 1 || open[0] !== role) {
        log("An earlier rotation was interrupted: this one completes it.");
        return;
      }
      if (unchangedResources(await cli.plan(false)) === undefined) {
        throw new UserError(
          `Stack ${stack.name} is not what its files say, and a rotation would deploy that too. Nothing was changed.\n` +
            `Fix: make preview STACK=${stack.name} shows the difference, and make up STACK=${stack.name} deploys it; then rotate.`,
        );
      }
      const [next = ""] = loginRoles(database).filter((each) => each !== role);
      await checkUnchanged(cli, state, invocation.command);
      await cli.importState(withLogin(state, key, newLogin(next)));
      log(`The next login, ${next}, is in the encrypted state.`);
    });
    await up(invocation);
    const state = await cli.stateInClear();
    const [role, secret] = [roleInState(state, key), secretInState(state, key)];
    if (role === undefined || secret === undefined) throw new Error("the state has no login after an update");
    const steps = createSteps(1, write);
    await steps.run("close the old login", async () => {
      for (const old of (await roles.open()).filter((each) => each !== role)) await roles.close(old, secret);
    });
    log(`Rotated: ${role} logs in, with a new password; nobody else does but the administrator.`);
  } finally {
    unlock();
  }
}
