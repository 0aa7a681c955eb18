import assert from "node:assert/strict";
import type { EndpointTarget, ExposureType } from "../../../components/cluster/endpoint.ts";
import { existingEndpoint } from "../../../components/cluster/existing.ts";
import { managedEndpoint } from "../../../components/cluster/managed.ts";
import { minikubeEndpoint } from "../../../components/cluster/minikube.ts";

const target = (type: ExposureType, more: Partial<EndpointTarget> = {}): EndpointTarget => ({
  type,
  namespace: "multi-client",
  service: "client",
  port: 3050,
  nodePort: type === "nodePort" ? 31515 : undefined,
  tls: false,
  ...more,
});
const forward =
  "kubectl --context minikube -n multi-client port-forward service/client 3050 # then open http://127.0.0.1:3050/";
const loadBalancerIp =
  "$(kubectl --context minikube -n multi-client get service client -o jsonpath='{.status.loadBalancer.ingress[0].ip}')";

/** Driver and system decide what minikube writes as the API server; that alone decides how it is reached. */
const reachable = [
  ["docker on Linux", "https://192.168.49.2:8443"],
  ["kvm2 on Linux", "https://192.168.39.17:8443"],
  ["none on Linux", "https://10.0.2.15:8443"],
  ["hyperkit on macOS", "https://192.168.64.3:8443"],
  ["vfkit on macOS", "https://192.168.105.4:8443"],
] as const;
const published = [
  ["docker on macOS", "https://127.0.0.1:55001"],
  ["docker on WSL", "https://127.0.0.1:49154"],
  ["rootless docker on Linux", "https://127.0.0.1:32771"],
] as const;

describe("the endpoint on a minikube", () => {
  for (const [where, server] of reachable) {
    const ip = new URL(server).hostname;
    const cases: [ExposureType, string, string][] = [
      ["nodePort", `http://${ip}:31515/`, "echo http://$(minikube ip -p minikube):31515/"],
      ["loadBalancer", "", `minikube tunnel -p minikube # then open http://${loadBalancerIp}:3050/`],
      ["ingress", "", "curl http://$(minikube ip -p minikube)/"],
      ["clusterIP", "", forward],
    ];
    for (const [type, url, accessCommand] of cases) {
      it(`${where}, ${type}`, () => {
        assert.deepEqual(minikubeEndpoint("minikube", server, target(type)), { url, accessCommand });
      });
    }
  }

  // T7: behind published ports the address of `minikube ip` leads nowhere.
  for (const [where, server] of published) {
    const cases: [ExposureType, string][] = [
      ["nodePort", "minikube service client -p minikube -n multi-client --url"],
      ["loadBalancer", "minikube tunnel -p minikube # then open http://127.0.0.1:3050/"],
      ["ingress", "minikube tunnel -p minikube # then curl http://127.0.0.1/"],
      ["clusterIP", forward],
    ];
    for (const [type, accessCommand] of cases) {
      it(`T7: ${where}, ${type}, has no url, but a command that leads there`, () => {
        assert.deepEqual(minikubeEndpoint("minikube", server, target(type)), { url: "", accessCommand });
      });
    }
  }

  it("has the profile and the namespace of the stack", () => {
    const elsewhere = target("nodePort", { namespace: "elsewhere" });
    const { accessCommand } = minikubeEndpoint("other", "https://127.0.0.1:1", elsewhere);
    assert.equal(accessCommand, "minikube service client -p other -n elsewhere --url");
  });

  it("has HTTPS where TLS is on", () => {
    const near = "https://192.168.49.2:8443";
    const behind = "https://127.0.0.1:1";
    assert.equal(
      minikubeEndpoint("minikube", near, target("nodePort", { tls: true })).url,
      "https://192.168.49.2:31515/",
    );
    assert.match(
      minikubeEndpoint("minikube", behind, target("nodePort", { tls: true })).accessCommand,
      / --url --https$/,
    );
    assert.match(
      minikubeEndpoint("minikube", near, target("clusterIP", { tls: true })).accessCommand,
      /https:\/\/127\.0\.0\.1:3050\//,
    );
  });

  it("asks an Ingress by its host name, which no DNS has yet", () => {
    const near = "https://192.168.49.2:8443";
    assert.equal(
      minikubeEndpoint("minikube", near, target("ingress", { host: "app.example.com" })).accessCommand,
      "curl --resolve app.example.com:80:$(minikube ip -p minikube) http://app.example.com/",
    );
  });
});

describe("the endpoint on an existing cluster", () => {
  const cases: [string, EndpointTarget, string, string | undefined, string][] = [
    [
      "a node port, where its address is known",
      target("nodePort"),
      "",
      "127.0.0.1",
      "http://127.0.0.1:31515/",
    ],
    ["a node port, where it is not", target("nodePort"), "", undefined, ""],
    [
      "a load balancer by IP address",
      target("loadBalancer"),
      "203.0.113.7",
      undefined,
      "http://203.0.113.7:3050/",
    ],
    [
      "a load balancer by host name",
      target("loadBalancer"),
      "lb.example.com",
      undefined,
      "http://lb.example.com:3050/",
    ],
    [
      "a load balancer by the name that leads to it",
      target("loadBalancer", { host: "a.example.com" }),
      "203.0.113.7",
      undefined,
      "http://a.example.com:3050/",
    ],
    ["a load balancer for which no address is awaited", target("loadBalancer"), "", undefined, ""],
    [
      "an Ingress with TLS and a name",
      target("ingress", { host: "a.example.com", tls: true }),
      "203.0.113.7",
      undefined,
      "https://a.example.com/",
    ],
    ["a ClusterIP", target("clusterIP"), "", "127.0.0.1", ""],
  ];
  for (const [title, what, address, nodeAddress, url] of cases) {
    it(title, () => {
      const endpoint = existingEndpoint("far", what, address, nodeAddress);
      assert.equal(endpoint.url, url);
      assert.match(
        endpoint.accessCommand,
        url === "" ? /^kubectl --context far -n multi-client port-forward/ : /^curl /,
      );
    });
  }
});

describe("the endpoint on a managed cluster", () => {
  const cases: [string, EndpointTarget, string, string][] = [
    ["a load balancer", target("loadBalancer"), "198.51.100.7", "http://198.51.100.7:3050/"],
    ["an Ingress", target("ingress", { tls: true }), "lb.example.com", "https://lb.example.com/"],
    [
      "a Gateway with a name",
      target("gateway", { host: "a.example.com" }),
      "198.51.100.7",
      "http://a.example.com/",
    ],
    ["a ClusterIP", target("clusterIP"), "", ""],
  ];
  for (const [title, what, address, url] of cases) {
    it(title, () => {
      const endpoint = managedEndpoint("shop", what, address);
      assert.equal(endpoint.url, url);
      assert.match(
        endpoint.accessCommand,
        url === "" ? /> shop.kubeconfig && kubectl --kubeconfig/ : /^curl /,
      );
    });
  }
});
