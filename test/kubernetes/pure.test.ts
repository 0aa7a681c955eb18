import assert from "node:assert/strict";
import { canonicalImage, hasDigest, resolveImage } from "../../components/kubernetes/image.ts";
import { isPrivate } from "../../components/kubernetes/server-address.ts";
import { edgeConfiguration } from "../../components/edge/nginx-configuration.ts";
import { quantityPattern, quantityValue } from "../../components/kubernetes/quantity.ts";

describe("image references", () => {
  const cases: [string, string][] = [
    ["redis", "docker.io/library/redis"],
    ["redis:8@sha256:ab", "docker.io/library/redis:8@sha256:ab"],
    ["owner/app:1", "docker.io/owner/app:1"],
    ["localhost/app", "localhost/app"],
    ["localhost:5000/app", "localhost:5000/app"],
    ["registry.example.com/a/b:1", "registry.example.com/a/b:1"],
  ];
  for (const [reference, canonical] of cases) {
    it(`reads ${reference} as ${canonical}`, () => {
      assert.equal(canonicalImage(reference), canonical);
    });
  }

  it("takes another registry only for what would come from docker.io", () => {
    const settings = { registry: "mirror.example.com/hub/" };
    assert.equal(resolveImage("redis", "redis:8", settings), "mirror.example.com/hub/library/redis:8");
    assert.equal(resolveImage("app", "quay.example.com/app:1", settings), "quay.example.com/app:1");
  });

  it("takes a service's own reference as it is, whatever the registry", () => {
    assert.equal(resolveImage("redis", "redis:8", { registry: "r.example.com", redis: "mine:1" }), "mine:1");
  });

  it("takes only a full sha256 for a digest", () => {
    assert.equal(hasDigest(`a@sha256:${"0".repeat(64)}`), true);
    assert.equal(hasDigest("a@sha256:00"), false);
    assert.equal(hasDigest("a:sha256"), false);
  });
});

describe("quantities", () => {
  for (const good of ["1", "0.5", "100m", "64Mi", "1e3", "2Gi", ".5"]) {
    it(`accepts ${good}`, () => {
      assert.match(good, quantityPattern);
    });
  }
  for (const bad of ["", "64MB", "1 Gi", "Mi", "-1", "1gi", "1.2.3"]) {
    it(`refuses ${JSON.stringify(bad)}`, () => {
      assert.doesNotMatch(bad, quantityPattern);
    });
  }
  it("compares across suffixes", () => {
    assert.ok(quantityValue("1Gi") > quantityValue("1G"));
    assert.ok(quantityValue("500m") < quantityValue("1"));
    assert.equal(quantityValue("1024Ki"), quantityValue("1Mi"));
  });
});

describe("addresses of API servers", () => {
  for (const near of [
    "https://127.0.0.1:1",
    "https://localhost",
    "https://10.1.2.3",
    "https://172.31.0.1",
    "https://192.168.49.2:8443",
    "https://[::1]:1",
    "https://kube.local",
  ]) {
    it(`${near} is private`, () => {
      assert.equal(isPrivate(near), true);
    });
  }
  for (const far of [
    "https://8.8.8.8",
    "https://172.32.0.1",
    "https://10.1.2.3.example.com",
    "https://abc.eks.example.com",
    "nonsense",
  ]) {
    it(`${far} is not private`, () => {
      assert.equal(isPrivate(far), false);
    });
  }
});

describe("nginx's configuration", () => {
  it("serves the page for unknown paths and passes /api/ on", () => {
    const text = edgeConfiguration(3000, "server:5000", "none");
    assert.match(text, /listen 3000;/);
    assert.match(text, /try_files \$uri \$uri\/ \/index\.html;/);
    assert.match(text, /location \/api\/ \{\n {4}proxy_pass http:\/\/server:5000\/;/);
    assert.doesNotMatch(text, /ssl|301/);
  });

  it("ends TLS on its one port and redirects plain HTTP there", () => {
    const text = edgeConfiguration(3000, "server:5000", "nginx");
    assert.match(text, /listen 3000 ssl;/);
    assert.match(text, /ssl_certificate_key \/etc\/nginx\/tls\/tls\.key;/);
    assert.match(text, /error_page 497 =301 https:\/\/\$http_host\$request_uri;/);
  });

  it("behind an Ingress redirects what came to that as plain HTTP", () => {
    const text = edgeConfiguration(3000, "server:5000", "ingress");
    assert.match(text, /listen 3000;/);
    assert.match(text, /if \(\$http_x_forwarded_proto = "http"\)/);
    assert.doesNotMatch(text, /ssl/);
  });
});
