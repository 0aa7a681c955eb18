import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { clusterDown } from "../../sandbox/index.ts";
import { list, removeNamespace } from "./cluster.ts";
import { folder, isSandbox, kubeconfig, prefix } from "./world.ts";

/** Clusters that the run started and did not end: its own, and those that simulated clouds handed out. */
function clusters(): string[] {
  return ["kwok/clusters", "nodes"].flatMap((kind) => {
    try {
      return readdirSync(join(folder, "state", "multi-client", kind));
    } catch {
      return [];
    }
  });
}

/**
 * Removes what the run left, whatever became of it: on its own cluster that cluster, on any other the namespaces that
 * bear its prefix; then its folder.
 */
export async function sweep(): Promise<void> {
  if (isSandbox) {
    for (const name of clusters()) await clusterDown({ name, kubeconfig, log: () => undefined });
  } else {
    const names = (await list("Namespace", "")).map(({ metadata }) => String(metadata.name));
    await Promise.all(names.filter((name) => name.startsWith(prefix)).map(removeNamespace));
  }
  // A process that just ended may still write what it compiled.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
