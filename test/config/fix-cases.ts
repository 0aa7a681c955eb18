import { isManagedProvider } from "../../config/clouds/index.ts";
import type { Facts } from "../../config/checks.ts";
import { fixLines, type Fix, type Problem } from "../../config/problems.ts";
import { readSettings } from "../../config/raw-settings.ts";
import { accountOf } from "../../config/accounts.ts";
import { validate } from "../../config/validate.ts";
import { services } from "../../services.ts";
import { certificate, key as privateKey } from "../support/tls.ts";
import { amountRefusals } from "./amount-refusals.ts";
import { accounts, facts, managed, providers } from "./facts.ts";
import { keyRefusals, textRefusals } from "./key-refusals.ts";
import { managedRefusals, memberRefusals, networkRefusals } from "./managed-refusals.ts";
import { plainHttpRefusals } from "./plain-http-refusals.ts";
import { refusals, serviceRefusals } from "./refusals.ts";

type Settings = Readonly<Record<string, unknown>>;

/** A stack file that is refused: its title, and what is below `config:` in it. */
export type FixCase = readonly [title: string, config: Settings];

const providerDisabled = { "pulumi:disable-default-providers": ["kubernetes"] };
const ours = (raw: Settings): Record<string, unknown> =>
  Object.fromEntries(Object.entries(raw).map(([key, value]) => [`multi-client:${key}`, value]));

/** A stack file of refused settings, with the account of its cloud and without the default Kubernetes provider. */
function fileOf(raw: Settings): Record<string, unknown> {
  const { provider } = (raw.cluster ?? {}) as { provider?: unknown };
  return { ...providerDisabled, ...(isManagedProvider(provider) && accounts[provider]), ...ours(raw) };
}

/** Every stack file that a table of this folder refuses. */
export const fixCases: readonly FixCase[] = [
  ...[
    ...refusals,
    ...serviceRefusals,
    ...managedRefusals,
    ...networkRefusals,
    ...plainHttpRefusals,
    ...memberRefusals,
    ...keyRefusals,
    ...textRefusals,
  ].map(([title, raw]): FixCase => [title, fileOf(raw)]),
  ...amountRefusals.flatMap(([key, raw, amounts]) =>
    amounts.map(([value]): FixCase => [`${key} as ${JSON.stringify(value)}`, fileOf(raw(value))]),
  ),
  ...providers.flatMap((provider) =>
    Object.keys(accounts[provider]).flatMap((key): FixCase[] => {
      const rest = { ...fileOf(managed[provider]) };
      Reflect.deleteProperty(rest, key);
      return [
        [`no ${key}`, rest],
        [`a wrong ${key}`, { ...rest, [key]: "No Such Thing" }],
      ];
    }),
  ),
  ["the default Kubernetes provider", ours({ cluster: { provider: "minikube" } })],
  [
    "a misspelt key with a group behind it",
    fileOf({ cluster: { provider: "minikube" }, services: { clinet: { scale: { replicas: 2 } } } }),
  ],
];

/** What fills the blanks of commands in: what somebody would know who pastes them. */
export const blanks: Readonly<Record<string, string>> = {
  "<context>": "near",
  "<image>": `redis:8@sha256:${"0a".repeat(32)}`,
  "<64 hex digits>": "0a".repeat(32),
  "<your registry>": "registry.corp.test",
  "<your host name>": "shop.corp.test",
  "<owner>": "platform",
  "<cost centre>": "cc-1",
  "<your network>": "198.51.100.0/24",
  "<host>": "s3.example.com",
  "<bucket>": "backups",
  "<network of the endpoint>": "10.1.0.0/16",
  "<account>": "123456789012",
  "<role>": "platform",
  "<role ARN>": "arn:aws:iam::123456789012:role/platform",
  "<address>": "platform@corp.test",
  "<12 digits>": "123456789012",
  "<project id>": "corp-multi-client",
  "<id>": "11111111-2222",
  "<the ARN of an ACM certificate>": "arn:aws:acm:eu-central-1:123456789012:certificate/11111111-2222",
  "<the name of a Certificate Manager map>": "multi-client",
};

/** The files that commands read. */
export const files: Readonly<Record<string, string>> = {
  "certificate.pem": certificate,
  "key.pem": privateKey,
};

/** The text of a setting as the engine hands it over, with its secrets in clear; and whether it holds one. */
function textOf(value: unknown): readonly [text: string, isSecret: boolean] {
  let isSecret = false;
  const text = JSON.stringify(value, (_, each: unknown) => {
    const { secure } = (each ?? {}) as { secure?: unknown };
    if (secure !== undefined) isSecret = true;
    return secure ?? each;
  });
  return [typeof value === "string" ? value : text, isSecret];
}

/** The problems of what is below `config:` in the file of stack prod. @param change of the facts beside it */
export function problemsIn(config: Settings, change: Partial<Facts> = {}): readonly Problem[] {
  const read = Object.entries(config).map(([key, value]) => [key, ...textOf(value)] as const);
  const all = Object.fromEntries(read.map(([key, text]) => [key, text]));
  const { sections, cloud } = readSettings(all);
  const { account, problems } =
    cloud === undefined ? { account: {}, problems: [] } : accountOf(cloud, all, "refused");
  const secretSections = read.flatMap(([key, , isSecret]) =>
    isSecret ? [key.replace("multi-client:", "")] : [],
  );
  const disabled = config["pulumi:disable-default-providers"];
  return [
    ...problems,
    ...validate(sections, services, {
      ...facts,
      account,
      secretSections,
      defaultProviderDisabled: Array.isArray(disabled) && disabled.includes("kubernetes"),
      ...change,
    }).problems,
  ];
}

/** The ways in which a fix can be pasted: its lines, and those of each alternative. None for an edit by hand. */
export function waysOf(fix: Fix, shell: { readonly pulumi: string; readonly root: string }): string[][] {
  if (fix.kind === "edit") return [];
  const { or, ...first } = fix;
  return [fixLines(first, "prod", shell), ...(or ? waysOf(or.fix, shell) : [])];
}

/** Fills the blanks of lines in. @throws Error for one that nobody would know */
export const filledIn = (lines: readonly string[]): string[] =>
  lines.map((line) =>
    line.replace(/<[^<>]+>/g, (blank) => {
      const value = blanks[blank];
      if (value === undefined) throw new Error(`nothing fills ${blank} in: ${line}`);
      return value;
    }),
  );
