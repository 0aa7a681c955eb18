import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { daysLeft, supported, type ManagedProvider } from "../../config/kubernetes-versions.ts";

/** Says how long each stack's Kubernetes version is supported; ends with code 1 where that is less than `ahead` days. */
function main(ahead: number, now: Date): void {
  for (const file of readdirSync(".").filter((name) => /^Pulumi\..+\.yaml$/.test(name))) {
    const { config } = parse(readFileSync(file, "utf8")) as {
      config?: Record<string, { provider?: string; kubernetesVersion?: string } | undefined>;
    };
    const { provider = "", kubernetesVersion = "1.36" } = config?.["multi-client:cluster"] ?? {};
    if (!(provider in supported)) continue;
    const { versions, source } = supported[provider as ManagedProvider];
    const support = versions[kubernetesVersion];
    const days = support === undefined ? -1 : daysLeft(support, now);
    const end =
      support === undefined
        ? "not in config/kubernetes-versions.ts"
        : `until ${support.exact ? "" : "about "}${support.end}`;
    console.log(
      `${file}: Kubernetes ${kubernetesVersion} on ${provider}: ${end}, ${String(days)} days (${source})`,
    );
    if (days < ahead) process.exitCode = 1;
  }
}

main(Number(process.argv[2] ?? 60), new Date());
