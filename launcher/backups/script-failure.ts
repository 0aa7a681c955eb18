import { BACKUP_MANAGER } from "../../backup/scripts.ts";
import { UserError } from "../../system/errors.ts";
import { lastLines } from "../../system/process.ts";
import type { Piped } from "../cluster/kubectl.ts";

/** The exit code of a script that refuses, and says why (EX_DATAERR); and of one that finds another at work (EX_TEMPFAIL). */
const REFUSED = 65;
export const BUSY = 75;
/** The exit code of what ended by SIGKILL: here the whole container, by the kernel or with its pod. */
const KILLED = 137;

/** Where a script ran, as messages name it. */
interface Place {
  /** The beginning of a command line that reaches the namespace. */
  readonly kubectl: string;
  readonly pod: string;
  readonly stack: string;
}

const MORE_MEMORY = `raise resources.limits.memory of sidecar ${BACKUP_MANAGER} in services.ts, make up, and call this again.`;

/** The failures of which more is known than a script can say: what its words match, and what is added to them. */
const REMEDIES: readonly (readonly [RegExp, (place: Place) => string])[] = [
  [
    /password authentication failed/,
    ({ stack }) =>
      `The password that ${BACKUP_MANAGER} has from its Secret is not the administrator's (docs/passwords.md).\n` +
      `Fix: make up STACK=${stack} makes the Secret anew from the state, and replaces the pods that read it.`,
  ],
  [/it was killed, because the memory/, () => `Fix: ${MORE_MEMORY}`],
];

/** The error of a script in the backup container that ended with another exit code than 0. */
export function scriptFailure({ code, stderr }: Piped, what: string, place: Place): UserError {
  const said = lastLines(stderr.replace(/^command terminated with exit code \d+\n?/m, ""), 5);
  if (code === REFUSED) return new UserError(`${what}: ${said.replace(/^refused: /m, "")}.`);
  if (code === BUSY) return new UserError(`${what}: ${said}. Try again when it is done.`);
  const { kubectl, pod, stack } = place;
  if (code === KILLED) {
    return new UserError(
      `${what} was killed with container ${BACKUP_MANAGER}; the data serves as before. ` +
        `The pod ended, or the memory did not suffice: ${kubectl} describe pod ${pod}\n` +
        `Fix: where that says OOMKilled, ${MORE_MEMORY} Else call it again when the pod is ready: make status STACK=${stack}`,
    );
  }
  const remedy = REMEDIES.find(([pattern]) => pattern.test(stderr))?.[1](place);
  const see = remedy ?? `See: ${kubectl} logs ${pod} -c ${BACKUP_MANAGER}`;
  return new UserError(`${what} failed:\n${said}\n${see}`);
}
