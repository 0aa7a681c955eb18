/** One thing that is wrong with the configuration, in the words of whoever wrote it. */
export interface Problem {
  /** The setting as it is written, e.g. `multi-client:exposure.nodePort`, or another source, e.g. `services.ts`. */
  readonly key: string;
  /** What stands there. */
  readonly found: string;
  /** What is allowed there. */
  readonly expected: string;
  /** The command that mends it, or what to edit. */
  readonly fix: string;
}

/** All problems as one text: one screen, nothing else. */
export function problemText(stack: string, problems: readonly Problem[]): string {
  const head = `${String(problems.length)} ${problems.length === 1 ? "problem" : "problems"} in the configuration of stack ${stack}; nothing was changed.`;
  return [
    head,
    ...problems.map(({ key, found, expected, fix }) =>
      [`  ${key}`, `    found:    ${found}`, `    expected: ${expected}`, `    fix:      ${fix}`].join("\n"),
    ),
  ].join("\n");
}

/** The setting as it is written and as `pulumi config set --path` takes it. */
export function settingKey(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === "number" ? `[${String(part)}]` : String(part))).join(".");
  return `multi-client:${text.replaceAll(".[", "[")}`;
}

/** The command that gives a setting another value; a list, which the command would take for text, is written by hand. */
export function setCommand(path: readonly PropertyKey[], value: string): string {
  const [, list] = /^'?(\[.*\])'?$/.exec(value) ?? [];
  if (list !== undefined)
    return `in the stack file, under ${settingKey(path.slice(0, -1))}: ${String(path.at(-1))}: ${list}`;
  const flag = path.length > 1 ? "--path " : "";
  return `pulumi config set ${flag}'${settingKey(path)}' ${value}`;
}

/** The command that takes a setting away. */
export function removeCommand(path: readonly PropertyKey[]): string {
  return `pulumi config rm ${path.length > 1 ? "--path " : ""}'${settingKey(path)}'`;
}

/** A value as one short line. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  const json = JSON.stringify(value);
  return json.length > 80 ? `${json.slice(0, 77)}...` : json;
}

/** The candidate closest to a misspelt word, unless none is close. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const [best] = candidates
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(2, word.length / 3) ? best.candidate : undefined;
}

/** Levenshtein distance. */
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
