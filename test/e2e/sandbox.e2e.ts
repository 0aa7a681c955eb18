import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import {
  createNamespace,
  dataUids,
  dryRun,
  get,
  list,
  podUids,
  removeNamespace,
  type Loose,
} from "./cluster.ts";
import {
  cleanUp,
  context,
  folder,
  initStack,
  kubeconfig,
  log,
  make,
  plan,
  pulumi,
  stackFile,
  up,
  type Sections,
} from "./world.ts";
import { certificate, key } from "../support/tls.ts";

const holdsData = /:(Namespace|PersistentVolumeClaim|StatefulSet|Stash)$/;
const gitStatus = () => execFileSync("git", ["status", "--porcelain"], { encoding: "utf8" });
const otherImage = { images: { server: "example.test/server:2" } };

/** uids that differ, by service. */
function replaced(before: Record<string, string[]>, after: Record<string, string[]>): string[] {
  return Object.keys(after)
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .sort();
}

describe("the sandbox, end to end: real engine, real API server, simulated nodes", function () {
  this.timeout("10m");
  let password = "";
  const treeBefore = gitStatus();

  after(function () {
    const failed = this.test?.parent?.tests.some((test) => test.state === "failed") === true;
    if (failed) console.log(`\nlogs of every command: ${join(folder, "log.txt")}`);
    else cleanUp();
  });

  it("make up deploys everything until all is Ready, and says that the nodes are simulated", async function () {
    this.timeout("30m"); // builds what cannot be fetched
    const { code, output } = await make("up");
    assert.equal(code, 0, output);
    assert.match(output, /simulated/);
    for (const { metadata, status, spec } of await list("Deployment")) {
      assert.equal(status.availableReplicas, spec.replicas, metadata.name);
    }
    for (const { metadata, status } of await list("StatefulSet"))
      assert.equal(status.readyReplicas, 1, metadata.name);
    for (const { metadata, status } of await list("PersistentVolumeClaim")) {
      assert.equal(status.phase, "Bound", metadata.name);
    }
    const secret = (await list("Secret")).find(({ metadata }) =>
      metadata.name.startsWith("postgres-password-"),
    );
    password = Buffer.from(secret?.data.PGPASSWORD as string, "base64").toString();
    assert.match(password, /^[\w-]{32}$/);
  });

  it("the client's Service is 3050:31515/TCP", async () => {
    const { spec } = (await get("Service", "client")) ?? {};
    const [{ port, nodePort, protocol }] = spec.ports;
    assert.equal(`${String(port)}:${String(nodePort)}/${String(protocol)}`, "3050:31515/TCP");
    assert.equal(spec.type, "NodePort");
  });

  it("every Service selects a ready pod that declares its target port", async () => {
    const pods = await list("Pod");
    const services = await list("Service");
    assert.equal(services.length, 6);
    for (const { metadata, spec } of services) {
      const matches = pods.filter((pod) =>
        Object.entries(spec.selector as object).every(([name, value]) => pod.metadata.labels[name] === value),
      );
      assert.ok(matches.length > 0, metadata.name);
      for (const { spec: pod, status } of matches) {
        const ports = pod.containers.flatMap((c: Loose) =>
          (c.ports ?? []).map((p: Loose) => p.containerPort),
        ) as number[];
        assert.ok(ports.includes(spec.ports[0].targetPort as number), metadata.name);
        assert.ok(
          status.conditions.some((c: Loose) => c.type === "Ready" && c.status === "True"),
          metadata.name,
        );
      }
    }
  });

  it("a second make up changes nothing, says so, and leaves the work tree as it was", async () => {
    const before = [await podUids(), await dataUids()];
    const { code, output } = await make("up");
    assert.equal(code, 0, output);
    assert.match(output, /nothing changed/i);
    assert.deepEqual([await podUids(), await dataUids()], before);
    assert.equal(gitStatus(), treeBefore);
  });

  it("preview --refresh --expect-no-changes is clean", async () => {
    const { code, output } = await pulumi(["preview", "--refresh", "--expect-no-changes"]);
    assert.equal(code, 0, output);
  });

  it("a changed image rolls one Deployment and nothing else", async () => {
    const before = [await podUids(), await dataUids()] as const;
    assert.deepEqual(await plan(otherImage), [
      { op: "update", type: "kubernetes:apps/v1:Deployment", name: "server" },
    ]);
    await up(otherImage);
    assert.deepEqual(replaced(before[0], await podUids()), ["server"]);
    assert.deepEqual(await dataUids(), before[1]);
    await up();
  });

  it("a changed nginx configuration rolls the client, and nothing else", async () => {
    const before = [await podUids(), await dataUids(), await list("ConfigMap")] as const;
    const config = stackFile({ exposure: { type: "nodePort", nodePort: 31515, tls: { certificate } } });
    const set = ["config", "set", "--secret", "--path", "multi-client:exposure.tls.key", "--", key];
    const { code, output } = await pulumi(set, { config });
    assert.equal(code, 0, output);
    const ran = await pulumi(["up", "--yes", "--skip-preview"], { config });
    assert.equal(ran.code, 0, ran.output);
    assert.deepEqual(replaced(before[0], await podUids()), ["client"]);
    assert.deepEqual(await dataUids(), before[1]);
    const names = (maps: Loose[]) =>
      maps.map(({ metadata }) => metadata.name).filter((name) => name.startsWith("client-nginx-"));
    assert.equal(names(await list("ConfigMap")).length, 1);
    assert.notDeepEqual(names(await list("ConfigMap")), names(before[2]));
    assert.ok(!ran.output.includes(key.split("\n")[1] ?? "?"));
    await up();
  });

  it("every exposure, and the switch between them, leaves the data and its pods alone", async () => {
    const before = [await podUids(), await dataUids()] as const;
    const types = ["clusterIP", "loadBalancer", "ingress", "nodePort"];
    const found: string[] = [];
    for (const type of types) {
      await up({ exposure: { type } });
      const { spec } = (await get("Service", "client")) ?? {};
      found.push(
        `${type}: ${String(spec.type)} ${String(spec.ports[0].port)}->${String(spec.ports[0].targetPort)}`,
      );
      assert.equal((await list("Ingress")).length, type === "ingress" ? 1 : 0, type);
    }
    assert.deepEqual(found, [
      "clusterIP: ClusterIP 3050->3000",
      "loadBalancer: LoadBalancer 3050->3000",
      "ingress: ClusterIP 3050->3000",
      "nodePort: NodePort 3050->3000",
    ]);
    assert.deepEqual([await podUids(), await dataUids()], before);
  });

  it("no setting plans to replace or delete anything that holds data", async () => {
    const settings: Sections[] = [
      { exposure: { type: "ingress", host: "a.example.com" } },
      { images: { postgres: "example.test/postgres:18", redis: "example.test/redis:9" } },
      { images: { registry: "registry.example.test" } },
      {
        services: {
          postgres: { sidecars: { logger: false } },
          redis: { resources: { limits: { memory: "1Gi" } } },
        },
      },
      { services: { client: { scale: { min: 1, max: 2, cpu: 70 } }, server: { scale: { replicas: 3 } } } },
      { cluster: { provider: "existing", context, local: true, nodeAddress: "127.0.0.1" } },
      {
        cluster: { provider: "existing", context, local: false },
        exposure: { type: "clusterIP" },
        images: undefined,
      },
    ];
    for (const sections of settings) {
      const steps = await plan(sections);
      assert.ok(steps.length > 0 || "nodeAddress" in (sections.cluster as object), JSON.stringify(sections));
      const harm = steps.filter(({ op, type }) => /delete|replace/.test(op) && holdsData.test(type));
      assert.deepEqual(harm, [], JSON.stringify(sections));
    }
  });

  for (const [title, sections, text] of [
    [
      "namespace",
      { namespace: "elsewhere" },
      /multi-client:namespace[\s\S]*'elsewhere'[\s\S]*'multi-client'/,
    ],
    [
      "storage class",
      { cluster: { provider: "existing", context, local: true, storageClass: "fast" } },
      /multi-client:cluster\.storageClass[\s\S]*'fast'[\s\S]*unset/,
    ],
  ] as const) {
    it(`another ${title} is refused in the preview: it is fixed at creation`, async () => {
      const { code, output } = await pulumi(["preview"], { config: stackFile(sections) });
      assert.notEqual(code, 0);
      assert.match(output, text);
      assert.doesNotMatch(output, /\n\s+at .*\(/, "no stack trace");
    });
  }

  it("on a cluster that is not local the engine itself refuses to delete what holds data", async () => {
    const far = { cluster: { provider: "existing", context, local: false }, exposure: { type: "clusterIP" } };
    await up(far);
    const uids = await dataUids();
    const { code, output } = await pulumi(["destroy", "--yes", "--skip-preview"], { config: stackFile(far) });
    assert.notEqual(code, 0);
    assert.match(output, /protect/);
    assert.deepEqual(await dataUids(), uids);
    await up();
  });

  it("the password never changed", async () => {
    const secrets = (await list("Secret")).filter(({ metadata }) =>
      metadata.name.startsWith("postgres-password-"),
    );
    assert.equal(secrets.length, 1);
    assert.equal(Buffer.from(secrets[0]?.data.PGPASSWORD as string, "base64").toString(), password);
  });

  it("the wrong cluster is refused before the first resource: this context is not minikube's", async () => {
    const config = stackFile({ cluster: { provider: "minikube", profile: context } });
    const { code, output } = await pulumi(["up", "--yes"], { config });
    assert.notEqual(code, 0);
    assert.match(output, /multi-client:cluster\.profile[\s\S]*not marked as minikube's/);
    assert.doesNotMatch(output, /\n\s+at .*\(/, "no stack trace");
  });

  it("a context that is not there is refused, and those that are there are named", async () => {
    const config = stackFile({ cluster: { provider: "existing", context: "kind-gone", local: true } });
    const { code, output } = await pulumi(["preview"], { config });
    assert.notEqual(code, 0);
    assert.match(output, /multi-client:cluster\.context[\s\S]*"kind-gone"[\s\S]*kwok-multi-client/);
  });

  it("an API server that does not answer gives one clear error", async () => {
    const file = join(folder, "unreachable");
    writeFileSync(
      file,
      readFileSync(kubeconfig, "utf8").replaceAll(/https:\/\/127\.0\.0\.1:\d+/g, "https://127.0.0.1:1"),
    );
    const { code, output } = await make("preview", { KUBECONFIG: file });
    assert.notEqual(code, 0);
    assert.match(
      output,
      /The API server of context kwok-multi-client does not answer: ECONNREFUSED[\s\S]*Nothing was changed/,
    );
    // The engine alone, on a first deployment: the namespace fails, and everything else waits for it.
    await initStack("nowhere");
    const engine = await pulumi(["up", "--yes", "--skip-preview"], {
      env: { KUBECONFIG: file },
      stackName: "nowhere",
    });
    assert.notEqual(engine.code, 0);
    assert.equal(
      engine.output.match(/error: .*configured Kubernetes cluster is unreachable/g)?.length,
      1,
      engine.output,
    );
    for (const text of [output, engine.output]) assert.doesNotMatch(text, /\n\s+at .*\(/, "no stack trace");
  });

  it("a namespace that is there and not ours is left alone, and the stack with it", async () => {
    await createNamespace("taken");
    await initStack("taken");
    const config = stackFile({ namespace: "taken" });
    const { code, output } = await pulumi(["up", "--yes", "--skip-preview"], { config, stackName: "taken" });
    assert.notEqual(code, 0);
    assert.match(output, /namespaces "taken" already exists/);
    assert.deepEqual(await list("Deployment", "taken"), []);
    await removeNamespace("taken");
  });

  it("a node port that is taken is named, and another exposure heals it", async () => {
    await initStack("second");
    const args = ["up", "--yes", "--skip-preview"];
    const taken = await pulumi(args, { config: stackFile({ namespace: "second" }), stackName: "second" });
    assert.notEqual(taken.code, 0);
    assert.match(taken.output, /31515.*already allocated/s);
    const config = stackFile({ namespace: "second", exposure: { type: "clusterIP" } });
    const healed = await pulumi(args, { config, stackName: "second" });
    assert.equal(healed.code, 0, healed.output);
    const { code, output } = await pulumi(["destroy", "--yes", "--skip-preview"], {
      config,
      stackName: "second",
    });
    assert.equal(code, 0, output);
  });

  it("a wrong passphrase is named, and nothing is changed", async () => {
    const { code, output } = await pulumi(["up", "--yes"], { env: { PULUMI_CONFIG_PASSPHRASE: "wrong" } });
    assert.notEqual(code, 0);
    assert.match(output, /incorrect passphrase/);
  });

  it("render is what the API server accepts, object by object", async () => {
    const { code, output } = await make("render");
    assert.equal(code, 0, output);
    const documents = parseAllDocuments(readFileSync("build/render/sandbox/kubernetes.yaml", "utf8"));
    assert.equal(documents.length, 22);
    for (const document of documents) {
      const object = document.toJS() as Loose;
      assert.equal(await dryRun(object), undefined, `${object.kind ?? ""} ${object.metadata.name ?? ""}`);
    }
  });

  it("the password stands in clear nowhere: state, outputs, logs, render", async () => {
    const exported = await pulumi(["stack", "export"]);
    const outputs = await pulumi(["stack", "output", "--json"]);
    assert.equal(exported.code + outputs.code, 0);
    assert.match(exported.stdout, /ciphertext/);
    const rendered = readdirSync("build/render/sandbox", { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
    const places = [exported.stdout, outputs.stdout, ...rendered, ...log];
    for (const secret of [password, Buffer.from(password).toString("base64")]) {
      assert.ok(places.every((text) => !text.includes(secret)));
    }
  });

  it("make status tells what runs and how to reach it", async () => {
    const { code, output } = await make("status");
    assert.equal(code, 0, output);
    for (const name of ["client", "server", "worker", "redis", "postgres"])
      assert.match(output, new RegExp(name));
    assert.match(output, /port-forward service\/client 3050/);
  });

  it("make down leaves no namespace, no process and no lock", async () => {
    const { code, output } = await make("down");
    assert.equal(code, 0, output);
    const processes = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
    assert.ok(!processes.includes(folder), "a process of the sandbox is left");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    assert.deepEqual(
      files.filter((file) => /locks\/.*\.json$/.test(file)),
      [],
    );
    assert.doesNotMatch(readFileSync(kubeconfig, "utf8"), new RegExp(context));
  });
});
