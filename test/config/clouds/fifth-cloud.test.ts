import assert from "node:assert/strict";
import { resolve } from "node:path";
import ts from "typescript";
import { gke } from "../../../config/clouds/gke.ts";
import { gke as operations } from "../../../launcher/clouds/gke.ts";

// Compiles the registries of the clouds: those of components, config and launcher. A room whose registry is new adds it to
// the list, and to what is whole.

/** The files that have to know every cloud. */
const registries = ["components/cluster/index.ts", "config/clouds/index.ts", "launcher/clouds/registry.ts"];

const options: ts.CompilerOptions = {
  ...ts.parseJsonConfigFileContent(
    ts.readConfigFile("tsconfig.json", (path) => ts.sys.readFile(path)).config,
    { ...ts.sys, readDirectory: () => [] },
    resolve("."),
  ).options,
  incremental: false,
  types: [],
};

/** Files that were read before, as they are. */
const parsed = new Map<string, ts.SourceFile>();

/**
 * The type errors of files, by file, if some had another text. Of packages only zod is read: the types of the SDKs take
 * ten times as long, and say nothing of clouds.
 */
function typeErrors(
  files: readonly string[],
  changed: Readonly<Record<string, string>>,
): Record<string, string[]> {
  const texts = new Map(Object.entries(changed).map(([file, text]) => [resolve(file), text]));
  const disk = ts.createCompilerHost(options);
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => texts.has(path) || disk.fileExists(path),
    getSourceFile(path, target) {
      const text = texts.get(path);
      if (text !== undefined) return ts.createSourceFile(path, text, target);
      const source = parsed.get(path) ?? disk.getSourceFile(path, target);
      if (source) parsed.set(path, source);
      return source;
    },
  };
  host.resolveModuleNameLiterals = (literals, from) =>
    literals.map(({ text }) =>
      /^(\.|zod)/.test(text)
        ? ts.resolveModuleName(text, from, options, host, undefined, undefined, ts.ModuleKind.ESNext)
        : { resolvedModule: undefined },
    );
  const program = ts.createProgram(
    files.map((file) => resolve(file)),
    options,
    host,
  );
  const errors = files.map((file): [string, string[]] => {
    const found = program.getSemanticDiagnostics(program.getSourceFile(resolve(file)));
    const cannotFindModule = 2307;
    return [
      file,
      found
        .filter(({ code }) => code !== cannotFindModule)
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
    ];
  });
  return Object.fromEntries(errors.filter(([, found]) => found.length > 0));
}

const textOf = (file: string): string => ts.sys.readFile(file) ?? assert.fail(`${file} is not there`);

/** The text of a file with something else in one place. */
function edited(file: string, ...edits: readonly (readonly [from: string, to: string])[]): string {
  return edits.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), `${file} has no ${from}`);
    return text.replace(from, to);
  }, textOf(file));
}

describe("a fifth cloud", function () {
  this.timeout("1m");
  const [components = "", config = "", launcher = ""] = registries;
  const args: [string, string] = [
    "readonly gke: GkeArgs;",
    "readonly gke: GkeArgs;\n  readonly doks: GkeArgs;",
  ];
  const gkeComponent = 'gke: async () => (await import("./gke/index.ts")).GkeCluster,';
  const doksComponent = gkeComponent.replace("gke", "doks");
  const whole = {
    "config/clouds/doks.ts": textOf("config/clouds/gke.ts")
      .replaceAll('"gke"', '"doks"')
      .replace("export const gke", "export const doks"),
    [components]: edited(components, args, [gkeComponent, `${gkeComponent}\n  ${doksComponent}`]),
    [config]: edited(
      config,
      [", gke }", ", gke, doks }"],
      ["import", 'import { doks } from "./doks.ts";\nimport'],
    ),
    [launcher]: edited(launcher, [", gke }", ", gke, doks: gke }"]),
  };

  it("compiles where every registry has it", () => {
    assert.deepEqual(typeErrors([...registries, "config/clouds/doks.ts"], whole), {});
  });

  it("is a type error in every registry that lacks it", () => {
    const found = typeErrors(registries, { [components]: edited(components, args) });
    assert.deepEqual(Object.keys(found), registries);
    for (const errors of Object.values(found)) assert.match(errors.join("\n"), /doks/);
  });

  it("is a type error in the configuration when no component makes its cluster", () => {
    const found = typeErrors(registries, { ...whole, [components]: textOf(components) });
    assert.match(found[config]?.join("\n") ?? "", /doks/);
  });

  for (const [folder, members, type] of [
    [
      "config/clouds",
      Object.keys(gke),
      'import("./cloud-target.ts").CloudTarget<"gke", typeof gke.cluster, typeof gke.account>',
    ],
    ["launcher/clouds", Object.keys(operations), 'import("./cloud-operations.ts").CloudOperations'],
  ] as const)
    it(`is a type error whichever member its description in ${folder} lacks`, () => {
      const lines = members.map(
        (member) => `export const ${member} = (({ ${member}: _, ...rest }) => rest)(gke) satisfies ${type};`,
      );
      const file = `${folder}/doks.ts`;
      const text = ['import { gke } from "./gke.ts";', ...lines].join("\n");
      const errors = typeErrors([file], { [file]: text })[file] ?? [];
      assert.deepEqual(
        errors.flatMap((error) => /^\s*Property '(\w+)' is missing/m.exec(error)?.[1] ?? []),
        members,
      );
    });
});
