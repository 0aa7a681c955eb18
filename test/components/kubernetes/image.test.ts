import assert from "node:assert/strict";
import { canonicalImage, hasDigest, resolveImage } from "../../../components/kubernetes/image.ts";

describe("image references", () => {
  const cases: [string, string][] = [
    ["redis", "docker.io/library/redis"],
    ["redis:8@sha256:ab", "docker.io/library/redis:8@sha256:ab"],
    ["owner/app:1", "docker.io/owner/app:1"],
    ["localhost/app", "localhost/app"],
    ["localhost:5000/app", "localhost:5000/app"],
    ["registry.example.com/a/b:1", "registry.example.com/a/b:1"],
  ];
  for (const [reference, canonical] of cases) {
    it(`reads ${reference} as ${canonical}`, () => {
      assert.equal(canonicalImage(reference), canonical);
    });
  }

  it("replaces the registry of images of docker.io only", () => {
    const settings = { registry: "mirror.example.com/hub/" };
    assert.equal(resolveImage("redis", "redis:8", settings), "mirror.example.com/hub/library/redis:8");
    assert.equal(resolveImage("app", "quay.example.com/app:1", settings), "quay.example.com/app:1");
  });

  it("leaves a service's own reference as it is, whatever the registry", () => {
    assert.equal(resolveImage("redis", "redis:8", { registry: "r.example.com", redis: "mine:1" }), "mine:1");
  });

  it("accepts only a full sha256 as a digest", () => {
    assert.equal(hasDigest(`a@sha256:${"0".repeat(64)}`), true);
    assert.equal(hasDigest("a@sha256:00"), false);
    assert.equal(hasDigest("a:sha256"), false);
  });
});
