import assert from "node:assert/strict";
import { inventory, only, remote, runStack, spec } from "../../support/pulumi.ts";
import { certificate, key } from "../../support/tls.ts";

const client = "kubernetes:core/v1:Service";
const ingressType = "kubernetes:networking.k8s.io/v1:Ingress";
const tls = { certificate, key };
const skipped = { "pulumi.com/skipAwait": "true" };

describe("the exposure of the client", () => {
  const cases: [string, string, boolean][] = [
    ["nodePort", "NodePort", false],
    ["clusterIP", "ClusterIP", false],
    ["loadBalancer", "LoadBalancer", true],
    ["ingress", "ClusterIP", false],
  ];
  for (const [type, serviceType, skips] of cases) {
    it(`${type} is a Service 3050 -> 3000 of type ${serviceType}`, async () => {
      const service = only((await runStack("dev", { exposure: { type } })).resources, client, "client");
      const { ports } = spec(service);
      assert.equal(spec(service).type, serviceType);
      assert.deepEqual([ports[0].port, ports[0].targetPort], [3050, 3000]);
      assert.equal(ports[0].nodePort, type === "nodePort" ? 31515 : undefined);
      const { annotations } = service.inputs.metadata as { annotations?: unknown };
      assert.deepEqual(annotations, skips ? skipped : undefined);
    });
  }

  it("ingress adds an Ingress with one route to the client, which is not awaited on minikube", async () => {
    const { resources } = await runStack("dev", { exposure: { type: "ingress", host: "app.example.com" } });
    const ingress = only(resources, ingressType);
    assert.deepEqual(spec(ingress).rules, [
      {
        host: "app.example.com",
        http: {
          paths: [
            {
              path: "/",
              pathType: "Prefix",
              backend: { service: { name: "client", port: { number: 3050 } } },
            },
          ],
        },
      },
    ]);
    assert.deepEqual((ingress.inputs.metadata as { annotations: unknown }).annotations, skipped);
  });

  it("awaits an address on a cluster that is not local", async () => {
    for (const type of ["loadBalancer", "ingress"]) {
      const { resources } = await runStack("sandbox", { cluster: remote, exposure: { type } });
      const waited = only(resources, type === "ingress" ? ingressType : client, "client");
      assert.equal((waited.inputs.metadata as { annotations?: unknown }).annotations, undefined, type);
    }
  });

  it("labels the namespace for readiness gates only behind the load balancer of EKS", async () => {
    const gated = async (stack: string, exposure: object) => {
      const { resources } = await runStack(stack, { exposure });
      const { labels } = only(resources, "kubernetes:core/v1:Namespace").inputs.metadata as {
        labels: Record<string, string>;
      };
      return labels["eks.amazonaws.com/pod-readiness-gate-inject"];
    };
    assert.deepEqual(
      [
        await gated("prod", { type: "ingress", plainHttp: true }),
        await gated("prod", { type: "clusterIP" }),
        await gated("sandbox", { type: "ingress" }),
      ],
      ["enabled", undefined, undefined],
    );
  });

  it("creates an Ingress with type ingress alone", async () => {
    for (const type of ["nodePort", "clusterIP", "loadBalancer"]) {
      const objects = inventory(await runStack("dev", { exposure: { type } }));
      assert.ok(!objects.some((name) => name.startsWith("Ingress")), type);
    }
  });
});

describe("TLS", () => {
  it("ends in nginx, with a mounted Secret, probes over HTTPS, and an https url", async () => {
    const { resources, outputs } = await runStack("dev", { exposure: { type: "nodePort", tls } });
    const secret = only(resources, "kubernetes:core/v1:Secret", "client-tls");
    assert.equal(secret.inputs.type, "kubernetes.io/tls");
    assert.deepEqual(Object.keys(secret.inputs.data as object), ["tls.crt", "tls.key"]);
    const pod = spec(only(resources, "kubernetes:apps/v1:Deployment", "client")).template.spec;
    const { name } = secret.inputs.metadata as { name: string };
    assert.match(name, /^client-tls-[0-9a-f]{8}$/);
    const volume = pod.volumes.find((v: { name: string }) => v.name === "tls");
    assert.deepEqual(volume, { name: "tls", secret: { secretName: name, defaultMode: 0o440 } });
    assert.equal(pod.containers[0].readinessProbe.httpGet.scheme, "HTTPS");
    assert.equal(outputs.url, "https://192.168.49.2:31515/");
  });

  it("ends at the Ingress where there is one, with the same Secret, and plain HTTP behind it", async () => {
    const { resources } = await runStack("dev", {
      exposure: { type: "ingress", host: "app.example.com", tls },
    });
    const secret = only(resources, "kubernetes:core/v1:Secret", "client-tls");
    const { name: secretName } = secret.inputs.metadata as { name: string };
    assert.deepEqual(spec(only(resources, ingressType)).tls, [{ secretName, hosts: ["app.example.com"] }]);
    const pod = spec(only(resources, "kubernetes:apps/v1:Deployment", "client")).template.spec;
    assert.ok(!pod.volumes.some((v: { name: string }) => v.name === "tls"));
    assert.equal(pod.containers[0].readinessProbe.httpGet.scheme, undefined);
  });

  it("is off by default", async () => {
    const { resources } = await runStack("dev");
    assert.equal(resources.filter(({ name }) => name === "client-tls").length, 0);
  });
});
