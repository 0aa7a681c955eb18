import assert from "node:assert/strict";
import { edgeConfiguration } from "../../../components/edge/nginx-configuration.ts";

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

  it("redirects requests that reached the Ingress in front of it by plain HTTP", () => {
    const text = edgeConfiguration(3000, "server:5000", "ingress");
    assert.match(text, /listen 3000;/);
    assert.match(text, /if \(\$http_x_forwarded_proto = "http"\)/);
    assert.doesNotMatch(text, /ssl/);
  });
});
