/** A problem of the configuration, in the words of the stack file. */
export interface Problem {
  /** The setting as it is written, e.g. `multi-client:exposure.nodePort`, or another source, e.g. `services.ts`. */
  readonly key: string;
  /** The value that stands there, as text. */
  readonly found: string;
  /** The values that are allowed there, in words. */
  readonly expected: string;
  /** The command that mends it, or what to edit. */
  readonly fix: string;
}

/** The text of all problems: one screen, nothing else. */
export function problemText(stack: string, problems: readonly Problem[]): string {
  const head = `${String(problems.length)} ${problems.length === 1 ? "problem" : "problems"} in the configuration of stack ${stack}; nothing was changed.`;
  return [
    head,
    ...problems.map(({ key, found, expected, fix }) =>
      [
        `  ${key}`,
        `    found:    ${found}`,
        `    expected: ${expected}`,
        `    fix:      ${forStack(fix, stack)}`,
      ].join("\n"),
    ),
  ].join("\n");
}

/** A fix whose commands name the stack: without it they would change the file of the one that is selected. */
function forStack(fix: string, stack: string): string {
  return fix.replaceAll(/\bpulumi (config (?:set|rm)|stack rename) /g, `pulumi $1 --stack ${stack} `);
}

type Path = readonly PropertyKey[];

/** A problem of a setting, with words of its own for what was found and what mends it. */
export function settingProblem(path: Path, found: string, expected: string, fix: string): Problem {
  return { key: settingKey(path), found, expected, fix };
}

/** A problem of a setting that another value mends. */
export function problem(path: Path, found: unknown, expected: string, example: unknown): Problem {
  return settingProblem(path, shown(found), expected, setCommand(path, example));
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
    return /[.[\]"]/.test(key) ? `[${JSON.stringify(key)}]` : `.${key}`;
  });
  return `multi-client:${String(section)}${parts.join("")}`;
}

/** The command that gives a setting another value; a list, which the command would take for text, is written by hand. */
export function setCommand(path: Path, value: unknown): string {
  if (Array.isArray(value)) {
    const place = settingKey(path.slice(0, -1));
    return `in the stack file, under ${place}: ${String(path.at(-1))}: ${JSON.stringify(value)}`;
  }
  return `pulumi config set ${keyArgument(path)} ${argument(value)}`;
}

/** The command that takes a setting away. */
export function removeCommand(path: Path): string {
  return `pulumi config rm ${keyArgument(path)}`;
}

function keyArgument(path: Path): string {
  return `${path.length > 1 ? "--path " : ""}${quoted(settingKey(path))}`;
}

/** A value as a shell takes it: text that is a number in quotes, and a redirection (`< certificate.pem`) as it is. */
function argument(value: unknown): string {
  const text = String(value);
  const isPlain = /^[\w./:@=+-]+$/.test(text) && (typeof value !== "string" || Number.isNaN(Number(text)));
  return isPlain || /^(--secret )?< \w/.test(text) ? text : quoted(text);
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Tells whether a key is one behind which people write what nobody else may see. */
export function isSecretName(key: string): boolean {
  return /pass(word|phrase|wd)?|secret|token|credential|(^|[a-z_-])key$|^pwd$|^pin$/i.test(key);
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
