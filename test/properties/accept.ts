import { accountOf } from "../../config/accounts.ts";
import { isManagedProvider } from "../../config/clouds/index.ts";
import { kubeContexts, parseKubeconfig } from "../../system/kubeconfig.ts";
import { validate } from "../../config/validate.ts";
import { fixtureKubeconfig, renderProgram, type Rendered } from "../../render/program.ts";
import { services } from "../../services.ts";
import type { Problem } from "../../config/problems.ts";
import type { Raw } from "./settings.ts";

/** Accounts of all clouds: a stack file has those of its own. */
const accounts = {
  "aws:region": "eu-central-1",
  "aws:allowedAccountIds": '["111122223333"]',
  "azure-native:location": "westeurope",
  "azure-native:subscriptionId": "00000000-0000-0000-0000-000000000000",
  "azure-native:tenantId": "00000000-0000-0000-0000-000000000000",
  "gcp:region": "europe-west3",
  "gcp:project": "example-project",
};

/** What the program says of a configuration, its context being there; nothing when it accepts it. */
export function refusals(raw: Raw): readonly Problem[] {
  const cluster = typeof raw.cluster === "object" && raw.cluster !== null ? raw.cluster : {};
  const { provider } = cluster as { provider?: unknown };
  return validate(raw, services, {
    secretSections: JSON.stringify(raw.exposure ?? "").includes("PRIVATE KEY") ? ["exposure"] : [],
    defaultProviderDisabled: true,
    contexts: kubeContexts(parseKubeconfig(fixtureKubeconfig(cluster))),
    kubeconfig: "~/.kube/config",
    isDrill: false,
    now: new Date("2026-11-24"),
    placeholders: "required",
    stack: "sandbox",
    account: isManagedProvider(provider) ? accountOf(provider, accounts, "required").account : {},
  }).problems;
}

/** What the program registers under an accepted configuration. */
export function rendered(raw: Raw): Promise<Rendered> {
  const config = Object.fromEntries(
    Object.entries(raw).map(([name, value]) => [`multi-client:${name}`, value]),
  );
  const defaults = { "pulumi:disable-default-providers": ["kubernetes"], ...accounts };
  return renderProgram("sandbox", { ...defaults, ...config });
}
