import { value, type Env } from "./folders.ts";

/** The names under which a computer reaches itself. */
const loopback = ["127.0.0.1", "localhost", "::1"];
const proxies = ["http_proxy", "https_proxy", "all_proxy", "grpc_proxy"];

/**
 * The variables with which nothing on this computer is asked for through a proxy; none where no proxy is set. The engine and
 * the program speak over gRPC on 127.0.0.1, and its client takes `https_proxy` for that too, unless `no_proxy` names the
 * address (@grpc/grpc-js, src/http_proxy.ts, which reads the spelling in lower case alone).
 */
export function directLoopback(env: Env): Record<string, string> {
  const set = (name: string) => value(env[name]) ?? value(env[name.toUpperCase()]);
  if (proxies.every((name) => set(name) === undefined)) return {};
  const names = [
    "no_proxy",
    "NO_PROXY",
    ...(value(env.no_grpc_proxy) === undefined ? [] : ["no_grpc_proxy"]),
  ];
  return Object.fromEntries(
    names.map((name) => {
      const text = value(env[name]) ?? set("no_proxy") ?? "";
      return [name, [...new Set([...text.split(",").filter(Boolean), ...loopback])].join(",")];
    }),
  );
}
