/** The path at which the certificate's Secret is mounted in the edge's container. */
export const tlsMountPath = "/etc/nginx/tls";

/** The folder in which {@link listenOnIpv6} leaves its line, and nginx finds it. */
export const listenPath = "/etc/nginx/listen";

const listen = (address: string, tls: TlsEnd): string => `listen ${address}${tls === "nginx" ? " ssl" : ""};`;

/**
 * The command that has nginx listen on IPv6 as well where the kernel has it, before nginx starts. `listen [::]:PORT` cannot
 * stand in the configuration: on a kernel without IPv6 nginx ends with "Address family not supported by protocol". The file
 * is the one by which nginx's own image decides (10-listen-on-ipv6-by-default.sh of nginxinc/docker-nginx).
 */
export function listenOnIpv6(port: number, tls: TlsEnd): string[] {
  const line = listen(`[::]:${port.toString()}`, tls);
  return ["sh", "-c", `[ ! -e /proc/net/if_inet6 ] || echo '${line}' >${listenPath}/ipv6.conf`];
}

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
  const certificate = [
    // The default of the image's nginx takes TLS 1.0 and 1.1 too.
    "  ssl_protocols TLSv1.2 TLSv1.3;",
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
    `  ${listen(port.toString(), tls)}`,
    `  include ${listenPath}/*.conf;`,
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
