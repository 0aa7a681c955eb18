// Registers whatever resources.json beside it lists: the programs of the conformance cases are data.
import { readFileSync } from "node:fs";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { Listed, Program } from "../project.ts";

class Any extends pulumi.CustomResource {}

/** Properties with `${name.path}` replaced by that output: of a resource that is not made yet it is not known. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item)]));
  const [, name = "", path = ""] = /^\$\{([\w-]+)\.(.*)\}$/.exec(String(value)) ?? [];
  const resource = made.get(name) as unknown as Record<string, pulumi.Output<unknown>> | undefined;
  if (resource === undefined) return value;
  const [first = "", ...rest] = path.split(".");
  const at = (known: unknown) => rest.reduce((all, key) => (all as Record<string, unknown>)[key], known);
  return resource[first]?.apply(at);
}

const { provider: args, resources } = JSON.parse(readFileSync("resources.json", "utf8")) as Program;
const provider = new Provider("cluster", args);
const made = new Map<string, Any>();
for (const { type, name, options = {}, secret = [], after = [], ...rest } of resources) {
  const [version = "", kind = ""] = type.split(":");
  const props: Record<string, unknown> = {
    apiVersion: version.replace(/^core\//, ""),
    kind,
    ...(resolved((rest as Listed).props) as object),
  };
  for (const key of secret) props[key] = pulumi.secret(props[key]);
  const dependsOn = after.flatMap((each) => made.get(each) ?? []);
  made.set(name, new Any(`kubernetes:${type}`, name, props, { ...options, provider, dependsOn }));
}
