import assert from "node:assert/strict";
import { clouds } from "../../launcher/clouds/registry.ts";
import { untilUnused } from "../../launcher/commands/destroy.ts";
import { CliFailure } from "../../launcher/engine/cli.ts";

const failure = (output: string) =>
  new CliFailure("failed", { code: 1, output, stdout: output, interrupted: false });
const inUse = failure(
  "Error waiting for Deleting Network: The network resource 'projects/corp/global/networks/shop' is already being used by " +
    "'projects/corp/zones/europe-west3-a/networkEndpointGroups/k8s1-7'",
);

/** Destroys with the failures of its attempts, one after the other. */
async function attempt(failures: readonly CliFailure[], limit = 60_000) {
  const said: string[] = [];
  let attempts = 0;
  const work = () => {
    const error = failures[attempts++];
    return error ? Promise.reject(error) : Promise.resolve("gone");
  };
  const log = (line: string) => {
    said.push(line);
  };
  const result = await untilUnused(work, clouds.gke, log, { pause: 1, limit }).catch(
    (error: unknown) => error,
  );
  return { result, attempts, said };
}

describe("a destroy", () => {
  it("asks again while Google says that the network is in use, and says by what", async () => {
    const { result, attempts, said } = await attempt([inUse, inUse]);
    assert.deepEqual([result, attempts, said.length], ["gone", 3, 2]);
    assert.match(
      said[0] ?? "",
      /in use by projects\/corp\/zones\/europe-west3-a\/networkEndpointGroups\/k8s1-7/,
    );
  });

  it("fails at once with any other failure, and when the time is over", async () => {
    const other = failure("error: quota exceeded");
    assert.deepEqual((await attempt([other])).result, other);
    const { result, attempts } = await attempt([inUse], 0);
    assert.deepEqual([result, attempts], [inUse, 1]);
  });
});
