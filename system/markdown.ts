/** A text as code in a line, whatever backticks it has. */
export function code(text: string): string {
  const fence = text.includes("`") ? "``" : "`";
  return fence + text + fence;
}

/** A block of shell commands. */
export function commands(lines: readonly string[]): string {
  return ["```sh", ...lines, "```"].join("\n");
}

/** A table, with the pipes in its cells escaped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The anchor that GitHub gives to a heading. Source: html-pipeline, lib/html/pipeline/toc_filter.rb */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}\p{Pc} -]/gu, "")
    .replaceAll(" ", "-");
}
