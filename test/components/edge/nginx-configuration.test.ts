import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { edgeConfiguration, listenOnIpv6, listenPath } from "../../../components/edge/nginx-configuration.ts";

describe("nginx's configuration", () => {
  for (const [tls, line] of [
    ["none", "listen [::]:3000;\n"],
    ["nginx", "listen [::]:3000 ssl;\n"],
  ] as const) {
    it(`listens on IPv6 as well where the kernel has it, with TLS in ${tls}`, () => {
      const folder = mkdtempSync(join(tmpdir(), "listen-"));
      const [shell = "", ...args] = listenOnIpv6(3000, tls).map((arg) => arg.replaceAll(listenPath, folder));
      execFileSync(shell, args);
      const [file] = readdirSync(folder);
      const written = file === undefined ? undefined : readFileSync(join(folder, file), "utf8");
      assert.equal(written, existsSync("/proc/net/if_inet6") ? line : undefined);
      execFileSync(
        shell,
        args.map((arg) => arg.replace("/proc/net/if_inet6", "/nowhere")),
      ); // ends well all the same
      assert.match(edgeConfiguration(3000, "server:5000", tls), /include \/etc\/nginx\/listen\/\*\.conf;/);
      rmSync(folder, { recursive: true });
    });
  }

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
    assert.match(text, /^ {2}ssl_protocols TLSv1\.2 TLSv1\.3;$/m);
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
