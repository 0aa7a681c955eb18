import assert from "node:assert/strict";
import { checkUnchanged } from "../../launcher/recovery/unchanged-state.ts";
import type { State } from "../../launcher/recovery/pending-operations.ts";

describe("the check of a state before another takes its place", () => {
  const at = (time: string, type = "t"): State => ({
    deployment: { manifest: { time }, resources: [{ urn: "urn:pulumi:a", type }] },
  });
  const check = (now: State | undefined) =>
    checkUnchanged(
      { stack: "prod", state: () => Promise.resolve(now) },
      at("2026-01-01T00:00:00Z"),
      "rotate-password",
    );

  it("passes the same one alone", async () => {
    await check(at("2026-01-01T00:00:00Z"));
    for (const now of [at("2026-01-01T00:00:01Z"), at("2026-01-01T00:00:00Z", "u"), undefined])
      await assert.rejects(check(now), /Nothing was changed\.\nFix: .* make rotate-password STACK=prod$/);
  });
});
