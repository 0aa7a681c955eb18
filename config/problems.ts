import {
  commandText,
  pulumiByHand,
  removeConfig,
  setConfig,
  type Command,
  type Word,
} from "../system/shell-command.ts";
import { placeText, readPlace } from "./stack-file-place.ts";

/** A problem of the configuration, in the words of the stack file. */
export interface Problem {
  /** The setting as it is written, e.g. `multi-client:exposure.nodePort`, or another source, e.g. `services.ts`. */
  readonly key: string;
  /** The value that stands there, as text. */
  readonly found: string;
  /** The values that are allowed there, in words. */
  readonly expected: string;
  readonly fix: Fix;
}

/** What mends a problem: commands, or an edit by hand. */
export type Fix = Commands | Edit;

/** Commands that are pasted one after another. `<...>` in a word is a blank: what only the user knows. */
export interface Commands {
  readonly kind: "commands";
  readonly commands: readonly Command[];
  /** The setting that they change. @default none of `multi-client:` */
  readonly path?: Path;
  /** Another way, and when it is to be taken. @default there is none */
  readonly or?: { readonly when: string; readonly fix: Fix };
}

/** An edit of a file by hand, where no command can do it, or could only with the loss of what else stands there. */
export interface Edit {
  readonly kind: "edit";
  /** The setting of the stack file. @default it is services.ts, and the problem's key says where */
  readonly path?: Path;
  /** What to write or change there, as an imperative. */
  readonly text: string;
}

/** Where the commands of a fix are pasted. */
export interface Shell {
  /** How the CLI is called by hand. @default as the launcher says, or on PATH */
  readonly pulumi?: string;
  /** The folder with the stack files. @default the work tree */
  readonly root?: string;
}

/** The text of all problems: one screen, nothing else. */
export function problemText(stack: string, problems: readonly Problem[], shell: Shell = {}): string {
  const head = `${String(problems.length)} ${problems.length === 1 ? "problem" : "problems"} in the configuration of stack ${stack}; nothing was changed.`;
  return [
    head,
    ...problems.flatMap(({ key, found, expected, fix }) => [
      `  ${key}`,
      `    found:    ${found}`,
      `    expected: ${expected}`,
      ...fixLines(fix, stack, shell).map(
        (line, index) => `    ${index === 0 ? "fix:" : ""}`.padEnd(14) + line,
      ),
    ]),
  ].join("\n");
}

/** The lines of a fix: a command each, ready to be pasted, and the words between them. */
export function fixLines(fix: Fix, stack: string, shell: Shell = {}): string[] {
  const { pulumi = pulumiByHand(), root } = shell;
  if (fix.kind === "edit")
    return [`in ${fix.path === undefined ? "services.ts" : placeText(stack, fix.path, root)}, ${fix.text}`];
  const { or, path: [section, ...inner] = [] } = fix;
  const isText = section !== undefined && inner.length > 0 && readPlace(stack, [section], root).isText;
  return [
    ...(isText
      ? [
          `first, in ${placeText(stack, [section], root)}, write ${settingKey([section])} in clear and without quotes: ` +
            "it is one text, which the command would replace",
        ]
      : []),
    ...fix.commands.map((command) => commandText(command, stack, pulumi)),
    ...(or ? [`or, ${or.when}:`, ...fixLines(or.fix, stack, shell)] : []),
  ];
}

type Path = readonly PropertyKey[];

/** A problem of a setting, with words of its own for what was found and what mends it. */
export function settingProblem(path: Path, found: string, expected: string, fix: Fix): Problem {
  return { key: settingKey(path), found, expected, fix };
}

/** A problem of a setting that another value mends. */
export function problem(path: Path, found: unknown, expected: string, example: unknown): Problem {
  return settingProblem(path, shown(found), expected, setCommand(path, example, found));
}

/** A problem of a setting that has to go. */
export function surplus(path: Path, found: unknown, expected: string): Problem {
  return settingProblem(path, shown(found), expected, removeCommand(path));
}

/**
 * The setting as it is written and as `pulumi config set --path` takes it: `multi-client:services.client.scale`, of a
 * list's entry `multi-client:cluster.admins[0]`, and of a key with dots `multi-client:section["example.com/key"]`.
 */
export function settingKey([section = "", ...path]: Path): string {
  const parts = path.map((part) => {
    if (typeof part === "number") return `[${String(part)}]`;
    const key = String(part);
    return /^$|[.[\]"]/.test(key) ? `[${JSON.stringify(key)}]` : `.${key}`;
  });
  return `multi-client:${String(section)}${parts.join("")}`;
}

/** A fix by commands, one after another. */
export const commands = (...all: readonly Command[]): Commands => ({ kind: "commands", commands: all });

/** A fix, and another way. @param when says when that is to be taken, behind "or" */
export const either = (fix: Commands, when: string, other: Fix): Commands => ({
  ...fix,
  or: { when, fix: other },
});

/** A fix by all the commands of several, of one section. */
export const together = (first: Commands, ...others: readonly Commands[]): Commands => ({
  ...first,
  commands: [first, ...others].flatMap((each) => each.commands),
});

/**
 * The commands that give a setting another value; a list is written entry by entry.
 *
 * @param found the value that stands there. @default nothing
 */
export function setCommand(path: Path, value: unknown, found?: unknown): Commands {
  if (!Array.isArray(value))
    return { ...commands(setConfig(settingKey(path), value, path.length > 1)), path };
  const entry = (index: number) => settingKey([...path, index]);
  const old = Array.isArray(found) ? found.length : 0;
  const all = commands(
    // The CLI makes no list of what is something else.
    ...(found === undefined || Array.isArray(found) ? [] : [removeConfig(settingKey(path), path.length > 1)]),
    ...value.map((each: unknown, index) => setConfig(entry(index), each, true)),
    ...Array.from({ length: Math.max(0, old - value.length) }, (_, index) =>
      removeConfig(entry(old - 1 - index), true),
    ),
  );
  return { ...all, path };
}

/** The command that takes a setting away. */
export const removeCommand = (path: Path): Commands => ({
  ...commands(removeConfig(settingKey(path), path.length > 1)),
  path,
});

/** A fix in which texts that nobody else may see are blanks. */
export function withoutTexts(fix: Fix, texts: readonly string[]): Fix {
  if (fix.kind === "edit") return fix;
  const hide = (word: Word) =>
    typeof word === "string" && texts.some((text) => text.length > 2 && word.includes(text))
      ? "<value>"
      : word;
  const hidden = fix.commands.map(({ verb, words }) => ({ verb, words: words.map(hide) }));
  const { or } = fix;
  return { ...fix, commands: hidden, ...(or && { or: { when: or.when, fix: withoutTexts(or.fix, texts) } }) };
}

/** A fix of the stack file by hand. @param path of the setting that is to be edited */
export const editStackFile = (path: Path, text: string): Edit => ({
  kind: "edit",
  path,
  text,
});

/** A fix of the list of services. */
export const editServices = (text: string): Edit => ({ kind: "edit", text });

/** Tells whether a key is one behind which people write what nobody else may see. */
export function isSecretName(key: string): boolean {
  return /pass(word|phrase|wd)?|secret|token|credential|key$|^pwd$|^pin$/i.test(key);
}

/** A value as one short line; nothing of what is, or is called, a secret. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const json = JSON.stringify(value, (key, each: unknown) =>
    isSecretName(key) || (typeof each === "string" && each.includes("-----BEGIN ")) ? "[not shown]" : each,
  );
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
}

/** The candidate closest to a misspelt word, unless none is close. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(2, word.length / 3) ? best.candidate : undefined;
}

/** The Levenshtein distance of two words. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
