/** Where the certificate's Secret is mounted in the edge's container. */
export const tlsMountPath = "/etc/nginx/tls";

/** Where TLS ends: nowhere, in this nginx, or at an Ingress in front of it. */
export type TlsEnd = "none" | "nginx" | "ingress";

/**
 * nginx's `default.conf` for the edge: the page, and `/api/X` passed on as `/X`.
 *
 * One route leads to the whole application, so no controller has to rewrite paths. With TLS in nginx, plain
 * HTTP on the same port is answered with a redirect (nginx's own status 497), so one Service port is enough.
 * Source: nginx.org, ngx_http_ssl_module, "Error Processing"; ngx_http_proxy_module, `proxy_pass`.
 *
 * @param upstream `host:port` of the service behind `/api/`; resolved when nginx starts.
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
