/** The facts about a run that an advice names. */
export interface Facts {
  readonly stack: string;
  readonly namespace: string;
  /** The kubeconfig context deployed to. */
  readonly context: string;
  /** `kubectl`, with the flags that lead it to the cluster. */
  readonly kubectl: string;
  /** URL of the backend. */
  readonly backend: string;
  /** The CLI as it is called by hand, for this backend. */
  readonly pulumi: string;
  /** The make command that failed, as it is called again: `make up STACK=dev`. */
  readonly again: string;
}

/** A failure as the output of the CLI shows it. */
export interface Failure {
  /** The text that one sees, shortened to what tells this failure from others. {@link pattern} finds it. */
  readonly seen: string;
  /** The words of the CLI, the provider or the API server; their source stands beside it. */
  readonly pattern: RegExp;
}

/** One step of the way out of a failure: what it is for, and the commands that do it, ready to be pasted. */
export interface Step {
  readonly what: string;
  readonly commands: readonly string[];
}

/** An explanation of a failure, and how to continue. */
export interface Advice {
  /** What happened, and what stayed as it was. */
  readonly explanation: string;
  readonly steps: readonly Step[];
}

/** A known failure, and what is said of it. `docs/troubleshooting.md` is made of these. */
export interface Hint extends Failure {
  readonly advice: (facts: Facts, match: RegExpExecArray) => Advice;
}

/** Makes a {@link Step}. */
export const step = (what: string, ...commands: readonly string[]): Step => ({ what, commands });

/** Makes an {@link Advice}. */
export const advise = (explanation: string, ...steps: readonly Step[]): Advice => ({ explanation, steps });

/** Longest line of a message, in characters. */
const WIDTH = 120;

/** An advice as text for the terminal: a single command that fits stands behind its words, others below them. */
export function adviceText({ explanation, steps }: Advice): string {
  const lines = steps.flatMap(({ what, commands }) => {
    const line = [what, ...commands].join(" ");
    return commands.length < 2 && line.length <= WIDTH
      ? [line]
      : [what, ...commands.map((each) => `  ${each}`)];
  });
  return [explanation, ...lines].join("\n");
}
