import assert from "node:assert/strict";
import { accountOf } from "../../config/accounts.ts";
import { accounts, fixOf, providers } from "./facts.ts";

describe("the account of a stack", () => {
  for (const provider of providers)
    for (const key of Object.keys(accounts[provider])) {
      const without = Object.fromEntries(Object.entries(accounts[provider]).filter(([each]) => each !== key));

      it(`is refused without ${key}`, () => {
        const { account, problems } = accountOf(provider, without, "refused");
        assert.throws(() => JSON.stringify(account));
        assert.deepEqual(
          problems.map((each) => [each.key, each.found]),
          [[key, "nothing"]],
        );
        assert.match(fixOf(problems[0]).join(), new RegExp(`^pulumi config set --stack prod '${key}' `));
      });

      it(`is refused with a ${key} of another form, or with a blank in it`, () => {
        for (const value of ["No Such Thing", accounts[provider][key]?.replace(/\w/, "$& ") ?? ""])
          assert.deepEqual(
            accountOf(provider, { ...without, [key]: value }, "refused").problems.map((each) => each.key),
            [key],
          );
      });
    }

  it("has all its problems at once where nothing is set", () => {
    assert.equal(accountOf("aks", {}, "refused").problems.length, 3);
  });

  it("is refused with the key that was probably meant", () => {
    const { "aws:region": region = "", ...rest } = accounts.eks;
    const { problems } = accountOf("eks", { ...rest, "aws:regoin": region }, "refused");
    assert.match(problems[0]?.found ?? "", /there: aws:regoin/);
  });

  it("is refused in quotes where YAML made its number a number, with the zeros that it lost", () => {
    const fixes = ["[123456789012]", "123456789012", "[12345678901]"].map((text) => {
      const [problem] = accountOf(
        "eks",
        { ...accounts.eks, "aws:allowedAccountIds": text },
        "refused",
      ).problems;
      assert.match(problem?.expected ?? "", /in quotes: aws:allowedAccountIds: \["\d{12}"\]$/);
      return fixOf(problem);
    });
    const set = "pulumi config set --stack prod 'aws:allowedAccountIds'";
    const [whole, padded] = [[`${set} '["123456789012"]'`], [`${set} '["012345678901"]'`]];
    assert.deepEqual(fixes, [whole, whole, padded]);
  });

  it("is no placeholder, on a simulated cloud nothing else, and either where nothing is deployed", () => {
    const placeholder = { ...accounts.eks, "aws:allowedAccountIds": '["111122223333"]' };
    assert.match(accountOf("eks", placeholder, "refused").problems[0]?.found ?? "", /a placeholder value/);
    assert.deepEqual(accountOf("eks", placeholder, "required").problems, []);
    for (const either of [placeholder, accounts.eks])
      assert.deepEqual(accountOf("eks", either, "allowed").problems, []);
    const [problem] = accountOf("eks", accounts.eks, "required").problems;
    assert.match(problem?.expected ?? "", /^\["111122223333"\]: .*serve only what cannot be anybody's/);
  });
});
