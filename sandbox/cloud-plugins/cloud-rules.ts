import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { ControllerRule, NodeRule } from "./cloud-controllers.ts";
import type { InvokeRule, RuleFile, TypeRule } from "./rule-types.ts";

/** The clouds that are simulated, by the names of their Pulumi packages. */
export const clouds = ["aws", "azure-native", "gcp"] as const;
export type Cloud = (typeof clouds)[number];

/** The rules of a cloud. */
export interface CloudRules {
  readonly types: Readonly<Record<string, TypeRule>>;
  readonly invokes: Readonly<Record<string, InvokeRule>>;
  readonly controllers: readonly ControllerRule[];
  readonly nodes?: NodeRule | undefined;
}

/** Loads the rules of a cloud from all files of its folder. @throws when two files have rules for the same type. */
export function loadRules(cloud: Cloud): CloudRules {
  const folder = join(dirname(fileURLToPath(import.meta.url)), cloud);
  const types: Record<string, TypeRule> = {};
  const invokes: Record<string, InvokeRule> = {};
  const controllers: ControllerRule[] = [];
  let nodes: NodeRule | undefined;
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith(".yaml"))
    .sort()) {
    const file = parse(readFileSync(join(folder, name), "utf8")) as RuleFile;
    for (const [token, rule] of Object.entries(file.types)) {
      if (token in types) throw new Error(`${name}: ${token} has rules already`);
      types[token] = rule;
    }
    Object.assign(invokes, file.invokes ?? {});
    controllers.push(...(file.controllers ?? []));
    nodes = file.nodes ?? nodes;
  }
  return { types, invokes, controllers, nodes };
}
