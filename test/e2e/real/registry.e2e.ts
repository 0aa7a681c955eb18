import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { mkdirSync, writeFileSync } from "node:fs";
import {
  clusterDown,
  clusterProcesses,
  clusterUp,
  debianTree,
  ensureDebianTools,
  lookAlikeImages,
} from "../../../sandbox/index.ts";
import { freePort } from "../../../system/free-port.ts";
import { clusterOfContext } from "../../../system/sandbox-context.ts";
import { until, type Loose } from "../cluster.ts";
import { context, folder, kubeconfig, run } from "../world.ts";

const log = () => undefined;
const name = "fetched";
const runNode = clusterOfContext(context) ?? "";

/** Runs a command that must succeed; gives what it writes. */
async function done(command: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, output } = await run(command, args);
  assert.equal(code, 0, output);
  return stdout.trim();
}

// On a cluster of somebody else there is no node to start.
(runNode !== "" ? describe : describe.skip)("a real node, where a registry answers", () => {
  let registry: ChildProcess | undefined;
  let host = "";
  /** Hands a look-alike of the run's node out as an image of the registry; gives the reference of it. */
  const pushed = async (replaces: string, tag: string): Promise<string> => {
    const image = lookAlikeImages(runNode).find((each) => each.replaces === replaces)?.name ?? "";
    const archive = join(folder, `${tag.replace(":", "-")}.tar`);
    const node = String(clusterProcesses(runNode).get("node"));
    const inNode = `nsenter --target ${node} --mount -- ctr -n k8s.io images export - ${image} >${archive}`;
    await done("sh", "-c", inNode);
    const target = `docker://${host}/course/${tag}`;
    await done("skopeo", "copy", "--quiet", "--dest-tls-verify=false", `oci-archive:${archive}`, target);
    const digest = await done("skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", target);
    return `${host}/course/${tag.replace(/:.*/, "")}@${digest}`;
  };
  const up = (...images: readonly string[]) => clusterUp({ name, nodes: "real", images, kubeconfig, log });
  const kubectl = (...args: readonly string[]) =>
    done("kubectl", "--kubeconfig", kubeconfig, "--context", `sandbox-${name}`, ...args);
  /** Runs a pod of an image until it is ready; gives the digest of what runs. */
  const runs = async (pod: string, image: string): Promise<string> => {
    await kubectl("run", pod, `--image=${image}`, "--image-pull-policy=IfNotPresent");
    await kubectl("wait", "--for=condition=Ready", `pod/${pod}`, "--timeout=60s");
    const { status } = JSON.parse(await kubectl("get", "pod", pod, "-o", "json")) as Loose;
    return String((status.containerStatuses as { imageID: string }[])[0]?.imageID);
  };

  before(async () => {
    await ensureDebianTools(["skopeo"], log);
    const tree = await debianTree({ name: "registry", packages: ["docker-registry"], log });
    host = `127.0.0.1:${String(await freePort())}`;
    const home = join(folder, "registry");
    mkdirSync(home, { recursive: true });
    const config = join(home, "config.json");
    const storage = { filesystem: { rootdirectory: join(home, "data") } };
    writeFileSync(config, JSON.stringify({ version: "0.1", storage, http: { addr: host } }));
    registry = spawn(join(tree, "usr/bin/docker-registry"), ["serve", config], { stdio: "ignore" });
    await until("the registry answers", () =>
      fetch(`http://${host}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  });
  after(async () => {
    registry?.kill();
    await clusterDown({ name, kubeconfig, log });
  });

  it("runs the images themselves, by their digests", async () => {
    const redis = await pushed("redis", "redis:8");
    await up(redis);
    const digest = redis.slice(redis.indexOf("@"));
    assert.ok((await runs("by-digest", redis)).endsWith(digest));
    assert.ok((await runs("with-tag", redis.replace("@", ":8@"))).endsWith(digest));
    const dryRun = ["--dry-run=server", "-o", "jsonpath={.spec.containers[0].image}"];
    assert.equal(await kubectl("run", "other", "--image=redis:8", ...dryRun), "redis:8");
  });

  it("fetches what a stack names later, and says which image no registry gives", async () => {
    await pushed("stephengrider/multi-client", "client:dev");
    const dev = `${host}/course/client:dev`;
    await up(dev);
    assert.match(await runs("later", dev), /sha256:/);
    const missing = `${host}/course/nothing@sha256:${"0".repeat(64)}`;
    await assert.rejects(up(dev, missing), (error) => {
      assert.ok(String(error).includes(`Image ${missing} cannot be fetched`), String(error));
      assert.match(String(error), /Fix: name another image or registry in multi-client:images/);
      return true;
    });
  });
});
