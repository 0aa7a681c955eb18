import type { SimulatedAccount, CloudResource } from "./simulated-account.ts";
import type { TypeRule } from "./rule-types.ts";
import { expandTemplate, expandText, valueAt, type Lookup } from "./template.ts";
import type { Fields } from "../../system/fields.ts";

/**
 * The properties in which a cloud shows other resources in this one, once they are there. The provider takes them for
 * settings that somebody added: a program that does not name them would take them away again.
 */
export function reflectedProperties(
  { type, id, outputs }: CloudResource,
  account: SimulatedAccount,
  types: Readonly<Record<string, TypeRule>>,
  place: Lookup,
): Fields {
  const shown: Record<string, unknown> = {};
  // Most types reflect none. For those the account, a file for each resource, need not be read.
  const showsAny = Object.values(types).some((rule) => rule.reflectedIn?.some((each) => each.type === type));
  if (!showsAny) return shown;
  for (const other of account.all()) {
    const known: Lookup = (name) =>
      name === "id" ? other.id : (valueAt(other.outputs, name) ?? place(name));
    for (const { type: where, id: whose, at, value } of types[other.type]?.reflectedIn ?? []) {
      if (where !== type || expandText(whose, known) !== id) continue;
      const part = expandTemplate(value, known) as Fields;
      const there = shown[at] ?? outputs[at];
      shown[at] = Array.isArray(there)
        ? [...(there as Fields[]).filter(({ name }) => name !== part.name), part]
        : part;
    }
  }
  return shown;
}
