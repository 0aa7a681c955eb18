import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  busyboxCommands,
  configOptions,
  ensureImages,
  imagesEntry,
  lookAlike,
  upstreamVersion,
} from "../images/build-images.ts";
import { stages } from "../images/image-list.ts";
import { withoutLookAlike } from "../node/look-alikes.ts";
import { scratch } from "./build-scratch.ts";

describe("the look-alike images", () => {
  const list = stages("/usr/bin/node");

  it("are missed where an image has none, and is none", () => {
    const images = [
      { name: "look-alike.test/redis:7.0.15-01234567", replaces: "redis", contents: "" },
      {
        name: "look-alike.test/multi-server:1-89abcdef",
        replaces: "stephengrider/multi-server",
        contents: "",
      },
    ];
    const there = ["docker.io/library/redis:8@sha256:01", "docker.io/stephengrider/multi-server@sha256:01"];
    const local = ["look-alike.test/multi-server:7.4.3-01234567", "127.0.0.1:5000/own:1"];
    assert.deepEqual(withoutLookAlike([...there, ...local], images), []);
    const missing = ["docker.io/example/mailer:1", "ghcr.io/library/redis:8"];
    assert.deepEqual(withoutLookAlike(missing, images), ["example/mailer", "ghcr.io/library/redis"]);
  });

  it("have names of their own, and lie on a stage before them", () => {
    const seen = new Set(["empty"]);
    for (const { name, from = "empty" } of list) {
      assert.ok(seen.has(from), `${name} lies on ${from}`);
      assert.ok(!seen.has(name), name);
      seen.add(name);
    }
  });

  it("are named by the version of what is in them and by their digest", () => {
    const image = { replaces: "redis", parts: ["redis-server", "libc6"], config: {} };
    const versions = { "redis-server": "5:7.0.15-1~deb12u10", libc6: "2.36-9" };
    assert.deepEqual(lookAlike("redis", image, "sha256:0123456789", versions), {
      name: "look-alike.test/redis:7.0.15-01234567",
      replaces: "redis",
      contents: "redis-server 7.0.15, libc6 2.36",
    });
  });

  it("say a version without epoch and revision", () => {
    const given = ["1.22.1-9+deb12u11", "5:7.0.15-1~deb12u10", "8.23.1", "1.20~ds1"];
    assert.deepEqual(given.map(upstreamVersion), ["1.22.1", "7.0.15", "8.23.1", "1.20"]);
  });

  it("take all commands of busybox but itself and what Alpine's images have in full", () => {
    assert.deepEqual(busyboxCommands("ash\nbusybox\nsetpriv\nsh\n"), ["ash", "sh"]);
  });

  it("pass a configuration on to umoci, one option for each value", () => {
    assert.deepEqual(configOptions({ user: "1:1", cmd: ["node", "index.js"] }).slice(1), [
      "--config.user=1:1",
      "--config.cmd=node",
      "--config.cmd=index.js",
    ]);
  });

  describe("in the cache", () => {
    let here: ReturnType<typeof scratch>;
    beforeEach(() => {
      here = scratch();
      here.write("root/node_modules/node/package.json", '{"version": "24.0.0"}');
    });
    afterEach(() => {
      here.end();
    });

    it("are built again where their list is cut off", async () => {
      here.write("root/sandbox/images/redis/docker-entrypoint.sh", "one");
      mkdirSync(imagesEntry([]), { recursive: true });
      writeFileSync(join(imagesEntry([]), "images.json"), '{"size": 1');
      process.env.PATH = "/nowhere";
      await assert.rejects(ensureImages(here.log), /^UserError: Debian packages can be unpacked as root /);
      assert.match(here.lines[0] ?? "", /look-alike images is broken \(no readable images\.json\)/);
    });

    it("have another entry for another source file, and for another program", () => {
      here.write("root/sandbox/images/redis/docker-entrypoint.sh", "one");
      const binary = here.write("coredns", "program");
      const coredns = { name: "coredns", version: "1.0.0", replaces: "coredns/coredns", binary };
      const seen = new Set([imagesEntry([]), imagesEntry([coredns])]);
      writeFileSync(binary, "another program");
      seen.add(imagesEntry([coredns]));
      writeFileSync(join(here.folder, "root/sandbox/images/redis/docker-entrypoint.sh"), "two");
      seen.add(imagesEntry([]));
      assert.equal(seen.size, 4);
    });
  });
});
