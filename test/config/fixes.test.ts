import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse, stringify } from "yaml";
import type { Facts } from "../../config/checks.ts";
import { withFiles } from "../support/files.ts";
import { paste } from "../support/pulumi-config.ts";
import { facts } from "./facts.ts";
import { files, filledIn, fixCases, problemsIn, waysOf } from "./fix-cases.ts";

const other = stringify({ config: { "multi-client:cluster": { provider: "minikube" } } });

/** The facts after commands of other programs: a started minikube has its context. */
function factsAfter(commands: readonly string[]): Partial<Facts> {
  const contexts = commands.map((command) => {
    const [, name = ""] = /^minikube start -p (\S+)$/.exec(command) ?? assert.fail(command);
    return { name, server: "https://192.168.67.2:8443", minikube: true };
  });
  return { contexts: [...facts.contexts, ...contexts] };
}

/** Refusals that a wrong value hid, by the title of the case: what the fix writes can be judged with the rest now. */
const revealed: Readonly<Record<string, string>> = {
  "a PEM that is none": "exposure.tls.key",
  "a host at the top": "exposure.host",
  "a version that YAML reads as 1.3": "cluster.kubernetesVersion",
  "a flat key that holds a secret": "exposure.tls.certificate",
  "a quantity Kubernetes refuses": "services.server.resources.limits.memory",
  'services.client.resources.limits.ephemeral-storage as "100m"':
    "services.client.resources.limits.ephemeral-storage",
};

describe("the fix of a refusal", () => {
  for (const [title, config] of fixCases) {
    const before = problemsIn(config);
    before.forEach((problem, index) => {
      const ways = waysOf(problem.fix, { pulumi: "pulumi", root: "/nowhere" });
      ways.forEach((lines, way) =>
        it(`mends ${title}${before.length > 1 ? `, ${problem.key}` : ""}${way > 0 ? ", the other way" : ""}, and no other stack`, () => {
          const stackFiles = { "Pulumi.prod.yaml": stringify({ config }), "Pulumi.dev.yaml": other };
          withFiles({ ...stackFiles, ...files }, (folder) => {
            const rest = paste(filledIn(lines), folder);
            const file = parse(readFileSync(join(folder, "Pulumi.prod.yaml"), "utf8"));
            const after = problemsIn(file.config, factsAfter(rest));
            const others = before.toSpliced(index, 1);
            const [fresh, ...more] = after.filter(
              (each) => !others.some((one) => isDeepStrictEqual(one, each)),
            );
            assert.deepEqual(more, []);
            assert.equal(after.length, others.length + (fresh ? 1 : 0));
            assert.equal(fresh?.key, revealed[title] && `multi-client:${revealed[title]}`);
            assert.notDeepEqual(fresh, problem);
            assert.equal(readFileSync(join(folder, "Pulumi.dev.yaml"), "utf8"), other);
          });
        }),
      );
    });
  }
});

describe("a fix with a blank", () => {
  it("is refused again as long as nobody fills it in", () => {
    for (const [title, config] of fixCases)
      for (const problem of problemsIn(config))
        for (const lines of waysOf(problem.fix, { pulumi: "pulumi", root: "/nowhere" }).filter((each) =>
          /<[^<>]+>/.test(each.join()),
        ))
          withFiles({ "Pulumi.prod.yaml": stringify({ config }), ...files }, (folder) => {
            paste(lines, folder);
            const file = parse(readFileSync(join(folder, "Pulumi.prod.yaml"), "utf8"));
            assert.ok(
              problemsIn(file.config).some(({ key }) => key.startsWith(problem.key)),
              title,
            );
          });
  });
});
