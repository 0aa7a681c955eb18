import assert from "node:assert/strict";
import type { Fields } from "../../system/fields.ts";
import { services } from "../../services.ts";
import { connectTo } from "../../system/kube-client.ts";
import type { AccountSettings, Cloud, Fault } from "../../sandbox/index.ts";
import { CloudStack } from "./cloud-stack.ts";
import { failing } from "./day-two.ts";
import { snapshotCases } from "./snapshot-cases.ts";
import { kubeconfig } from "./world.ts";

/** What one cloud's cases need to know of it. */
export interface CloudFacts {
  /** Name of the committed stack. */
  readonly stack: string;
  readonly cloud: Cloud;
  /** A type of resource of each layer, in the order in which an `up` comes to them. */
  readonly layers: Readonly<Record<string, string>>;
  /** CSI driver that makes the disks, and API path of the objects that get an address. */
  readonly disks: string;
  readonly edge: string;
  /** The error of a call whose login just ended, in the cloud's words, and the type of resource that meets it. */
  readonly ends: { readonly type: string; readonly error: string };
  /** What the cloud shows after an automatic patch of Kubernetes, by type. @default what it showed before */
  readonly afterPatch?: Readonly<Record<string, Fields>>;
  /** How the address at which the application answers looks. */
  readonly url: RegExp;
  /** Changes that are made in place, by what they are. */
  readonly changes: Readonly<Record<string, Change>>;
  /** A certificate of the cloud, and what its load balancer is then told, by the API path of the object that says so. */
  readonly certificate?: { readonly name: string; readonly told: Readonly<Record<string, RegExp>> };
  /** Settings of an account that lacks some of what is needed, and what `make check` says of them. */
  readonly lacking: { readonly account: Partial<AccountSettings>; readonly says: readonly RegExp[] };
  /** The limits of a new account, within which the first up succeeds. @default none */
  readonly limits?: AccountSettings["limits"];
  /** What destroy says while it waits for the cloud. @default nothing */
  readonly waits?: RegExp;
  /** Requests that are too small for the cluster, and what it makes of them. @default it takes any */
  readonly admission?: { readonly asks: object; readonly gets: object };
  /** Somebody who is not in the account that the stack file names. */
  readonly stranger: { readonly caller: string; readonly says: RegExp };
}

interface Change {
  readonly cluster: object;
  /** What the update says of the types that change. */
  readonly updates: readonly RegExp[];
  /** What the account has afterwards, where several settings change one resource. @default nothing is looked for */
  readonly shows?: readonly RegExp[];
}

interface Pod {
  readonly metadata: { readonly labels: { readonly component: string } };
  readonly spec: { readonly containers: readonly { readonly resources: object }[] };
}

/** What an upgrade says, once {@link snapshotCases} have played a controller. */
export const snapshotted =
  /snapshots before the upgrade to Kubernetes 1\.36 [\s\S]*postgres-data-\d{8}t\d{6}z is ready, \d of \d/;

/** Replacements and deletions of these lose data or the cluster. */
const LASTS =
  /Cluster|KeyRing|CryptoKey|Key |Vpc|VirtualNetwork|compute:Network|PersistentVolumeClaim|StatefulSet|Namespace/;

/** The life of a prod stack on its simulated cloud, from an empty account to an empty account. */
export function cloudCases(facts: CloudFacts): void {
  const {
    stack: original,
    cloud,
    layers,
    disks,
    edge,
    ends,
    url,
    afterPatch = {},
    changes,
    certificate,
    stranger,
    admission,
    waits,
    lacking,
    limits = {},
  } = facts;
  let stack: CloudStack;
  before(() => {
    stack = new CloudStack(original, cloud);
  });

  const oldVersion = { cluster: { kubernetesVersion: "1.35" } };
  /** Lines of a plan that lose something. */
  const losses = (output: string) =>
    output.split("\n").filter((line) => /^ +(\+-|-|--|\+\+) /.test(line) && LASTS.test(line));

  it("make check finds everything in an account that has it, and names what another one lacks, with commands", async () => {
    const { code, output } = await stack.make("check");
    assert.equal(code, 0, output);
    stack.settings(lacking.account);
    const told = await failing(stack.make("check"));
    stack.settings({});
    for (const each of lacking.says) assert.match(told, each);
    assert.equal(told.match(/^ +missing:/gm)?.length, lacking.says.length, told);
  });

  it("an account that is not the stack's is refused before anything exists", async () => {
    const output = await failing(stack.make("up", { MULTI_CLIENT_CALLER: stranger.caller }));
    assert.match(output, stranger.says);
    assert.match(output, /names another place[\s\S]*Fix: log in to that one: /);
    assert.deepEqual(stack.account(), []);
  });

  it("without credentials it says how to log in, and nothing exists", async () => {
    const output = await failing(stack.make("up", { MULTI_CLIENT_CALLER: "none" }));
    assert.match(output, /Nobody is logged in to [\s\S]*Log in: /);
    assert.deepEqual(stack.account(), []);
  });

  it("a first preview works while there is neither cluster nor kubeconfig, and makes nothing", async () => {
    const { code, output } = await stack.make("preview");
    assert.equal(code, 0, output);
    assert.match(output, /\+ \d+ to create/);
    assert.deepEqual(stack.account(), []);
  });

  it(`a fault in each layer (${[...Object.keys(layers), "storage", "edge"].join(", ")}), and a login that ends in the middle, is told, and the next up goes on`, async () => {
    const error = (layer: string) => `the simulated cloud is out of ${layer}`;
    const expected: Record<string, RegExp> = { login: /The login to [\s\S]* ended while the command ran/ };
    for (const layer of Object.keys(layers)) expected[layer] = new RegExp(error(layer));
    const once = { operation: "create" as const, times: 1 };
    const noDisk: Fault = { type: disks, operation: "control", times: 1, error: error("disks") };
    const noAddress: Fault = { type: edge, operation: "control", times: 1, error: error("addresses") };
    const inCloud = Object.entries(layers).map(([layer, type]) => ({ type, ...once, error: error(layer) }));
    stack.settings({ limits });
    stack.faults(...inCloud, { ...ends, ...once }, noDisk, noAddress);
    stack.configure({ ...oldVersion, rollout: { timeoutSeconds: 15 } });
    const told = new Set<string>();
    for (let tries = 0; tries <= Object.keys(expected).length + 2; tries++) {
      const { code, output } = await stack.make("up");
      if (code === 0) break;
      assert.doesNotMatch(output, /\n\s+at .*\(/, "no stack trace");
      for (const [layer, says] of Object.entries(expected)) if (says.test(output)) told.add(layer);
      if (!output.includes("Not ready within its time limit")) continue;
      // The disks and the address are awaited at the same time: one update tells of both.
      assert.match(output, /Not ready within its time limit: .*client/);
      assert.match(output, /PersistentVolumeClaim \S+: ProvisioningFailed: .*out of disks/);
      told.add("storage").add("edge");
      stack.faults();
      stack.configure(oldVersion);
    }
    stack.settings({});
    assert.deepEqual([...told].sort(), [...Object.keys(expected), "storage", "edge"].sort());
    assert.match((await stack.must("stack", "output", "url")).stdout, url);
  });

  it("the workloads run on the cluster it made, and its own kubeconfig leads there", async () => {
    const cluster = connectTo([kubeconfig], stack.context);
    const { items } = (await cluster.get("/api/v1/namespaces/multi-client/pods")) as {
      items: { status: { conditions?: { type: string; status: string }[] } }[];
    };
    const ready = items.filter(({ status }) =>
      status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
    );
    assert.equal(ready.length, items.length);
    assert.ok(items.length >= 5);
    const { stdout } = await stack.must("stack", "output", "kubeconfig", "--show-secrets");
    assert.doesNotMatch(stdout, /client-key|"token"/);
    const { stdout: hidden } = await stack.must("stack", "output", "--json");
    assert.match(hidden, /"kubeconfig": "\[secret\]"/);
  });

  it("requests are on the cluster what the list says, whatever the cluster makes of others", async () => {
    const cluster = connectTo([kubeconfig], stack.context);
    const pods = "/api/v1/namespaces/multi-client/pods";
    const { items } = (await cluster.get(pods)) as { items: Pod[] };
    const found = Object.fromEntries(
      items.map(({ metadata, spec }) => [metadata.labels.component, spec.containers[0]?.resources]),
    );
    const listed = Object.entries(services).map(([key, { resources }]) => [key, resources]);
    assert.deepEqual(found, Object.fromEntries(listed));
    if (admission === undefined) return;
    const labels = { app: "small" };
    const small = { name: "small", image: "small", resources: admission.asks };
    const template = { metadata: { labels }, spec: { containers: [small] } };
    const made = (await cluster.send(
      "POST",
      "/apis/apps/v1/namespaces/default/deployments",
      { dryRun: "All" },
      { metadata: { name: "small" }, spec: { selector: { matchLabels: labels }, template } },
    )) as { spec: { template: Pod } };
    assert.deepEqual(made.spec.template.spec.containers[0]?.resources, admission.gets);
  });

  it("a second up changes nothing, after a refresh of everything and an automatic patch, which is no drift either", async () => {
    stack.shows(afterPatch);
    const { code, output } = await stack.make("up");
    assert.equal(code, 0, output);
    assert.match(output, /nothing changed, \d+ resources as they were/);
    const drift = await stack.make("drift");
    assert.equal(drift.code, 0, drift.output);
  });

  it("whoever is not let in cannot reach the cluster", async () => {
    const output = await failing(
      stack.pulumi(["refresh", "--yes", "--skip-preview"], { MULTI_CLIENT_CALLER: outsider(cloud) }),
    );
    assert.match(output, /Unauthorized: nothing lets/);
  });

  // What refuses is one code for all clouds: one of them shows it.
  snapshotCases(() => stack, oldVersion, disks, cloud === "gcp");

  const all: Record<string, unknown> = { ...oldVersion.cluster };
  // With the first of the changes; what came of it is looked at after the last.
  const exposure = certificate && { certificate: certificate.name, plainHttp: undefined };
  for (const [what, { cluster, updates, shows = [] }] of Object.entries(changes)) {
    it(`${what} changes in place: nothing is replaced`, async () => {
      Object.assign(all, cluster);
      stack.configure({ cluster: all, ...(exposure && { exposure }) });
      const { code, output } = await stack.make("up");
      assert.equal(code, 0, output);
      assert.deepEqual(losses(output), []);
      for (const update of updates) assert.match(output, update);
      for (const each of shows) assert.match(JSON.stringify(stack.account()), each);
    });
  }

  if (certificate !== undefined)
    it("a certificate of the cloud ends TLS in place: the url is https, and plain HTTP leads there", async () => {
      const { stdout } = await stack.must("stack", "output", "url");
      assert.match(stdout.replace(/^https:/, "http:"), url);
      assert.match(stdout, /^https:/);
      const cluster = connectTo([kubeconfig], stack.context);
      for (const [path, told] of Object.entries(certificate.told))
        assert.match(JSON.stringify(await cluster.get(path)), told);
    });

  it("another network is refused: it is fixed at creation", async () => {
    stack.configure({ cluster: { ...all, name: "other" } });
    const output = await failing(stack.pulumi(["preview"]));
    assert.match(output, /multi-client:cluster\.name[\s\S]*found: +'other'[\s\S]*expected: 'multi-client'/);
    stack.configure({ cluster: all });
  });

  it("a destroy without CONFIRM, and one with the CLI alone, are refused", async () => {
    assert.match(await failing(stack.make("destroy")), new RegExp(`CONFIRM=${stack.name}`));
    assert.match(await failing(stack.pulumi(["destroy", "--yes", "--skip-preview"])), /protect/);
    assert.ok(stack.account().length > 10);
  });

  it("destroy names the disks that stay, and leaves an empty account and no cluster, though its controllers are gone", async () => {
    stack.loseControllers();
    const { code, output } = await stack.make("destroy", { CONFIRM: stack.name });
    assert.equal(code, 0, output);
    assert.match(output, /is not whole \(kube-controller-manager, kube-scheduler\): starting it again/);
    assert.match(output, /of claim postgres-data/);
    assert.match(output, /snapshot snapshot-\w+ \(\S+\), postgres-data-\d{8}t\d{6}z/);
    if (waits !== undefined) assert.match(output, waits);
    assert.match(output, /The simulated account is empty/);
    const { output: left } = await stack.pulumi(["stack", "--show-urns"]);
    assert.match(left, /Current stack resources \(0\)/);
  });
}

const outsider = (cloud: Cloud): string =>
  ({
    aws: "arn:aws:iam::111122223333:role/somebody",
    "azure-native": "00000000-0000-0000-0000-00000000000b",
    gcp: "user:somebody@example.com",
  })[cloud];
