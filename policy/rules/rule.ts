/** Stands for a value that only a deployment knows. No rule passes on it. */
export const unknown: unique symbol = Symbol("unknown");

/** A resource as a program registers it. Nothing else is known to a rule: it never reads the configuration. */
export interface Resource {
  readonly urn: string;
  /** The type token, such as `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  readonly name: string;
  /** The inputs; {@link unknown} stands in the place of each value that is not known yet. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly protect: boolean;
  readonly retainOnDelete: boolean | typeof unknown;
}

/** How much a finding weighs. The words are those of Pulumi's policy packs. */
export type Level = "mandatory" | "advisory" | "disabled";

/** The kind of a stack: `managed` registers its cluster in a cloud, and everything else is deployed `elsewhere`. */
export type StackClass = "managed" | "elsewhere";

/** A place in a resource that does not satisfy a rule, or of which nobody can say yet whether it does. */
export interface Finding {
  /** The place in the resource, in words: `container server`. Never a value. */
  readonly at: string;
  readonly problem: string;
  readonly isUnknown: boolean;
}

/** The part of a rule that the API server enforces, also for objects that are not the program's. */
export interface Admission {
  /** The objects that are asked, by API group and resource: `{ apps: ["deployments"] }`. */
  readonly resources: Readonly<Record<string, readonly string[]>>;
  /** CEL expressions by name, which the others read as `variables.name`. @default none */
  readonly variables?: Readonly<Record<string, string>>;
  /** A CEL expression: the list of the places that do not satisfy the rule, as texts. */
  readonly offenders: string;
  /** What is wrong at these places. */
  readonly problem: string;
}

/** A rule of the policy: data, and two pure functions. */
export interface Rule {
  readonly name: string;
  /** `stack` where the check reads other resources too. */
  readonly scope: "resource" | "stack";
  readonly level: Readonly<Record<StackClass, Level>>;
  /** Tells by its type whether a resource is checked. */
  readonly applies: (type: string) => boolean;
  /**
   * Gives what is wrong in one resource; nothing where it satisfies the rule.
   *
   * @param stack is all resources of the stack.
   */
  readonly check: (resource: Resource, stack: readonly Resource[]) => readonly Finding[];
  readonly why: string;
  /** The address of the text that the rule follows. */
  readonly source: string;
  /** @default the API server does not enforce the rule */
  readonly admission?: Admission;
}

/** Everywhere mandatory. */
export const mandatory = { managed: "mandatory", elsewhere: "mandatory" } as const;
/** Mandatory where the stack makes its cluster, advice elsewhere. */
export const mandatoryIfManaged = { managed: "mandatory", elsewhere: "advisory" } as const;
/** Only for clusters that the stack makes: elsewhere data may be thrown away, and one pod is enough. */
export const managedOnly = { managed: "mandatory", elsewhere: "disabled" } as const;
/** Everywhere advice. */
export const advisory = { managed: "advisory", elsewhere: "advisory" } as const;

/** Gives a test for types of these names. */
export function types(...names: readonly string[]): (type: string) => boolean {
  const all = new Set(names);
  return (type) => all.has(type);
}

/**
 * Reads a value by its path, `spec.template` or the keys one by one where a key has dots. Below {@link unknown}
 * everything is unknown; undefined where nothing is there.
 */
export function read(value: unknown, path: string | readonly string[]): unknown {
  const keys = typeof path === "string" ? path.split(".") : path;
  return keys.reduce<unknown>((found, key) => {
    if (found === unknown || found === undefined || found === null) return found ?? undefined;
    return (found as Record<string, unknown>)[key];
  }, value);
}

/** The items of a list; one {@link unknown} item where the list is unknown, none where it is not there. */
export function items(value: unknown): readonly unknown[] {
  if (value === unknown) return [unknown];
  return Array.isArray(value) ? value : [];
}

function hasUnknown(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === unknown;
  return Object.values(value).some(hasUnknown);
}

/** Asks something of a value; the answer is {@link unknown} where the value is. */
export const ask = (value: unknown, question: (value: unknown) => boolean): unknown =>
  value === unknown ? unknown : question(value);

/** Tells whether a network is so large that it names nobody: /8 is the largest that anybody was given. */
export const isWide = (cidr: unknown): boolean => Number(String(cidr).split("/")[1]) < 8;

/** Tells whether one of the answers is yes; {@link unknown} where none is, and one is unknown. */
export function either(...answers: readonly unknown[]): unknown {
  if (answers.includes(true)) return true;
  return answers.includes(unknown) ? unknown : false;
}

/** Tells whether the stack has a resource of a type that matches, as {@link either} does. */
export function exists(
  stack: readonly Resource[],
  type: string,
  matches: (resource: Resource) => boolean,
): unknown {
  const candidates = stack.filter((resource) => resource.type === type);
  return either(...candidates.map((resource) => (hasUnknown(resource.inputs) ? unknown : matches(resource))));
}

/** Gives the finding of a value that does not hold, or that is unknown, be it in a part; nothing of one that holds. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the type that the caller expects there
export function expect<T = unknown>(
  at: string,
  value: unknown,
  holds: (value: T | undefined) => boolean,
  problem: string,
): readonly Finding[] {
  if (hasUnknown(value)) return [{ at, problem, isUnknown: true }];
  return holds(value as T | undefined) ? [] : [{ at, problem, isUnknown: false }];
}

/** Gives a check of one field of the resource itself, which the finding names. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the type that the caller expects there
export function field<T = unknown>(
  path: string | readonly string[],
  holds: (value: T | undefined) => boolean,
  problem: string,
): Rule["check"] {
  const at = typeof path === "string" ? path : path.join(".");
  return ({ inputs }) => expect(at, read(inputs, path), holds, problem);
}

/** Joins checks of which each resource must pass all. */
export function all(...checks: readonly Rule["check"][]): Rule["check"] {
  return (resource, stack) => checks.flatMap((check) => check(resource, stack));
}

/** Gives a check that depends on the type of the resource; a type without a check of its own passes. */
export function byType(checks: Readonly<Record<string, Rule["check"]>>): Pick<Rule, "applies" | "check"> {
  return {
    applies: types(...Object.keys(checks)),
    check: (resource, stack) => checks[resource.type]?.(resource, stack) ?? [],
  };
}
