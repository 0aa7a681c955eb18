import assert from "node:assert/strict";
import { quantityPattern, quantityValue } from "../../../components/kubernetes/quantity.ts";

describe("quantities", () => {
  for (const good of ["1", "0.5", "100m", "64Mi", "1e3", "2Gi", ".5"]) {
    it(`accepts ${good}`, () => {
      assert.match(good, quantityPattern);
    });
  }
  for (const bad of ["", "64MB", "1 Gi", "Mi", "-1", "1gi", "1.2.3"]) {
    it(`refuses ${JSON.stringify(bad)}`, () => {
      assert.doesNotMatch(bad, quantityPattern);
    });
  }
  it("compares across suffixes", () => {
    assert.ok(quantityValue("1Gi") > quantityValue("1G"));
    assert.ok(quantityValue("500m") < quantityValue("1"));
    assert.equal(quantityValue("1024Ki"), quantityValue("1Mi"));
  });
});
