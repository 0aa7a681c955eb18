import { kubeContexts } from "../../components/kubernetes/kubeconfig.ts";
import { validate } from "../../config/validate.ts";
import { fixtureKubeconfig, renderProgram, type Rendered } from "../../render/program.ts";
import { services } from "../../services.ts";
import type { Problem } from "../../config/problems.ts";
import type { Raw } from "./settings.ts";

/** What the program says of a configuration, its context being there; nothing when it accepts it. */
export function refusals(raw: Raw): readonly Problem[] {
  const cluster = typeof raw.cluster === "object" && raw.cluster !== null ? raw.cluster : {};
  return validate(raw, services, {
    secretSections: JSON.stringify(raw.exposure ?? "").includes("PRIVATE KEY") ? ["exposure"] : [],
    defaultProviderDisabled: true,
    contexts: kubeContexts([fixtureKubeconfig(cluster)]),
    kubeconfig: "~/.kube/config",
  }).problems;
}

/** What the program registers under an accepted configuration. */
export function rendered(raw: Raw): Promise<Rendered> {
  const config = Object.fromEntries(
    Object.entries(raw).map(([name, value]) => [`multi-client:${name}`, value]),
  );
  return renderProgram("sandbox", { "pulumi:disable-default-providers": ["kubernetes"], ...config });
}
