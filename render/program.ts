import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { parseValue } from "../config/raw-settings.ts";
import { parseStackFile } from "../config/stack-file.ts";
import { exampleOf, withExamples } from "./encrypted-settings.ts";
import { record, type Recorded } from "./recorder.ts";

/** The resources that a stack registers, and its outputs. */
export interface Rendered {
  readonly resources: readonly Recorded[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The stacks whose files are committed; a stack file of one's own beside them is not compared. */
export function committedStacks(): string[] {
  const files = execFileSync("git", ["ls-files", "Pulumi.*.yaml"], { encoding: "utf8" }).split("\n");
  return files.flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []).sort();
}

/** The configuration in a stack file, in which an example stands for everything that is encrypted. */
export function stackConfig(stack: string): Record<string, unknown> {
  const file = `Pulumi.${stack}.yaml`;
  const { texts } = parseStackFile(file, readFileSync(resolve(file), "utf8"));
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => {
      const value = parseValue(text);
      return [key, withExamples(value, (path) => exampleOf(key, path, value))];
    }),
  );
}

/**
 * Runs index.ts for a stack as it stands in the work tree, against a kubeconfig that has just its context.
 *
 * @param config full keys, e.g. `multi-client:exposure`; objects as objects.
 */
export async function renderProgram(stack: string, config: Record<string, unknown>): Promise<Rendered> {
  const folder = mkdtempSync(join(tmpdir(), "multi-client-render-"));
  const before = {
    kubeconfig: process.env.KUBECONFIG,
    secrets: process.env.PULUMI_CONFIG_SECRET_KEYS,
    placeholders: process.env.MULTI_CLIENT_PLACEHOLDERS,
  };
  try {
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, fixtureKubeconfig(config["multi-client:cluster"]));
    process.env.KUBECONFIG = kubeconfig;
    // Nothing is deployed: placeholder values are as good as one's own, and beside them.
    process.env.MULTI_CLIENT_PLACEHOLDERS = "allowed";
    process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(secretKeys(config));
    const texts = Object.entries(config).map(([key, value]) => [key, asText(value)]);
    const { resources, result } = await record(
      { project: "multi-client", stack, config: Object.fromEntries(texts) as Record<string, string> },
      loadProgram,
    );
    const outputs: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(result as Record<string, unknown>)) {
      if (value !== undefined) outputs[name] = await settled(pulumi.output(value));
    }
    return { resources, outputs };
  } finally {
    restore("KUBECONFIG", before.kubeconfig);
    restore("PULUMI_CONFIG_SECRET_KEYS", before.secrets);
    restore("MULTI_CLIENT_PLACEHOLDERS", before.placeholders);
    rmSync(folder, { recursive: true, force: true });
  }
}

function settled(output: pulumi.Output<unknown>): Promise<unknown> {
  return new Promise((done) => void output.apply(done));
}

let runs = 0;

/** Runs index.ts, under another address each time: the program runs when it is loaded, and a module is loaded once. */
function loadProgram(): Promise<unknown> {
  runs += 1;
  return import(`${pathToFileURL(resolve("index.ts")).href}?run=${String(runs)}`);
}

/** A kubeconfig with the one context that the configuration names, as minikube would have written it. */
export function fixtureKubeconfig(cluster: unknown): string {
  const { provider, profile, context } = (cluster ?? {}) as Record<string, unknown>;
  const name = provider === "minikube" ? (profile ?? "minikube") : (context ?? "none");
  const extensions = [{ name: "cluster_info", extension: { provider: "minikube.sigs.k8s.io" } }];
  const server = provider === "minikube" ? "https://192.168.49.2:8443" : "https://127.0.0.1:6443";
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    users: [],
    clusters: [{ name, cluster: { server, ...(provider === "minikube" && { extensions }) } }],
    contexts: [{ name, context: { cluster: name } }],
  });
}

function secretKeys(config: Record<string, unknown>): string[] {
  return Object.keys(config).filter((key) => JSON.stringify(config[key]).includes("PRIVATE KEY"));
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
