// Registers whatever resources.json beside it lists: the programs of the conformance cases are data.
import { readFileSync } from "node:fs";
import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { Listed, Program } from "../project.ts";

class Any extends pulumi.CustomResource {}

const { provider: args, resources } = JSON.parse(readFileSync("resources.json", "utf8")) as Program;
const provider = new Provider("cluster", args);
const made = new Map<string, Any>();
for (const { type, name, options = {}, secret = [], after = [], ...rest } of resources) {
  const [version = "", kind = ""] = type.split(":");
  const props: Record<string, unknown> = {
    apiVersion: version.replace(/^core\//, ""),
    kind,
    ...(rest as Listed).props,
  };
  for (const key of secret) props[key] = pulumi.secret(props[key]);
  const dependsOn = after.flatMap((each) => made.get(each) ?? []);
  made.set(name, new Any(`kubernetes:${type}`, name, props, { ...options, provider, dependsOn }));
}
