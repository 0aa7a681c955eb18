/** The path at which the certificate's Secret is mounted in the edge's container. */
export const tlsMountPath = "/etc/nginx/tls";

/** The place where TLS ends: nowhere, in this nginx, or at an Ingress in front of it. */
export type TlsEnd = "none" | "nginx" | "ingress";

/**
 * The `default.conf` of the edge's nginx, which serves the page and passes `/api/X` on as `/X`.
 *
 * One route leads to the whole application, so no controller has to rewrite paths. With TLS in nginx, plain
 * HTTP on the same port is answered with a redirect (nginx's own status 497), so one Service port is enough.
 *
 * @param upstream the service behind `/api/`, as `host:port`; nginx resolves it when it starts
 * @see https://nginx.org/en/docs/http/ngx_http_ssl_module.html#errors,
 * https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass
 */
export function edgeConfiguration(port: number, upstream: string, tls: TlsEnd): string {
  const listen = tls === "nginx" ? `listen ${port.toString()} ssl;` : `listen ${port.toString()};`;
  const certificate = [
    `  ssl_certificate ${tlsMountPath}/tls.crt;`,
    `  ssl_certificate_key ${tlsMountPath}/tls.key;`,
    "  error_page 497 =301 https://$http_host$request_uri;",
  ];
  const behindIngress = [
    '  if ($http_x_forwarded_proto = "http") {',
    "    return 301 https://$http_host$request_uri;",
    "  }",
  ];
  return [
    "server {",
    `  ${listen}`,
    ...(tls === "nginx" ? certificate : tls === "ingress" ? behindIngress : []),
    "  root /usr/share/nginx/html;",
    "  server_tokens off;",
    "  location /api/ {",
    `    proxy_pass http://${upstream}/;`,
    "    proxy_set_header Host $http_host;",
    "    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    "    proxy_http_version 1.1;",
    '    proxy_set_header Connection "";',
    "  }",
    "  location / {",
    "    try_files $uri $uri/ /index.html;",
    "  }",
    "}",
    "",
  ].join("\n");
}
