import assert from "node:assert/strict";
import type { Facts } from "../../config/checks.ts";
import { problemText, type Problem } from "../../config/problems.ts";
import { validate } from "../../config/validate.ts";
import { services } from "../../services.ts";
import { certificate, key, otherKey } from "../support/tls.ts";
import type { ManagedConfig } from "../../config/clouds/index.ts";
import { facts, factsOf, far, fixOf, minikube, near, onAks } from "./facts.ts";

function problems(raw: Record<string, unknown>, given: Partial<Facts> = {}): readonly Problem[] {
  return validate(raw, services, { ...facts, ...given }).problems;
}

describe("the configuration", () => {
  it("accepts the smallest stack file, which exposes nothing", () => {
    const result = validate(minikube, services, facts);
    assert.ok("config" in result);
    assert.deepEqual(result.config, {
      cluster: { provider: "minikube", profile: "minikube" },
      exposure: { type: "clusterIP" },
      services: {},
      images: {},
      rollout: {},
      backup: {},
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
      rollout: { timeoutSeconds: 120 },
      namespace: "elsewhere",
    };
    assert.deepEqual(problems(raw, { secretSections: ["exposure"] }), []);
  });

  it("takes whole numbers for texts that may be digits, as `pulumi config set` writes them", () => {
    const result = validate(onAks({ costCentre: 4711, owner: 42 }), services, factsOf("aks"));
    assert.ok("config" in result, JSON.stringify(result.problems));
    const { owner, costCentre } = result.config.cluster as Partial<ManagedConfig>;
    assert.deepEqual({ owner, costCentre }, { owner: "42", costCentre: "4711" });
  });

  it("takes any number of CPUs where the size of nodes does not say how many there are", () => {
    const requests = { services: { client: { resources: { requests: { cpu: "7" } } } } };
    for (const [vmSize, count] of [
      ["Standard_DS4_v2", 0],
      ["Standard_D4ds_v5", 1],
    ] as const)
      assert.equal(
        validate({ ...onAks({ nodes: { vmSize } }), ...requests }, services, factsOf("aks")).problems.length,
        count,
        vmSize,
      );
  });

  it("wants a CPU request of the list for an autoscaler, or one of the stack, or a limit in its place", () => {
    const list = { ...services, client: { ...services.client, resources: {} } };
    const keysOf = (resources?: object) => {
      const client = { scale: { min: 1, max: 2, cpu: 70 }, ...(resources && { resources }) };
      return validate({ ...minikube, services: { client } }, list, facts).problems.map(({ key }) => key);
    };
    assert.deepEqual(keysOf(), ["multi-client:services.client.resources.requests.cpu"]);
    assert.deepEqual(keysOf({ requests: { cpu: "10m" } }), []);
    assert.deepEqual(keysOf({ limits: { cpu: "1" } }), []);
  });

  it("takes localhost as the host of a cluster on this computer", () => {
    for (const host of ["localhost", "app.localhost"])
      assert.deepEqual(problems({ cluster: near, exposure: { type: "ingress", host } }), []);
  });

  describe("exposure.type: public", () => {
    const typeOn = (cluster: object) => {
      const result = validate({ cluster, exposure: { type: "public" } }, services, facts);
      assert.ok("config" in result, JSON.stringify(result.problems));
      return result.config.exposure.type;
    };

    it("is a node port on a local cluster, and a load balancer on another one that is there already", () => {
      assert.equal(typeOn(minikube.cluster), "nodePort");
      assert.equal(typeOn(near), "nodePort");
      assert.equal(typeOn(far), "loadBalancer");
    });

    it("is checked as the type that it resolves to", () => {
      const exposure = { type: "public", host: "app.example.com" };
      assert.deepEqual(problems({ cluster: far, exposure }), []);
      const [problem, ...others] = problems({ ...minikube, exposure });
      assert.deepEqual(others, []);
      assert.match(problem?.expected ?? "", /^nothing: exposure\.type is nodePort here/);
    });

    it("is unknown, and hides nothing else, where the cluster is refused", () => {
      const exposure = { type: "public", nodePort: 31515, certificate: "A B" };
      const keys = problems({ cluster: { provider: "gce" }, exposure }).map(({ key }) => key);
      assert.deepEqual(keys, ["multi-client:cluster.provider", "multi-client:exposure.certificate"]);
    });
  });

  it("reports all problems at once", () => {
    const raw = {
      cluster: far,
      exposure: { type: "nodePort", nodePort: 80 },
      services: { worker: { scale: { replicas: 3 } } },
      nmespace: "x",
    };
    const keys = problems(raw).map((p) => p.key.replace("multi-client:", ""));
    const all = ["exposure.nodePort", "exposure.type", "nmespace", "services.worker.scale"];
    assert.deepEqual(keys.sort(), all);
  });

  it("refuses a stack file that leaves the default Kubernetes provider on", () => {
    const [problem] = problems(minikube, { defaultProviderDisabled: false });
    assert.equal(problem?.key, "pulumi:disable-default-providers");
    assert.deepEqual(fixOf(problem), [
      "pulumi config set --stack prod --path 'pulumi:disable-default-providers[0]' kubernetes",
    ]);
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
      assert.match(text, /exposure\.type[\s\S]*\[not shown\]/);
      assert.ok(!text.includes("hunter2"));
    });
  });

  it("serves neither a cloud's Gateway nor its certificates on a cluster that is there already", () => {
    const keys = (exposure: object) => problems({ cluster: far, exposure }).map(({ key }) => key);
    assert.deepEqual(keys({ type: "gateway" }), ["multi-client:exposure.type"]);
    assert.deepEqual(keys({ type: "ingress", certificate: "x" }), ["multi-client:exposure.certificate"]);
    assert.deepEqual(keys({ type: "ingress" }), []);
  });

  it("is refused on one screen: key, found, expected and fix of each problem, and that nothing was changed", () => {
    const text = problemText("dev", problems({ ...minikube, namespace: "A B" }));
    assert.deepEqual(text.split("\n").length, 5);
    assert.match(text, /^1 problem in the configuration of stack dev; nothing was changed\.$/m);
  });
});
