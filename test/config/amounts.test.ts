import assert from "node:assert/strict";
import { validate } from "../../config/validate.ts";
import { services } from "../../services.ts";
import { amountRefusals, amountsTaken } from "./amount-refusals.ts";
import { facts, fixOf } from "./facts.ts";

/** The list, with room for any limit above the requests. */
const roomy = Object.fromEntries(
  Object.entries(services).map(([key, service]) => [key, { ...service, resources: {} }]),
);

describe("an amount", () => {
  amountRefusals.forEach(([key, raw, amounts], index) => {
    for (const [value, meant] of amounts)
      it(`of ${key} is refused as ${JSON.stringify(value)}, and ${meant} is suggested`, () => {
        const [problem, ...others] = validate(raw(value), roomy, facts).problems;
        assert.deepEqual(others, []);
        assert.equal(problem?.key, `multi-client:${key}`);
        const [fix = ""] = fixOf(problem);
        assert.ok(fix.endsWith(` ${meant}`), fix);
      });

    it(`of ${key} is accepted with a unit, or as a number of bytes or CPUs`, () => {
      for (const value of amountsTaken[index] ?? [])
        assert.deepEqual(validate(raw(value), roomy, facts).problems, [], String(value));
    });
  });

  it("is suggested with a question, and only where it is clear", () => {
    const [, memory] = amountRefusals;
    const expected = (value: string) =>
      validate(memory?.[1](value) ?? {}, roomy, facts).problems[0]?.expected;
    assert.equal(expected("256m"), "a quantity of whole bytes from 6Mi to 8Ei; did you mean 256Mi?");
    assert.equal(expected("much"), "a quantity of whole bytes from 6Mi to 8Ei");
  });
});
