import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ensureBuilt, cacheEntry } from "../build/build-cache.ts";
import { pulumiVersion } from "../build/recipes.ts";
import { explainWrite } from "../../system/errors.ts";
import { scratch } from "./build-scratch.ts";

describe("the sandbox's build cache", () => {
  let here: ReturnType<typeof scratch>;
  beforeEach(() => {
    here = scratch();
  });
  afterEach(() => {
    here.end();
  });
  const builds = () => readFileSync(join(here.folder, "go.log"), "utf8").split("\n").length - 1;

  it("builds a group once, and takes it from the cache then, without Go", async () => {
    const bin = await ensureBuilt("etcd", here.log);
    assert.equal(readFileSync(join(bin, "etcd"), "utf8"), "program");
    process.env.PATH = join(here.folder, "nothing");
    assert.equal(await ensureBuilt("etcd", here.log), bin);
    assert.equal(builds(), 1);
  });

  it("builds from the pinned modules only, with the version linked in", async () => {
    await ensureBuilt("pulumi", here.log);
    const asked = readFileSync(join(here.folder, "go.log"), "utf8");
    const flags = `-trimpath -mod=readonly -buildvcs=false -ldflags=-s -w -X \\S+Version=v${pulumiVersion}`;
    assert.match(asked, new RegExp(`^CGO_ENABLED=0 build ${flags} -o `));
  });

  it("has an entry for each group, and another one for another go.sum or go.mod", () => {
    const seen = new Set([cacheEntry("etcd"), cacheEntry("pulumi")]);
    for (const file of ["go.sum", "go.mod"]) {
      appendFileSync(join(here.folder, "root/sandbox/build/etcd", file), "more\n");
      seen.add(cacheEntry("etcd"));
    }
    assert.equal(seen.size, 4);
  });

  const damage: Record<string, [(entry: string) => void, RegExp]> = {
    "a missing program": [
      (entry) => {
        rmSync(join(entry, "bin/etcd"));
      },
      /etcd is missing/,
    ],
    "a cut program": [
      (entry) => {
        writeFileSync(join(entry, "bin/etcd"), "pro");
      },
      /etcd has 3 bytes, not 7/,
    ],
    "a program with other content": [
      (entry) => {
        writeFileSync(join(entry, "bin/etcd"), "PROGRAM");
        utimesSync(join(entry, "bin/etcd"), 1, 1);
      },
      /etcd was changed/,
    ],
    "no manifest": [
      (entry) => {
        rmSync(join(entry, "manifest.json"));
      },
      /no readable manifest/,
    ],
    "half a manifest": [
      (entry) => {
        writeFileSync(join(entry, "manifest.json"), '{"etcd": {');
      },
      /no readable manifest/,
    ],
  };
  for (const [what, [hurt, said]] of Object.entries(damage)) {
    it(`throws away an entry with ${what}, says so in one line, and builds it again`, async () => {
      await ensureBuilt("etcd", here.log);
      hurt(cacheEntry("etcd"));
      const bin = await ensureBuilt("etcd", here.log);
      assert.equal(readFileSync(join(bin, "etcd"), "utf8"), "program");
      assert.equal(builds(), 2);
      assert.equal(here.lines.filter((line) => said.test(line)).length, 1, here.lines.join("\n"));
    });
  }

  it("accepts a copied entry, whose times differ", async () => {
    const bin = await ensureBuilt("etcd", here.log);
    utimesSync(join(bin, "etcd"), 1, 1);
    await ensureBuilt("etcd", here.log);
    assert.equal(builds(), 1);
  });

  it("builds once when two ask at once, and the second says for which process it waits", async () => {
    here.go("go1.26.8", 'sleep 0.5; printf program > "$out"');
    await Promise.all([ensureBuilt("etcd", here.log), ensureBuilt("etcd", here.log)]);
    assert.equal(builds(), 1);
    assert.equal(
      here.lines.filter((line) => /^Waiting for process \d+ \(building etcd\) to end/.test(line)).length,
      1,
    );
  });

  it("leaves no entry after a failed build, and removes what interrupted ones left, of other entries too", async () => {
    here.go("go1.26.8", 'echo half > "$out"; echo "x.go:1: no space left on device" >&2; exit 1');
    await assert.rejects(
      ensureBuilt("etcd", here.log),
      /no space left on device[^]*Fix: free space for .*XDG_CACHE_HOME/,
    );
    assert.equal(existsSync(cacheEntry("etcd")), false);
    const entry = cacheEntry("etcd").split("/").at(-1) ?? "";
    const runs = `images-0.partial-${String(process.ppid)}`;
    for (const partial of [`${entry}.partial-1`, "images-1.partial-4194305", runs])
      here.write(`cache/multi-client/${partial}/half`, "half");
    here.go("go1.26.8");
    await ensureBuilt("etcd", here.log);
    assert.deepEqual(readdirSync(join(here.folder, "cache/multi-client")).sort(), [entry, runs]);
  });

  it("names the version of Go and both fixes when Go is too old or missing", async () => {
    const ways = /install Go .*or install minikube and use stack dev/;
    here.go("go1.22.1");
    await assert.rejects(ensureBuilt("etcd", here.log), /Found: go1\.22\.1\. Needed: Go 1\.26\.0 or newer/);
    here.go("go1.26.5");
    await assert.rejects(ensureBuilt("pulumi", here.log), /Found: go1\.26\.5\. Needed: Go 1\.26\.6 or newer/);
    process.env.PATH = join(here.folder, "nothing");
    await assert.rejects(ensureBuilt("etcd", here.log), /Found: no `go` on PATH/);
    await assert.rejects(ensureBuilt("etcd", here.log), ways);
  });

  it("names the folder that it cannot write to, the reason, and the variable to set", async () => {
    process.env.XDG_CACHE_HOME = here.write("a-file", ""); // also for root, whom no permission stops
    await assert.rejects(
      ensureBuilt("etcd", here.log),
      /Cannot write to .*a-file\/multi-client: a part of its path is a file\.\nFix: .*XDG_CACHE_HOME/,
    );
  });

  it("explains the error of Node for a folder on a read-only disk, and leaves other errors as they are", () => {
    const said = Object.assign(new Error("no such file"), { code: "ENOENT", syscall: "mkdir" });
    assert.match(
      String(explainWrite(said, "/x", "XDG_STATE_HOME")),
      /Cannot write to \/x: [^]*XDG_STATE_HOME/,
    );
    const other = Object.assign(new Error("no such file"), { code: "ENOENT", syscall: "open" });
    assert.equal(explainWrite(other, "/x", "XDG_STATE_HOME"), other);
  });
});
