import assert from "node:assert/strict";
import { kubeContexts } from "../../components/kubernetes/kubeconfig.ts";
import type { Facts } from "../../config/checks.ts";
import { problemText, type Problem } from "../../config/problems.ts";
import { validate } from "../../config/validate.ts";
import { services } from "../../services.ts";
import { certificate, key, otherKey } from "../support/tls.ts";

const marked = [{ name: "cluster_info", extension: { provider: "minikube.sigs.k8s.io" } }];
const kubeconfig = JSON.stringify({
  clusters: [
    { name: "minikube", cluster: { server: "https://192.168.49.2:8443", extensions: marked } },
    { name: "second", cluster: { server: "https://192.168.58.2:8443", extensions: marked } },
    { name: "near", cluster: { server: "https://127.0.0.1:6443" } },
    { name: "far", cluster: { server: "https://k8s.example.com" } },
  ],
  contexts: ["minikube", "second", "near", "far"].map((name) => ({ name, context: { cluster: name } })),
});
const facts: Facts = {
  secretSections: [],
  defaultProviderDisabled: true,
  contexts: kubeContexts([kubeconfig]),
  kubeconfig: "~/.kube/config",
};
const minikube = { cluster: { provider: "minikube" } };
const near = { provider: "existing", context: "near", local: true };
const far = { provider: "existing", context: "far" };

function problems(raw: Record<string, unknown>, given: Partial<Facts> = {}): readonly Problem[] {
  return validate(raw, services, { ...facts, ...given }).problems;
}

/** A refusal: what is configured, and key, found, expected and fix of the one problem that must be named. */
type Refusal = [
  title: string,
  raw: Record<string, unknown>,
  key: string,
  found: RegExp,
  expected: RegExp,
  fix: RegExp,
];

const service = (name: string, settings: unknown) => ({ ...minikube, services: { [name]: settings } });
const refusals: Refusal[] = [
  [
    "no cluster",
    {},
    "cluster",
    /nothing/,
    /minikube or existing/,
    /config set .*cluster' minikube|config set/,
  ],
  [
    "a provider that is not there",
    { cluster: { provider: "eks" } },
    "cluster.provider",
    /"eks"|eks/,
    /minikube or existing/,
    /config set --path 'multi-client:cluster.provider' minikube/,
  ],
  [
    "a misspelt section",
    { ...minikube, exposre: {} },
    "exposre",
    /unknown key/,
    /exposure/,
    /did you mean 'exposure'\? Then: pulumi config rm 'multi-client:exposre'/,
  ],
  [
    "a misspelt key",
    { ...minikube, exposure: { typ: "clusterIP" } },
    "exposure.typ",
    /unknown key, set to "clusterIP"/,
    /type, nodePort, host, tls/,
    /'type'.*config rm --path 'multi-client:exposure.typ'/,
  ],
  [
    "a key of another provider",
    { cluster: { provider: "minikube", contxt: "x" } },
    "cluster.contxt",
    /unknown/,
    /profile, driver, kubernetesVersion/,
    /config rm/,
  ],
  [
    "an unknown service",
    service("clinet", {}),
    "services.clinet",
    /unknown/,
    /client, server, worker, redis, postgres/,
    /did you mean 'client'/,
  ],
  [
    "an unknown driver",
    { cluster: { provider: "minikube", driver: "dokcer" } },
    "cluster.driver",
    /"dokcer"/,
    /docker, hyperkit, kvm2, vfkit, none/,
    /config set --path 'multi-client:cluster.driver' docker/,
  ],
  [
    "the driver none with a profile",
    { cluster: { provider: "minikube", driver: "none", profile: "second" } },
    "cluster.profile",
    /"second"/,
    /the driver none has no profiles/,
    /minikube/,
  ],
  [
    "text where settings belong",
    { ...minikube, exposure: "nodePort" },
    "exposure",
    /"nodePort"/,
    /settings/,
    /config set/,
  ],
  [
    "a node port below the range",
    { ...minikube, exposure: { type: "nodePort", nodePort: 29999 } },
    "exposure.nodePort",
    /29999/,
    /30000 to 32767/,
    /config set --path 'multi-client:exposure.nodePort' 31515/,
  ],
  [
    "a node port above the range",
    { ...minikube, exposure: { type: "nodePort", nodePort: 32768 } },
    "exposure.nodePort",
    /32768/,
    /30000 to 32767/,
    /31515/,
  ],
  [
    "a node port that is text",
    { ...minikube, exposure: { type: "nodePort", nodePort: "high" } },
    "exposure.nodePort",
    /"high"/,
    /whole number/,
    /31515/,
  ],
  [
    "a node port with another exposure",
    { ...minikube, exposure: { type: "clusterIP", nodePort: 31515 } },
    "exposure.nodePort",
    /31515/,
    /exposure.type is clusterIP/,
    /config rm --path/,
  ],
  [
    "a host that no name leads to",
    { ...minikube, exposure: { type: "nodePort", host: "a.example.com" } },
    "exposure.host",
    /a\.example\.com/,
    /exposure.type is nodePort/,
    /config rm --path/,
  ],
  [
    "node ports on a cluster that is not local",
    { cluster: far, exposure: { type: "nodePort" } },
    "exposure.type",
    /"nodePort"/,
    /local clusters/,
    /clusterIP/,
  ],
  [
    "an image without digest on a cluster that is not local",
    { cluster: far, images: { redis: "redis:8" } },
    "images.redis",
    /"redis:8"/,
    /digest/,
    /redis:8@sha256/,
  ],
  [
    "an image reference that is none",
    { ...minikube, images: { redis: "redis 8" } },
    "images.redis",
    /redis 8/,
    /image reference/,
    /config set/,
  ],
  [
    "a second worker",
    service("worker", { scale: { replicas: 2 } }),
    "services.worker.scale",
    /"replicas":2/,
    /every worker hears every message/,
    /config rm --path/,
  ],
  [
    "no worker",
    service("worker", { scale: { replicas: 0 } }),
    "services.worker.scale",
    /"replicas":0/,
    /\{replicas: 1\}/,
    /config rm/,
  ],
  [
    "an autoscaler on the worker",
    service("worker", { scale: { min: 1, max: 3, cpu: 70 } }),
    "services.worker.scale",
    /"max":3/,
    /\{replicas: 1\}/,
    /config rm/,
  ],
  [
    "a second database",
    service("postgres", { scale: { replicas: 2 } }),
    "services.postgres.scale",
    /2/,
    /its claim belongs to one pod/,
    /config rm/,
  ],
  [
    "half an autoscaler",
    service("client", { scale: { min: 1 } }),
    "services.client.scale",
    /"min":1/,
    /all of \{min, max, cpu\}/,
    /config set/,
  ],
  [
    "replicas and an autoscaler",
    service("client", { scale: { replicas: 1, min: 1, max: 2, cpu: 5 } }),
    "services.client.scale",
    /replicas/,
    /either/,
    /config set/,
  ],
  [
    "an autoscaler upside down",
    service("client", { scale: { min: 3, max: 2, cpu: 50 } }),
    "services.client.scale.max",
    /2/,
    /at least scale.min, which is 3/,
    /3/,
  ],
  [
    "fewer than no pods",
    service("client", { scale: { replicas: -1 } }),
    "services.client.scale.replicas",
    /-1/,
    /0 to 1000/,
    /1/,
  ],
  [
    "a quantity Kubernetes refuses",
    service("server", { resources: { limits: { memory: "64MB" } } }),
    "services.server.resources.limits.memory",
    /"64MB"/,
    /quantity of bytes/,
    /256Mi/,
  ],
  [
    "a request above its limit",
    service("server", { resources: { requests: { memory: "1Gi" } } }),
    "services.server.resources.requests.memory",
    /"1Gi"/,
    /not above the limit \(256Mi\)/,
    /256Mi/,
  ],
  [
    "a limit below the request",
    service("server", { resources: { limits: { memory: "10Mi" } } }),
    "services.server.resources.limits.memory",
    /"10Mi"/,
    /request \(96Mi\)/,
    /96Mi/,
  ],
  [
    "storage of no size",
    service("redis", { storage: { size: "0Gi" } }),
    "services.redis.storage.size",
    /"0Gi"/,
    /more than 0/,
    /2Gi/,
  ],
  [
    "storage of a service that has none",
    service("client", { storage: { size: "1Gi" } }),
    "services.client.storage",
    /unknown/,
    /scale, resources/,
    /config rm/,
  ],
  [
    "an unknown sidecar",
    service("postgres", { sidecars: { loger: false } }),
    "services.postgres.sidecars.loger",
    /unknown/,
    /logger, backup-manager/,
    /did you mean 'logger'/,
  ],
  [
    "a namespace that is no DNS label",
    { ...minikube, namespace: "Multi_Client" },
    "namespace",
    /"Multi_Client"/,
    /DNS label/,
    /config set 'multi-client:namespace' multi-client/,
  ],
  [
    "a profile that is no context",
    { cluster: { provider: "minikube", profile: "other" } },
    "cluster.profile",
    /no context in ~\/\.kube\/config \(there: minikube, second, near, far\)/,
    /started minikube/,
    /minikube start -p other/,
  ],
  [
    "a profile that minikube did not make",
    { cluster: { provider: "minikube", profile: "near" } },
    "cluster.profile",
    /"near" at https:\/\/127\.0\.0\.1:6443, which is not marked/,
    /a context that minikube wrote/,
    /provider' existing/,
  ],
  [
    "a context that is not there",
    { cluster: { provider: "existing", context: "gone" } },
    "cluster.context",
    /"gone"/,
    /a context of the kubeconfig/,
    /config set --path 'multi-client:cluster.context' minikube/,
  ],
  [
    "a far cluster called local",
    { cluster: { ...far, local: true } },
    "cluster.local",
    /https:\/\/k8s\.example\.com/,
    /not on this computer/,
    /cluster.local' false/,
  ],
  [
    "a PEM that is none",
    { ...minikube, exposure: { tls: { certificate: "x", key } } },
    "exposure.tls.certificate",
    /"x"/,
    /PEM/,
    /< certificate.pem/,
  ],
];

describe("the configuration", () => {
  it("accepts the smallest stack file, and closes what is not asked for", () => {
    const result = validate(minikube, services, facts);
    assert.ok("config" in result);
    assert.deepEqual(result.config, {
      cluster: { provider: "minikube", profile: "minikube" },
      exposure: { type: "clusterIP" },
      services: {},
      images: {},
      namespace: "multi-client",
    });
  });

  it("accepts everything that may be set, numbers as `pulumi config set --path` writes them", () => {
    const raw = {
      cluster: near,
      exposure: { type: "ingress", host: "app.example.com", tls: { certificate, key } },
      services: {
        client: {
          scale: { min: 1, max: 3, cpu: 70 },
          resources: { requests: { cpu: 1 }, limits: { cpu: 2 } },
        },
        server: { scale: { replicas: 2 } },
        worker: { scale: { replicas: 1 } },
        postgres: { storage: { size: "5Gi" }, sidecars: { logger: false } },
      },
      images: { registry: "registry.example.com/mirror", redis: "redis:8" },
      namespace: "elsewhere",
    };
    assert.deepEqual(problems(raw, { secretSections: ["exposure"] }), []);
  });

  for (const [title, raw, key, found, expected, fix] of refusals) {
    it(`refuses ${title}, naming the key, the value and the way out`, () => {
      const all = problems(raw);
      assert.deepEqual(
        all.map((p) => p.key),
        [`multi-client:${key}`],
      );
      const [problem] = all;
      assert.ok(problem);
      assert.match(problem.found, found);
      assert.match(problem.expected, expected);
      assert.match(problem.fix, fix);
    });
  }

  it("reports all problems at once", () => {
    const raw = {
      cluster: far,
      exposure: { type: "nodePort", nodePort: 80 },
      services: { worker: { scale: { replicas: 3 } } },
      nmespace: "x",
    };
    const keys = problems(raw).map((p) => p.key.replace("multi-client:", ""));
    assert.deepEqual(keys.sort(), ["exposure.nodePort", "nmespace", "services.worker.scale"]);
  });

  it("refuses a stack file that leaves the default Kubernetes provider on", () => {
    const [problem] = problems(minikube, { defaultProviderDisabled: false });
    assert.equal(problem?.key, "pulumi:disable-default-providers");
    assert.match(problem.fix, /pulumi config set --path 'pulumi:disable-default-providers\[0\]' kubernetes/);
  });

  describe("TLS", () => {
    const tls = (privateKey: string) => ({
      ...minikube,
      exposure: { tls: { certificate, key: privateKey } },
    });

    it("takes a key that fits its certificate and was set as a secret", () => {
      assert.deepEqual(problems(tls(key), { secretSections: ["exposure"] }), []);
    });

    it("refuses a key in clear text, and does not show it", () => {
      const text = problemText("dev", problems(tls(key)));
      assert.match(text, /multi-client:exposure\.tls\.key[\s\S]*in clear text[\s\S]*--secret --path/);
      assert.ok(!text.includes(key.split("\n")[1] ?? "?"));
    });

    it("refuses a key that does not fit, and does not show it", () => {
      const text = problemText("dev", problems(tls(otherKey), { secretSections: ["exposure"] }));
      assert.match(text, /exposure\.tls\.key[\s\S]*does not fit/);
      assert.ok(!text.includes(otherKey.split("\n")[1] ?? "?"));
    });

    it("shows no value of a section that holds a secret", () => {
      const raw = { ...minikube, exposure: { type: "hunter2", tls: { certificate, key } } };
      const text = problemText("dev", problems(raw, { secretSections: ["exposure"] }));
      assert.match(text, /exposure\.type[\s\S]*\[secret\]/);
      assert.ok(!text.includes("hunter2"));
    });
  });

  it("is one screen: key, found, expected and fix of each problem, and that nothing was changed", () => {
    const text = problemText("dev", problems({ ...minikube, namespace: "A B" }));
    assert.deepEqual(text.split("\n").length, 5);
    assert.match(text, /^1 problem in the configuration of stack dev; nothing was changed\.$/m);
  });
});
