import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import { manifests } from "../../../render/manifests.ts";
import { refusals, rendered } from "../../properties/accept.ts";
import { kept } from "../../properties/kept.ts";
import { configurations, withSetting } from "../../properties/settings.ts";
import { create, dryRun, removeNamespace, type Loose } from "../cluster.ts";
import { prefix } from "../world.ts";

/** How many configurations are tried; each has about 22 objects. */
const RUNS = Number(process.env.FC_RUNS ?? 30);

describe("any configuration that is accepted", () => {
  const namespace = `${prefix}-generated`;
  before(() => create("Namespace", namespace, ""));
  after(() => removeNamespace(namespace));

  it(`renders objects that the API server accepts by dry-run (${RUNS} configurations)`, async () => {
    await fc.assert(
      fc.asyncProperty(configurations, async (generated) => {
        // A namespace and a node port that nobody else on this cluster has.
        const here = withSetting(generated, "namespace", namespace);
        const isPort = (generated.exposure as { type?: unknown } | undefined)?.type === "nodePort";
        const raw = isPort ? withSetting(here, "exposure.nodePort", 31998) : here;
        if (refusals(raw).length > 0) return;
        const { resources } = await rendered(raw);
        const objects = manifests(resources).map(({ yaml }) => parse(yaml) as Loose);
        const refused = await Promise.all(objects.map((object) => dryRun(object)));
        assert.deepEqual(refused.filter(Boolean), []);
      }),
      { numRuns: RUNS, examples: kept.map(([, raw]) => [raw]) },
    );
  });
});
