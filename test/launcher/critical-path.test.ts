import assert from "node:assert/strict";
import { criticalPath, criticalPathText } from "../../launcher/stack/critical-path.ts";
import type { Resource } from "../../launcher/recovery/pending-operations.ts";

const urn = (name: string): string => `urn:pulumi:prod::multi-client::aws:eks/cluster:Cluster::${name}`;
const begin = Date.parse("2026-11-24T10:00:00Z");

/** A resource that was made some seconds after the `up` began, after those it names. */
const made = (name: string, seconds: number, after: readonly string[] = []): Resource => ({
  urn: urn(name),
  type: "aws:eks/cluster:Cluster",
  custom: true,
  created: new Date(begin + seconds * 1000).toISOString(),
  dependencies: after.map(urn),
});

const names = (resources: readonly Resource[]): string[] =>
  criticalPath(resources, begin).map(({ title, seconds }) => `${title} ${String(seconds)}`);

describe("the critical path of an up", () => {
  it("leads from what was made last to the last of those it waited for, whatever else was made meanwhile", () => {
    const resources = [
      made("network", 2),
      made("role", 5),
      made("cluster", 65, ["network", "role"]),
      made("log", 50),
      made("pod", 70, ["cluster", "log"]),
    ];
    assert.deepEqual(names(resources), ["eks:Cluster role 5", "eks:Cluster cluster 60", "eks:Cluster pod 5"]);
  });

  it("goes through components, providers, and what was there before", () => {
    const component: Resource = { ...made("group", 1, ["network"]), custom: false };
    const old = made("old", -60, ["network"]);
    const byParent = { ...made("a", 10), parent: urn("group") };
    assert.deepEqual(names([made("network", 3), component, byParent]).at(0), "eks:Cluster network 3");
    assert.deepEqual(names([made("network", 3), old, made("b", 10, ["old"])]), [
      "eks:Cluster network 3",
      "eks:Cluster b 7",
    ]);
    const byProvider = { ...made("c", 10), provider: `${urn("network")}::id` };
    assert.equal(names([made("network", 3), byProvider]).length, 2);
  });

  it("is empty, and without text, where nothing was made", () => {
    assert.deepEqual(names([made("old", -60)]), []);
    assert.equal(criticalPathText([]), "");
  });

  it("names the links of a second and more, and counts the others", () => {
    const links = criticalPath([made("a", 0.5), made("b", 90.5, ["a"]), made("c", 90.75, ["b"])], begin);
    assert.equal(
      criticalPathText(links),
      [
        "Critical path, 91 s: 3 resources one after another",
        "    90 s  eks:Cluster b",
        "   0.8 s  the other 2",
        "",
      ].join("\n"),
    );
  });

  it("has no text for a single resource, and no line for others where there are none", () => {
    assert.equal(criticalPathText(criticalPath([made("a", 5)], begin)), "");
    const text = criticalPathText(criticalPath([made("a", 5), made("b", 9, ["a"])], begin));
    assert.doesNotMatch(text, /the other/);
  });

  it("leaves out what another up made later", () => {
    assert.deepEqual(names([made("late", 20), made("early", 10, ["late"]), made("last", 30, ["early"])]), [
      "eks:Cluster early 10",
      "eks:Cluster last 20",
    ]);
  });
});
