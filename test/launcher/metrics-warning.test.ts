import assert from "node:assert/strict";
import { metricsWarning } from "../../launcher/stack/report.ts";

describe("an autoscaler", () => {
  it("is warned of on a cluster without metrics, and on no other", async () => {
    const asked: string[] = [];
    const answer = (found: unknown) => (path: string) => {
      asked.push(path);
      return Promise.resolve(found);
    };
    assert.match(
      await metricsWarning(answer(undefined)),
      /serves no metrics \(metrics-server\).*least number of pods\.$/,
    );
    const starting = () =>
      Promise.reject(new Error("503: the server is currently unable to handle the request"));
    assert.match(await metricsWarning(starting), /serves no metrics/);
    assert.equal(await metricsWarning(answer({ kind: "APIResourceList" })), "");
    assert.deepEqual(new Set(asked), new Set(["/apis/metrics.k8s.io/v1beta1"]));
  });
});
