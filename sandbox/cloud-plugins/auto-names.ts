import { randomBytes } from "node:crypto";
import type { Cloud } from "./cloud-rules.ts";
import type { TypeRule } from "./rule-types.ts";
import { expandText, generatedValues } from "./template.ts";

const hex = (digits: number): string => randomBytes(4).toString("hex").slice(0, digits);

/** The suffixes by which the providers name a resource. */
const suffixes: Readonly<Record<Cloud, () => string>> = {
  aws: () => `-${hex(7)}`,
  "azure-native": () => hex(8),
  gcp: () => `-${hex(7)}`,
};

/**
 * Names a resource to which the program gives no name.
 *
 * @param resource its name in the program.
 * @see https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming
 */
export function autoName(cloud: Cloud, { autoNameAs }: TypeRule, resource: string): string {
  if (autoNameAs === undefined) return `${resource}${suffixes[cloud]()}`;
  const made = generatedValues();
  return expandText(autoNameAs, (name) => (name === "resource" ? resource : made(name)));
}
