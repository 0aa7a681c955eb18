import assert from "node:assert/strict";
import { planOnly } from "../../launcher/commands/preview.ts";
import { lostClaims, lostText } from "../../launcher/recovery/lost-claims.ts";

describe("the plan", () => {
  it("is told from the refresh before it", () => {
    const lines = [
      "Previewing update (dev):",
      "~ pulumi:pulumi:Stack: (refresh)",
      "    ~ kubernetes:apps/v1:Deployment: (refresh)",
      "      ~ status: {",
      "  pulumi:pulumi:Stack: (same)",
      "    ~ kubernetes:apps/v1:Deployment: (update)",
      "      ~ spec: {",
      "Resources:",
    ];
    const isShown = planOnly();
    assert.deepEqual(
      lines.filter((line) => isShown(line)),
      [lines[0], ...lines.slice(4)],
    );
  });

  it("of a claim that is refreshed and nevertheless made says that its data is lost", () => {
    const line = (op: string, name: string, what: string) =>
      ` ${op}  kubernetes:core/v1:PersistentVolumeClaim ${name} ${what} `;
    const preview = [
      line("~", "redis-data", "refreshing"),
      line("~", "redis-data", "refresh"),
      line("+", "redis-data", "create"),
      line("+", "new-data", "create"),
    ].join("\n");
    assert.deepEqual(lostClaims(preview), ["redis-data"]);
    assert.match(lostText(["redis-data"]), /redis-data was gone\. Made anew, and empty/);
    assert.equal(lostText([]), "");
  });
});
