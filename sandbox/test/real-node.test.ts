import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs, { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { syncBuiltinESMExports } from "node:module";
import { dirname, join } from "node:path";
import { createHash, X509Certificate } from "node:crypto";
import { clusterDown, clusterStatus, nodesOf, plannedNodes } from "../cluster/sandbox-cluster.ts";
import { cgroupOf, nodeFolder, nodeProcess } from "../node/boot.ts";
import { makeCertificates } from "../node/certificates.ts";
import { lookAlikePolicy } from "../node/look-alikes.ts";
import { nodePrograms, userKubeconfig, writeNodeFiles } from "../node/node-files.ts";
import { chooseImages, imageName, registryImages } from "../node/registry-images.ts";
import { realNode } from "../node/real-node.ts";
import { realNodeObstacle } from "../node/requirements.ts";
import { freePort } from "../../system/free-port.ts";
import { startTime } from "../../system/lock.ts";
import { scratch } from "./build-scratch.ts";

describe("the real node", () => {
  let here: ReturnType<typeof scratch>;
  beforeEach(() => {
    here = scratch();
  });
  afterEach(() => {
    here.end();
  });

  it("has certificates that its own authorities signed, made once", async () => {
    const folder = join(here.folder, "certificates");
    await makeCertificates(folder);
    const read = (name: string) => new X509Certificate(readFileSync(join(folder, name)));
    const [server, kubelet, proxy] = [read("apiserver.crt"), read("kubelet.crt"), read("front-proxy.crt")];
    assert.ok(server.verify(read("ca.crt").publicKey) && kubelet.verify(read("ca.crt").publicKey));
    assert.ok(proxy.verify(read("front-proxy-ca.crt").publicKey) && !proxy.verify(read("ca.crt").publicKey));
    assert.equal(server.checkIP("127.0.0.1"), "127.0.0.1");
    assert.equal(kubelet.subject, "O=system:nodes\nCN=system:node:sandbox");
    await makeCertificates(folder);
    assert.equal(read("apiserver.crt").fingerprint256, server.fingerprint256);
  });

  it("has a script for each program, which a shell can read", () => {
    writeNodeFiles(here.folder, { cgroup: "c", pauseImage: "pause:1" });
    assert.deepEqual(readdirSync(join(here.folder, "services")).sort(), [...nodePrograms].sort());
    const etcd = readFileSync(join(here.folder, "services/etcd/run"), "utf8");
    const policies = readFileSync(join(here.folder, "services/network-policies/run"), "utf8");
    const [, kubeconfig = ""] = /'(\S+)' 'sandbox'$/m.exec(policies) ?? [];
    assert.ok(existsSync(join(here.folder, kubeconfig.replace("/run/node/etc/", ""))), kubeconfig);
    assert.match(etcd, /^#!\/bin\/sh\n[^]*\nexec 'etcd' '--data-dir=\/var\/lib\/etcd' /);
    assert.match(readFileSync(join(here.folder, "containerd.toml"), "utf8"), /sandbox_image = "pause:1"/);
    assert.match(readFileSync(join(here.folder, "kubelet.yaml"), "utf8"), /"cgroupRoot": "\/c"/);
  });

  it("has its API server on 127.0.0.1, for the user", () => {
    assert.match(userKubeconfig("/certificates", 4711), /"server":"https:\/\/127\.0\.0\.1:4711"/);
  });

  it("forgets the node ports that others had while an earlier relay ran", async () => {
    const certificates = join(here.folder, "certificates");
    await makeCertificates(certificates);
    const [cert, key] = ["crt", "key"].map((end) => readFileSync(join(certificates, `apiserver.${end}`)));
    const server = createServer({ cert, key }, (_, answer) => answer.end('{"items": []}'));
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const taken = here.write("taken-ports.json", "[31515]");
    const kubeconfig = here.write("api", userKubeconfig(certificates, port));
    here.write("bin/nsenter", "#!/bin/sh\nexec sleep 9\n", 0o755); // connects nothing
    const script = join(import.meta.dirname, "../node/port-relay.ts");
    const args = [script, String(await freePort()), kubeconfig, "1", taken];
    const relay = spawn(process.execPath, args, { stdio: "inherit" });
    try {
      for (let tries = 0; readFileSync(taken, "utf8") !== "[]" && tries < 100; tries++) await sleep(50);
      assert.equal(readFileSync(taken, "utf8"), "[]");
    } finally {
      relay.kill();
      server.close();
    }
  });

  it("is told from another process of the same id by its start time", () => {
    const folder = nodeFolder("n");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "node.pid"), `${process.pid} ${startTime(process.pid) ?? ""}\n`);
    assert.equal(nodeProcess("n"), process.pid);
    writeFileSync(join(folder, "node.pid"), `${process.pid} 1\n`);
    assert.equal(nodeProcess("n"), undefined);
  });

  it("that does not run is stopped, and make down removes it", async () => {
    mkdirSync(join(nodeFolder("n"), "var"), { recursive: true });
    assert.equal(nodesOf("n"), "real");
    assert.deepEqual(await clusterStatus("n"), { state: "stopped", missing: nodePrograms });
    await clusterDown({ name: "n", log: here.log });
    assert.equal(existsSync(nodeFolder("n")), false);
    assert.equal((await clusterStatus("n")).state, "absent");
  });

  it("whose removal is interrupted is none, and make down removes what is left of it", async () => {
    const data = join(nodeFolder("n"), "var");
    mkdirSync(data, { recursive: true });
    const { rmSync } = fs;
    fs.rmSync = () => assert.fail("interrupted");
    syncBuiltinESMExports();
    try {
      await assert.rejects(realNode.remove("n"), /interrupted/);
    } finally {
      fs.rmSync = rmSync;
      syncBuiltinESMExports();
    }
    const nodes = dirname(nodeFolder("n"));
    assert.deepEqual(readdirSync(nodes), [`n.removing-${process.pid}`]);
    assert.equal(nodesOf("n"), undefined);
    const others = [`n.removing-${process.ppid}`, "nn.removing-0"];
    for (const name of others) mkdirSync(join(nodes, name));
    await clusterDown({ name: "n", log: here.log });
    assert.deepEqual(readdirSync(nodes).sort(), others);
  });

  it("has look-alikes where nothing says that it takes its images from registries", () => {
    mkdirSync(nodeFolder("n"), { recursive: true });
    assert.equal(registryImages("n"), undefined);
    writeFileSync(join(nodeFolder("n"), "registry-images.json"), '["a"]');
    assert.deepEqual(registryImages("n"), ["a"]);
  });

  describe("that is not there yet", () => {
    const { getuid } = process;
    beforeEach(() => {
      process.getuid = () => 0;
      here.write("bin/apt-get", "#!/bin/sh\n", 0o755);
    });
    afterEach(() => {
      Object.assign(process, { getuid });
    });
    const image = `a.test/b@sha256:${"0".repeat(64)}`;
    const choose = (skopeo: string) => {
      here.write("bin/skopeo", `#!/bin/sh\n${skopeo}\n`, 0o755);
      return chooseImages("n", [image], here.log);
    };
    const unknown = "echo 'manifest unknown' >&2; exit 1";

    it("gets look-alikes for life where a registry gives no image, and not where something else keeps it away", async () => {
      const interrupted = choose("sleep 0.5; kill -HUP $PPID; exec sleep 9");
      await assert.rejects(interrupted, /^UserError: Interrupted while fetching /);
      const full = choose("echo 'write: no space left on device' >&2; exit 1");
      await assert.rejects(full, /no space left on device\nFix: free space for /);
      assert.ok(!here.lines.some((line) => line.includes("look-alikes")), here.lines.join("\n"));
      await choose(unknown);
      assert.match(here.lines.at(-1) ?? "", /^The node gets look-alikes of its images: Image a\.test\/b@/);
      assert.equal(registryImages("n"), undefined);
    });

    it("takes an image of the cache that is whole, and fetches one anew that is cut off", async () => {
      const hash = createHash("sha256").update(image).digest("hex").slice(0, 16);
      const file = (name: string, text: string) =>
        here.write(`cache/multi-client/image-${hash}/${name}`, text);
      file("image.json", '{"size": 3}');
      file("image.tar", "tar");
      await choose(unknown);
      assert.deepEqual([registryImages("n"), here.lines], [[], []]);
      file("image.tar", "");
      await choose(unknown);
      assert.match(here.lines[0] ?? "", /^The cached image .* is broken \(image\.tar has 0 bytes, not 3\)/);
      assert.match(here.lines.at(-1) ?? "", /manifest unknown/);
    });
  });

  it("finds an image of a registry as containerd does: beside a digest the tag says nothing", () => {
    const digest = `@sha256:${"0".repeat(64)}`;
    assert.equal(imageName(`docker.io/library/redis:8${digest}`), `docker.io/library/redis${digest}`);
    assert.equal(imageName(`localhost:5000/a${digest}`), `localhost:5000/a${digest}`);
    assert.equal(imageName("localhost:5000/a:dev"), "localhost:5000/a:dev");
  });

  it("has a cgroup that no cluster of another state folder has", () => {
    const mine = cgroupOf("n");
    process.env.XDG_STATE_HOME = join(here.folder, "other");
    assert.notEqual(cgroupOf("n"), mine);
  });
});

describe("the nodes of a cluster that is not there yet", () => {
  let here: ReturnType<typeof scratch>;
  beforeEach(() => {
    here = scratch();
  });
  afterEach(() => {
    here.end();
  });

  it("are simulated when NODES says so, and where the computer cannot have a real one, with the reason", async () => {
    const plan = (env: NodeJS.ProcessEnv) => plannedNodes("n", env);
    assert.deepEqual(await plan({ NODES: "simulated" }), { nodes: "simulated", reason: "NODES=simulated" });
    const { nodes, reason } = await plan({ PATH: "/nowhere" });
    assert.equal(nodes, "simulated");
    assert.match(reason ?? "", /^a real node needs /);
    await assert.rejects(
      plan({ PATH: "/nowhere", NODES: "real" }),
      /NODES is real, but a real node needs .*\nFix: /,
    );
    await assert.rejects(plan({ NODES: "many" }), /NODES is "many"\.\nExpected: real or simulated\./);
  });

  it("are those of the cluster that is there, and NODES cannot change them", async () => {
    mkdirSync(nodeFolder("n"), { recursive: true });
    assert.deepEqual(await plannedNodes("n", {}), { nodes: "real" });
    await assert.rejects(
      plannedNodes("n", { NODES: "simulated" }),
      /is there with real nodes\.\nFix: make down /,
    );
  });

  it("say which tool is missing", async () => {
    if (process.platform !== "linux" || process.getuid?.() !== 0) return;
    assert.equal(await realNodeObstacle({ PATH: "" }), "a real node needs unshare (package util-linux)");
  });
});

describe("the policy of look-alikes", () => {
  it("replaces the images of pods alone, and of repositories that have a look-alike", () => {
    const [policy] = lookAlikePolicy([
      { name: "look-alike.test/redis:7", replaces: "redis", contents: "redis 7" },
    ]);
    const { spec } = policy as { spec: { matchConstraints: unknown; variables: unknown } };
    assert.deepEqual(spec.matchConstraints, {
      resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
    });
    assert.deepEqual(spec.variables, [{ name: "images", expression: '{"redis":"look-alike.test/redis:7"}' }]);
  });
});
