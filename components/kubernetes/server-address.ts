import { isIPv4 } from "node:net";

/** Tells whether the URL leads to this computer itself, as a port published by a container engine does. */
export function isLoopback(server: string): boolean {
  const host = hostOf(server);
  return host === "localhost" || host === "[::1]" || (isIPv4(host) && host.startsWith("127."));
}

/** Tells whether the URL leads to this computer or a private network (RFC 1918, RFC 4193, link-local, `.local`). */
export function isPrivate(server: string): boolean {
  const host = hostOf(server);
  if (isLoopback(server) || /\.(local|internal|localhost)$/.test(host)) return true;
  if (host.startsWith("[")) return /^\[(f[cd]|fe8)/.test(host);
  return isIPv4(host) && /^(10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))\./.test(host);
}

/** The host of a URL, with IPv6 in brackets; empty for text that is no URL. */
export function hostOf(server: string): string {
  return URL.canParse(server) ? new URL(server).hostname : "";
}
