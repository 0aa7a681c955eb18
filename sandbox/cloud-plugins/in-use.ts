import type { TypeRule } from "./rule-types.ts";
import { effectiveTime, type SimulatedAccount } from "./simulated-account.ts";
import { expandText, type Lookup } from "./template.ts";

/** The ids on which a cloud works for one caller at a time. */
export class ExclusiveWork {
  readonly #busy = new Set<string>();

  /** Works on what the rule names. @throws the cloud's answer where it works on that already */
  async run({ exclusive }: TypeRule, lookup: Lookup, work: () => Promise<void>): Promise<void> {
    if (exclusive === undefined) return work();
    const id = expandText(exclusive, lookup);
    if (this.#busy.has(id))
      throw new Error(
        `409 OperationNotAllowed: another operation is in progress on ${id}: try again when it is over`,
      );
    this.#busy.add(id);
    try {
      await work();
    } finally {
      this.#busy.delete(id);
    }
  }
}

/** Leaves what the cloud removes some time after the resource that it belongs to. */
export function leaveBehind(
  type: string,
  leaves: NonNullable<TypeRule["leaves"]>,
  account: SimulatedAccount,
  lookup: Lookup,
): void {
  const [id, keeps] = [expandText(leaves.id, lookup), expandText(leaves.keeps, lookup)];
  const message = expandText(leaves.message, (name) => ({ id, keeps })[name] ?? lookup(name));
  const effective = effectiveTime(leaves.seconds);
  account.put({
    type: `left by ${type}`,
    id,
    inputs: {},
    outputs: {},
    effective,
    keeps: { id: keeps, message },
  });
}

/** Looks whether something that was left keeps a resource from being deleted. @throws the cloud's answer where it does */
export function checkUnused(id: string, account: SimulatedAccount): void {
  for (const rest of account.all().filter(({ keeps }) => keeps?.id === id)) {
    if (rest.effective > Date.now()) throw new Error(rest.keeps?.message);
    account.remove(rest);
  }
}
