import { cloudOf, clouds, type Account, type ManagedProvider, type Placeholders } from "./clouds/index.ts";
import type { AccountSetting } from "./clouds/cloud-target.ts";
import { poison } from "./poisoned.ts";
import { setConfig } from "../system/shell-command.ts";
import { commands, nearest, shown, type Problem } from "./problems.ts";

/**
 * The account of a stack: settings of the cloud's own provider, which enforces them. They are read here to refuse what
 * is missing before the first resource, and because names of regions are part of a kubeconfig.
 *
 * @param all the whole configuration as the engine hands it over: text by full key.
 * @returns the account, in which a setting that is refused cannot be read (`poisoned.ts`), and the refusals.
 */
export function accountOf(
  provider: ManagedProvider,
  all: Readonly<Record<string, string>>,
  placeholders: Placeholders,
): { readonly account: Account; readonly problems: readonly Problem[] } {
  const account: Record<string, string> = {};
  const problems = Object.entries(cloudOf(provider).account).flatMap(([field, setting]) => {
    const value = accountValue(setting, all[setting.key]);
    const found = settingProblems(setting, value, all, placeholders);
    if (value === undefined || found.length > 0) poison(account, [field]);
    else account[field] = value;
    return found;
  });
  return { account, problems };
}

/** The value of a setting of the account; undefined for one that is missing, or has not the form. */
function accountValue({ list, pattern }: AccountSetting, text: string | undefined): string | undefined {
  const value = list === true ? /^\s*\[\s*"([^"]*)"\s*\]\s*$/.exec(text ?? "")?.[1] : text;
  return value !== undefined && pattern.test(value) ? value : undefined;
}

/** A setting of the account as the engine hands it over. */
export function accountText({ list }: AccountSetting, value: string): string {
  return list === true ? JSON.stringify([value]) : value;
}

function settingProblems(
  setting: AccountSetting,
  value: string | undefined,
  all: Readonly<Record<string, string>>,
  placeholders: Placeholders,
): Problem[] {
  const { key, title: expected, placeholder, example } = setting;
  const set = (to: string) => commands(setConfig(key, to, false));
  const text = all[key];
  if (text === undefined) {
    const known = new Set(Object.values(clouds).flatMap(({ account }) => keysOf(account)));
    const others = Object.keys(all).filter((there) => !known.has(there));
    const close = nearest(key, others);
    const found = close === undefined ? "nothing" : `nothing (there: ${close})`;
    return [{ key, found, expected, fix: set(example) }];
  }
  const found = shown(text);
  const [, digits] = /^\s*\[?\s*(\d{9,12})\s*\]?\s*$/.exec(text) ?? [];
  if (value === undefined && setting.list === true && digits !== undefined) {
    // YAML reads an account number without quotes as a number, which has no leading zeros.
    const whole = accountText(setting, digits.padStart(12, "0"));
    return [{ key, found, expected: `${expected}, in quotes: ${key}: ${whole}`, fix: set(whole) }];
  }
  if (value === undefined) return [{ key, found, expected, fix: set(example) }];
  if (placeholder === undefined || placeholders === "allowed") return [];
  if ((value === placeholder) === (placeholders === "required")) return [];
  if (placeholders === "refused") {
    const own = `${expected}: your own`;
    return [{ key, found: `${found}, a placeholder value`, expected: own, fix: set(example) }];
  }
  const wanted = accountText(setting, placeholder);
  const only = `${wanted}: the sandbox's clouds, which PLUGINS=standin asks for, serve only what cannot be anybody's`;
  return [{ key, found, expected: only, fix: set(wanted) }];
}

/** Tells whether the account is the one that documentation uses as an example, however it is written. */
export function isPlaceholderAccount(
  provider: ManagedProvider,
  all: Readonly<Record<string, string>>,
): boolean {
  return Object.values<AccountSetting>(cloudOf(provider).account).every(
    ({ key, placeholder }) =>
      placeholder === undefined || all[key]?.replaceAll(/[[\]"\s]/g, "") === placeholder,
  );
}

const keysOf = (account: Readonly<Record<string, AccountSetting>>): string[] =>
  Object.values(account).map(({ key }) => key);
