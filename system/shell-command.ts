/**
 * Commands that messages print, to be pasted into the user's shell as they stand.
 */

/** A word of a command: text, which is quoted, or what the shell itself has to read. */
export type Word = string | { readonly shell: string };

/** A command that changes a stack, without the way to call the CLI and without the name of the stack. */
export interface Command {
  /** The program and what it is to do: `pulumi config set`. */
  readonly verb: string;
  readonly words: readonly Word[];
}

/** The variable in which the launcher says how the CLI that it uses is called by hand. */
export const BY_HAND = "MULTI_CLIENT_PULUMI";

/**
 * How the CLI is called by hand. Where `pulumi up` runs without the launcher, the CLI is on PATH and its login in use.
 */
export const pulumiByHand = (env: Readonly<Record<string, string | undefined>> = process.env): string =>
  env[BY_HAND] ?? "pulumi";

/** A text as one word of a POSIX shell; in quotes only where it needs them. */
export const shellWord = (text: string): string => (/^[\w./:@=+,-]+$/.test(text) ? text : quoted(text));

/** A command of words, as it is pasted into a shell. */
export const shellWords = (words: readonly string[]): string => words.map(shellWord).join(" ");

/** A text as one word of a POSIX shell, always in quotes. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * A command as it is pasted. Every command of the CLI names its stack: without it, it would change the file of the one
 * that is selected.
 */
export function commandText({ verb, words }: Command, stack: string, pulumi = pulumiByHand()): string {
  const [program = "", ...rest] = verb.split(" ");
  const call = program === "pulumi" ? [pulumi, ...rest, "--stack", shellWord(stack)] : [program, ...rest];
  return [...call, ...words.map((word) => (typeof word === "string" ? shellWord(word) : word.shell))].join(
    " ",
  );
}

/** What the CLI takes for a number or a truth value behind `--path`: coerce, sdk/go/common/resource/config/object.go. */
const COERCED = /^(true|false|0|[-+]?[1-9]\d*)$/;
/** Keys behind which the CLI suspects a secret: keyPattern, pkg/cmd/pulumi/config/config.go. */
const SUSPECTED = /pass|pwd|secret|token/i;

/**
 * The command that gives a setting a value.
 *
 * @param key as {@link commandText} is to print it: `multi-client:cluster.admins[0]`.
 * @param value text stays text also where it looks like a number. `< FILE`, also with `--secret` before it, reads a
 *   file, and `$(COMMAND)` asks another command.
 * @param isPath the key leads into a section.
 */
export function setConfig(key: string, value: unknown, isPath: boolean): Command {
  const text = String(value);
  const [, secret, file] = /^(--secret )?(< [\w.-]+)$/.exec(text) ?? [];
  const flags = secret
    ? ["--secret"]
    : isPath && typeof value === "string" && COERCED.test(value)
      ? ["--type", "string"]
      : SUSPECTED.test(key)
        ? ["--plaintext"]
        : [];
  const words: Word[] = [...flags, ...(isPath ? ["--path"] : []), { shell: quoted(key) }];
  if (file !== undefined) words.push({ shell: file });
  else if (text.startsWith("$(")) words.push({ shell: `"${text}"` });
  else words.push(...(text.startsWith("-") ? ["--", text] : [text])); // what begins with a dash is no flag
  return { verb: "pulumi config set", words };
}

/** The command that takes a setting away. @param isPath the key leads into a section */
export const removeConfig = (key: string, isPath: boolean): Command => ({
  verb: "pulumi config rm",
  words: [...(isPath ? ["--path"] : []), { shell: quoted(key) }],
});
