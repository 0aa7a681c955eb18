import { accessSync, closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync } from "node:fs";
import { errorCode, messageOf, UserError } from "../../system/errors.ts";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, W_OK, X_OK } = constants;

/**
 * Lets every user of this computer have volumes on simulated nodes: the controller managers of all clusters make them in one
 * folder, which the first of them would make for its own user alone.
 *
 * @param folder is named by the host path provisioner of Kubernetes.
 * @throws UserError where another user has it and keeps others out.
 */
export function shareVolumesFolder(folder = "/tmp/hostpath_pv"): void {
  try {
    mkdirSync(folder, { recursive: true });
    // Not by its name, which may become a link to a folder that is nobody's business.
    const opened = openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    try {
      const { mode, uid } = fstatSync(opened);
      const user = process.geteuid?.();
      if (user !== 0 && user !== uid) accessSync(folder, W_OK | X_OK);
      else if ((mode & 0o7777) !== 0o1777) fchmodSync(opened, 0o1777);
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    const isKeptOut = ["EACCES", "EPERM"].includes(errorCode(error));
    throw new UserError(
      `No volume can be made in ${folder} (${messageOf(error)}).\n` +
        "Expected: a folder in which every user may make folders.\n" +
        `Fix: sudo ${isKeptOut ? "chmod 1777" : "rm"} ${folder}`,
    );
  }
}
