import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  debianObstacle,
  debianTree,
  debianTreePath,
  ensureDebianTools,
  sourceLines,
  versionsOfArchives,
} from "../build/debian-tree.ts";
import { scratch } from "./build-scratch.ts";

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
      "http://one.test/debian/ trixie main Debian",
      "http://five.test/debian/ trixie contrib Debian",
      "http://one.test/debian/ trixie main Debian",
      "http://one.test/debian/ trixie-backports main Debian",
      "http://two.test/security/ oldstable-security main $(ORIGIN)",
      "http://three.test/ubuntu/ noble main Ubuntu",
      "http://four.test/apt/ stable-1 main Debian",
      "http://six.test/browser/ stable main Another LLC",
      "",
    ];
    assert.deepEqual(sourceLines(targets.join("\n"), "[signed-by=/key] "), [
      "deb [signed-by=/key] http://one.test/debian/ bookworm main",
      "deb [signed-by=/key] http://two.test/security/ bookworm-security main",
    ]);
    for (const release of ["unstable", "oldstable", "bullseye"])
      assert.equal(sourceLines(`http://one.test/ ${release} main Debian`).length, 1, release);
  });

  describe("of which nothing is there", () => {
    let here: ReturnType<typeof scratch>;
    /** An apt with such lists, and such sources whose lists it does not have. */
    const apt = (lists: string, sources = lists) =>
      here.write("bin/apt-get", `#!/bin/sh\ncase "$*" in *=false*) ${sources};; *) ${lists};; esac`, 0o755);
    const debian = "echo 'http://one.test/debian/ bookworm main $(ORIGIN)'";
    const others = "echo 'http://three.test/ubuntu/ noble main Ubuntu'";
    const { getuid } = process;
    beforeEach(() => {
      here = scratch();
      process.getuid = () => 0;
    });
    afterEach(() => {
      Object.assign(process, { getuid });
      here.end();
    });

    it("can be made where an archive of Debian is among the sources, whether apt has its lists or not", async () => {
      apt("true", debian);
      assert.equal(await debianObstacle(["/nowhere"]), undefined);
      apt(others, debian);
      assert.match(
        (await debianObstacle([here.folder, "/nowhere"])) ?? "",
        /^no archive of Debian is among /,
      );
      assert.equal(await debianObstacle([here.folder]), undefined, "one that is there needs no archive");
    });

    it("counts as such with a list of its packages that is cut off", async () => {
      apt(others);
      here.write("bin/mmdebstrap", "#!/bin/sh\n", 0o755);
      const entry = dirname(debianTreePath(tree));
      mkdirSync(entry, { recursive: true });
      writeFileSync(join(entry, "packages.json"), "");
      await assert.rejects(debianTree({ ...tree, log: here.log }), /no archive of Debian/);
      assert.match(here.lines[0] ?? "", /^The cached node tree is broken \(no readable packages\.json\)/);
    });

    it("waits for another apt before it installs a tool", async () => {
      const said = here.write("apt.log", "");
      here.write("bin/apt-get", `#!/bin/sh\necho "$*" >> '${said}'`, 0o755);
      await ensureDebianTools(["no-such-tool"], here.log);
      assert.match(readFileSync(said, "utf8"), /^-o DPkg::Lock::Timeout=\d+ install .* no-such-tool\n$/);
    });

    it("is refused elsewhere, with the way to do without", async () => {
      apt(others);
      here.write("bin/mmdebstrap", "#!/bin/sh\n", 0o755);
      await assert.rejects(
        debianTree({ ...tree, log: here.log }),
        /no archive of Debian .*\nFix: make down .*, then make up NODES=simulated /,
      );
    });
  });

  it("reads the versions from the names of the package files", () => {
    assert.deepEqual(versionsOfArchives(["redis-server_5%3a7.0.15-1_amd64.deb", "lock", "partial"]), {
      "redis-server": "5:7.0.15-1",
    });
  });
});
