import assert from "node:assert/strict";
import { debianTreePath, sourceLines, versionsOfArchives } from "../build/debian-tree.ts";

describe("a Debian tree", () => {
  const tree = { name: "node", packages: ["runc", "containerd"] };

  it("has another cache entry for other packages, removed paths or links, whatever the packages' order", () => {
    const paths = [
      tree,
      { ...tree, packages: ["runc"] },
      { ...tree, remove: ["usr/lib/x"] },
      { ...tree, links: { "usr/sbin/iptables": "xtables-nft-multi" } },
    ].map(debianTreePath);
    assert.equal(new Set(paths).size, 4);
    assert.match(paths[0] ?? "", /\/node-tree-[0-9a-f]{16}\/tree$/);
    assert.equal(debianTreePath({ ...tree, packages: ["containerd", "runc"] }), paths[0]);
  });

  it("takes Debian's main archives from apt's sources, in the one release, each once", () => {
    const targets = [
      "http://one.test/debian/ trixie main",
      "http://five.test/debian/ trixie contrib",
      "http://one.test/debian/ trixie main",
      "http://one.test/debian/ trixie-backports main",
      "http://two.test/security/ trixie-security main",
      "http://three.test/ubuntu/ noble main",
      "http://four.test/apt/ stable-1 main",
      "",
    ];
    assert.deepEqual(sourceLines(targets.join("\n"), "[signed-by=/key] "), [
      "deb [signed-by=/key] http://one.test/debian/ bookworm main",
      "deb [signed-by=/key] http://two.test/security/ bookworm-security main",
    ]);
  });

  it("reads the versions from the names of the package files", () => {
    assert.deepEqual(versionsOfArchives(["redis-server_5%3a7.0.15-1_amd64.deb", "lock", "partial"]), {
      "redis-server": "5:7.0.15-1",
    });
  });
});
