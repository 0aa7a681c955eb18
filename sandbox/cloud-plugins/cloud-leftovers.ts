import { join } from "node:path";
import { SimulatedAccount } from "./simulated-account.ts";
import { loadRules, type Cloud } from "./cloud-rules.ts";
import { at } from "../../system/fields.ts";

const cloudOf: Readonly<Record<string, Cloud>> = { eks: "aws", aks: "azure-native", gke: "gcp" };

/** Lists the ids of the resources in a simulated account, without those that its cloud never deletes, or that outlive a stack. */
export function cloudLeftovers(folder: string, provider: string): string[] {
  const cloud = cloudOf[provider];
  if (cloud === undefined) return [];
  const { types } = loadRules(cloud);
  return new SimulatedAccount(join(folder, cloud))
    .all()
    .filter(
      ({ type, inputs }) =>
        types[type]?.keptForever !== true &&
        types[type]?.outlivesStack !== true &&
        at(inputs, "tags", "keep") === undefined,
    )
    .map(({ id }) => id);
}
