import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { canonicalImage } from "../../../components/kubernetes/image.ts";
import {
  clusterDown,
  clusterProcesses,
  clusterUp,
  debianTree,
  ensureDebianTools,
  lookAlikeImages,
} from "../../../sandbox/index.ts";
import { services } from "../../../services.ts";
import { freePort } from "../../../system/free-port.ts";
import { clusterOfContext } from "../../../system/sandbox-context.ts";
import { until, type Loose } from "../cluster.ts";
import { failing } from "../day-two.ts";
import { open, quickEnds, testStack } from "../stack.ts";
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
  const registries: ChildProcess[] = [];
  const home = join(folder, "registry");
  let program = "";
  let host = "";
  /** Starts a registry with what was pushed, by a command that may lead into other namespaces. */
  const serve = (addr: string, auth: object = {}, ...within: readonly string[]): void => {
    const config = join(home, `${addr}.json`);
    const storage = { filesystem: { rootdirectory: join(home, "data") } };
    writeFileSync(config, JSON.stringify({ version: "0.1", storage, http: { addr }, ...auth }));
    const [command, ...args] = [...within, program, "serve", config];
    registries.push(spawn(command, args, { stdio: "ignore" }));
  };
  /** Hands a look-alike of the run's node out as an image of the registry; gives the reference of it. */
  const pushed = async (replaces: string, tag: string): Promise<string> => {
    const image = lookAlikeImages(runNode).find((each) => each.replaces === replaces)?.name ?? "";
    const archive = join(folder, `${tag.replace(/[:/]/g, "-")}.tar`);
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
    mkdirSync(home, { recursive: true });
    program = join(tree, "usr/bin/docker-registry");
    serve(host);
    await until("the registry answers", () =>
      fetch(`http://${host}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
  });
  after(async () => {
    for (const registry of registries) registry.kill();
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

  it("pulls all images of a stack from the one registry that the node reaches, with its pull secret alone", async () => {
    const repositories = Object.values(services).map(({ image }) =>
      canonicalImage(image)
        .replace(/^docker\.io\//, "")
        .replace(/@.*/, ""),
    );
    for (const each of repositories) await pushed(each.replace(/^library\/|:.*/g, ""), each);
    // For root of the node alone, which has no other way out; `bcrypt` of the password.
    const login = ["puller", "let-me-pull"] as const;
    const path = join(home, "htpasswd");
    writeFileSync(path, `${login[0]}:$2a$04$DIfg2/39Lbj9ic5H.N.Z.uFj6UIJ6HLs8jRdbR5Nq2gqWtlrwmD2.\n`);
    const auth = { htpasswd: { realm: "course", path } };
    const within = ["nsenter", "--target", String(clusterProcesses(name).get("node")), "--net", "--"];
    serve("127.0.0.1:5000", { auth }, ...within);

    const cluster = { provider: "existing", context: `sandbox-${name}`, local: true };
    const stack = await testStack("pulled", { cluster, rollout: { timeoutSeconds: 15 } });
    quickEnds(stack);
    // Look-alikes have digests of their own.
    const list = join(stack.project, "services.ts");
    writeFileSync(list, readFileSync(list, "utf8").replaceAll(/@sha256:[0-9a-f]{64}/g, ""));
    const images = { registry: "127.0.0.1:5000/course" };
    stack.configure({ images });
    const refused = await failing(stack.make("up"));
    assert.match(refused, /Pod \S+: container \S+: \w*Pull\w*: .*127\.0\.0\.1:5000\/course\//);
    const create =
      / {2}kubectl (.* create secret docker-registry registry-login --docker-server=127\.0\.0\.1:5000) .*\n.*images\.pullSecret/;
    const [, said = ""] = create.exec(refused) ?? assert.fail(refused);

    stack.configure({
      images: { ...images, pullSecret: "registry-login" },
      rollout: { timeoutSeconds: 180 },
    });
    assert.match(
      await failing(stack.make("preview")),
      /Secret registry-login .* is not there: [\s\S]*Fix: kubectl /,
    );
    const [user, password] = login;
    await done("kubectl", ...said.split(" "), `--docker-username=${user}`, `--docker-password=${password}`);
    const { code, output } = await stack.make("up");
    assert.equal(code, 0, output);
    // Not by the pods' status: containerd shows an image that has several names by any of them.
    const pulled = await kubectl(
      "-n",
      stack.namespace,
      "get",
      "events",
      "--field-selector=reason=Pulled",
      "-o",
      "json",
    );
    for (const each of repositories)
      assert.match(
        pulled,
        new RegExp(`Successfully pulled image \\\\"127\\.0\\.0\\.1:5000/course/${each}\\\\"`),
      );
    // What it deployed goes with the node.
    await stack.must("stack", "rm", "--yes", "--force");
    open.delete(stack);
  });
});
