import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { anchor } from "../../system/markdown.ts";

const ignored = (name: string) => ["node_modules", "build", ".git"].includes(name);
const pages = globSync("**/*.md", { exclude: ignored }).sort();
/** The names of all files, without their folders. */
const files = new Set(globSync("**/*.{ts,md,sh,cjs}", { exclude: ignored }).map((file) => basename(file)));
const makefile = readFileSync("Makefile", "utf8");
const targets = new Set([...makefile.matchAll(/^([a-z0-9-]+):/gm)].map(([, target = ""]) => target));
const [, variables = ""] = /^export (.*)$/m.exec(makefile) ?? [];

/** The lines of a page outside of its blocks of code. */
const prose = (page: string) => readFileSync(page, "utf8").replaceAll(/^```[\s\S]*?^```$/gm, "");
/** What a page shows as code: in lines, and in blocks. */
const codeOf = (page: string): string[] => {
  const blocks = readFileSync(page, "utf8").matchAll(/^```\w*\n([\s\S]*?)^```$/gm);
  const spans = prose(page).matchAll(/(?<!`)`([^`\n]+)`(?!`)/g);
  return [...spans, ...blocks].map(([, text = ""]) => text);
};

/** The anchors of a page's headings; GitHub numbers those that recur. */
function anchorsOf(page: string): Set<string> {
  const seen = new Map<string, number>();
  const headings = prose(page).matchAll(/^#{1,6} (.*)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) => {
      const name = anchor(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1"));
      const before = seen.get(name) ?? 0;
      seen.set(name, before + 1);
      return before === 0 ? name : `${name}-${String(before)}`;
    }),
  );
}

/** The links of a page that lead to something in the repository: to which file, and which heading of it. */
function linksOf(page: string) {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = ""]) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [path = "", heading] = link.split("#");
    return [{ link, file: path === "" ? page : join(dirname(page), path), heading }];
  });
}

describe("the pages", () => {
  it("are linked from README, or from a page that is", () => {
    const reached = new Set(["README.md"]);
    for (const page of reached)
      for (const { file } of linksOf(page)) if (pages.includes(file)) reached.add(file);
    assert.deepEqual([...reached].sort(), pages);
  });

  for (const page of pages) {
    it(`${page} links to files and headings that there are`, () => {
      const dead = linksOf(page).filter(
        ({ file, heading }) => !existsSync(file) || (heading !== undefined && !anchorsOf(file).has(heading)),
      );
      assert.deepEqual(
        dead.map(({ link }) => link),
        [],
      );
    });

    it(`${page} names files that there are`, () => {
      const names = codeOf(page).filter((text) => /^[\w./-]+(\.(ts|md|sh|cjs)|\w\/)$/.test(text));
      const dead = names.filter((name) =>
        name.includes("/") ? !existsSync(name) && !existsSync(join(dirname(page), name)) : !files.has(name),
      );
      assert.deepEqual(dead, []);
    });

    it(`${page} names make targets, and variables of make, that there are`, () => {
      const calls = codeOf(page).flatMap((text) => [
        ...text.matchAll(/(?:^|[;&|] ?|\n)make ([a-z0-9-]+)((?: [A-Z_]+=\S*)*)/g),
      ]);
      const unknown = calls.flatMap(([, target = "", settings = ""]) => [
        ...(targets.has(target) ? [] : [target]),
        ...[...settings.matchAll(/([A-Z_]+)=/g)].flatMap(([, name = ""]) =>
          variables.split(" ").includes(name) ? [] : [name],
        ),
      ]);
      assert.deepEqual(unknown, []);
    });
  }

  it("have the headings that messages, comments and stack files send to", () => {
    const sources = globSync([
      "{launcher,config,components,sandbox}/**/*.ts",
      "*.{ts,yaml}",
      "examples/*.yaml",
    ]);
    const references = sources.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/\b((?:docs\/)?[\w-]+\.md)(?:, ([A-Z][\w -]*\w))?/g)].map(
        ([, page = "", heading]) => ({ file, page, heading }),
      ),
    );
    assert.ok(references.length > 5);
    const dead = references.filter(
      ({ page, heading }) =>
        !existsSync(page) || (heading !== undefined && !anchorsOf(page).has(anchor(heading))),
    );
    assert.deepEqual(dead, []);
  });

  it("explain every variable that make hands on", () => {
    const page = readFileSync("docs/operations.md", "utf8");
    const unexplained = variables.split(" ").filter((name) => !page.includes(`\n| \`${name}\``));
    assert.deepEqual(unexplained, []);
  });
});
