import { advise, step, type Failure, type Hint, type Step } from "../hints/hint.ts";
import type { Resource } from "../recovery/pending-operations.ts";

/** The commands with which a person logs in to a cloud. */
interface Login {
  readonly command: string;
  /** Other ways to log in, in words. @default none */
  readonly alternatives?: string;
  /** The command that shows who is logged in. */
  readonly identity: string;
}

/** The facts about one cloud that the launcher needs; the program itself never reads them. */
export interface CloudOperations {
  /** Name of the cloud in messages. */
  readonly title: string;
  readonly login: Login;
  /** The login ended while a command ran. */
  readonly loginEnded: Failure;
  /** Nobody is logged in. */
  readonly loginMissing: Failure;
  /** Somebody is logged in to another account than the stack file names. */
  readonly loginElsewhere: Failure & {
    /** Says whose login was found: `of account 111122223333`. */
    readonly found: (match: RegExpExecArray) => string;
    /** The settings that name the stack's account. */
    readonly settings: readonly string[];
  };
  /** Failures that only this cloud has. */
  readonly hints: readonly Hint[];
  /**
   * Finds, in the words of the cloud, what keeps something from being deleted that the cloud itself removes some minutes
   * later; the first group is its name. Undefined where the provider waits for that itself.
   */
  readonly inUse: RegExp | undefined;
  /** Type of the resource that is the cluster. */
  readonly clusterType: string;
  /** Where that resource has its Kubernetes version. */
  readonly version: {
    readonly output: string;
    /**
     * The inputs in which the cloud shows a version with its patch where the stack sets the minor version: to set that
     * again changes nothing. @default it shows what was set
     */
    readonly inFull?: readonly string[];
    /** The cloud itself moves the cluster on, so that the setting is the least version. @default false */
    readonly movesOn?: true;
  };
  /** Says why a resource outlives the stack, and for how long; undefined for one that does not. */
  readonly retained: (resource: Resource) => string | undefined;
  /**
   * Gives the commands that list what a destroyed stack may have left: what carries its tag or label, what the cluster
   * made under its own name, and what keeps a network from being deleted.
   *
   * @param names gives the names that resources of a type had in the cloud.
   * @param account of the stack, by the names that `config/clouds/` gives to its settings: the CLI's own may be another.
   */
  readonly leftoverCommands: (
    stack: string,
    names: (type: string) => readonly string[],
    account: Readonly<Record<string, string>>,
  ) => readonly string[];
}

/** All hints of a cloud. */
export function hintsOf(cloud: CloudOperations): Hint[] {
  const { title, loginEnded, loginMissing, loginElsewhere } = cloud;
  return [
    {
      ...loginEnded,
      advice: ({ stack, again }) =>
        advise(
          `The login to ${title} ended while the command ran. What was made until then is in the state of stack ${stack}; nothing is lost.\n` +
            "In a pipeline, let the role's session last two hours: a cluster takes up to one.",
          ...loginSteps(cloud),
          step("Then continue from there:", again),
        ),
    },
    {
      ...loginMissing,
      advice: ({ again }) =>
        advise(`Nobody is logged in to ${title}.`, ...loginSteps(cloud), step("Then continue:", again)),
    },
    ...cloud.hints,
    {
      ...loginElsewhere,
      advice: ({ stack }, match) =>
        advise(
          `The login is ${loginElsewhere.found(match)}, and Pulumi.${stack}.yaml names another place (${loginElsewhere.settings.join(", ")}). Nothing was changed.`,
          ...loginSteps(cloud, "Fix: log in to that one:"),
          step("Or, if the stack file is wrong and nothing is deployed yet, correct it there."),
        ),
    },
  ];
}

function loginSteps(
  { login: { command, alternatives, identity } }: CloudOperations,
  what = "Log in:",
): Step[] {
  const others = alternatives === undefined ? [] : [step(`Or take ${alternatives}.`)];
  return [step(what, command), ...others, step("This shows who is logged in:", identity)];
}
