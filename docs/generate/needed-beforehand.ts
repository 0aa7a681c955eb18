import { clouds, isManagedProvider } from "../../config/clouds/index.ts";
import { accountNeeds, type AccountFacts, type AccountNeed } from "../../launcher/clouds/account-needs.ts";
import { code, table } from "../../system/markdown.ts";
import { shellWord } from "../../system/shell-command.ts";

/**
 * The page docs/needed-beforehand.md.
 *
 * @param clusters are `multi-client:cluster` of each committed stack; those of stacks that make no cluster are left out.
 */
export function neededBeforehandPage(clusters: Readonly<Record<string, unknown>>): string {
  const sections = Object.entries(clusters).flatMap(([stack, raw]) => {
    const { provider } = raw as { readonly provider?: unknown };
    if (!isManagedProvider(provider)) return [];
    const { cluster, account } = clouds[provider];
    // Words in capitals, which the reader replaces.
    const names = Object.keys(account).map((name) => [name, name.replace(/Id$/, "").toUpperCase()] as const);
    const facts: AccountFacts = { stack, account: Object.fromEntries(names), cluster: cluster.parse(raw) };
    const rows = (accountNeeds[provider] as readonly AccountNeed[]).map((need) => [
      need.what(facts),
      need
        .ask(facts)
        .map((words) => code(words.map(shellWord).join(" ")))
        .join("<br>"),
      code(need.fix(facts)),
    ]);
    return [
      `## ${provider.toUpperCase()} (${code(stack)})`,
      table(["needed", "asked by", "where it is missing"], rows),
    ];
  });
  return [
    "# Needed beforehand",
    "What an account must have before the first `make up`. The page is generated from " +
      "[`launcher/clouds/account-needs.ts`](../launcher/clouds/account-needs.ts); a test keeps it current.",
    "`make check STACK=prod` asks the account for all of it. The numbers are those of the committed stack files; what is deployed " +
      "already counts as used. Azure has quotas of each family of sizes beside that of the region, which are not asked.",
    "The deployer's rights are those of [`deployer-rights.ts`](../launcher/clouds/deployer-rights.ts), taken from each cloud's " +
      "documentation of its actions; the runbook says [which roles have them](runbook.md#rights-of-the-deployer). They are asked for all " +
      "resources at once: a deployer who may do something to some names alone is told of a lack that may be none. Those for `backup.bucket` are asked where the stack has one, and left out here. **These questions " +
      "were answered by simulated accounts only, by no real one.**",
    ...sections,
    "",
  ].join("\n\n");
}
