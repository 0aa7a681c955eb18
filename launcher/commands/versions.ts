import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { cloudOf } from "../../config/clouds/index.ts";
import { daysLeft, defaultKubernetesVersion } from "../../config/kubernetes-versions.ts";
import { readSettings } from "../../config/raw-settings.ts";

/** Says how long each stack's Kubernetes version is supported; ends with code 1 where that is less than `ahead` days. */
function main(ahead: number, now: Date): void {
  for (const file of readdirSync(".").filter((name) => /^Pulumi\..+\.yaml$/.test(name))) {
    const { config } = parse(readFileSync(file, "utf8")) as {
      config?: Record<string, unknown>;
    };
    const { cluster, cloud } = readSettings(config ?? {});
    if (cloud === undefined) continue;
    const kubernetesVersion = (cluster.kubernetesVersion ?? defaultKubernetesVersion) as string;
    const { versions, source } = cloudOf(cloud).versions;
    const support = versions[kubernetesVersion];
    const days = support === undefined ? -1 : daysLeft(support, now);
    const end =
      support === undefined
        ? `not in config/clouds/${cloud}.ts`
        : `until ${support.exact ? "" : "about "}${support.end}`;
    console.log(
      `${file}: Kubernetes ${kubernetesVersion} on ${cloud}: ${end}, ${String(days)} days (${source})`,
    );
    if (days < ahead) process.exitCode = 1;
  }
}

main(Number(process.argv[2] ?? 60), new Date());
