// The types of the rules of a simulated cloud, which are data: `cloud-plugins/<cloud>/*.yaml`. Every name, type and
// limit there comes from the cloud's own API model, which each file cites; Pulumi spells the names of the model in
// camelCase.

import type { ControllerRule, NodeRule } from "./cloud-controllers.ts";

/** A file of rules: the types of one service of the cloud. */
export interface RuleFile {
  /** The API model that the file follows, with its version. */
  readonly source: string;
  /** The types of resources by their Pulumi tokens, such as `aws:eks/cluster:Cluster`. */
  readonly types: Readonly<Record<string, TypeRule>>;
  /** The functions by their tokens. @default none */
  readonly invokes?: Readonly<Record<string, InvokeRule>>;
  /** The cloud's controllers in its clusters. @default none */
  readonly controllers?: readonly ControllerRule[];
  /** The nodes of its clusters. @default those of another file */
  readonly nodes?: NodeRule;
}

/**
 * A type of resource.
 *
 * Texts in `id`, `outputs`, `where` and `locks` may hold `{path}`: an input or output of this resource (`{name}`,
 * `{vpcConfig.subnetIds}`), `{path->property}` (that property of the resource which the input at `path` refers to), or
 * one of `{account} {region} {project} {projectNumber} {subscription} {tenant}` (of the provider), `{hex8} {hex17}
 * {uuid} {digits12}` (made once), `{now}` (of the creation), `{resource}` (its name in the program), `{server} {host}
 * {ca}` (the simulated cluster's API server: URL, host:port without scheme, base64 PEM).
 *
 * A path goes into a list by `[0]`; what is not there is the empty text.
 */
export interface TypeRule {
  /** The operations or messages of the model. */
  readonly source: string;
  /** The template of its id. */
  readonly id: string;
  /** The input that gets a generated name where the program gives none. @default none */
  readonly autoName?: string;
  /** The template of that name. @default the resource's name and 7 or 8 hex digits, as the provider does */
  readonly autoNameAs?: string;
  readonly properties: Readonly<Record<string, PropertyRule>>;
  /** The outputs that the cloud adds to the inputs; texts are templates. @default none */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** The templates whose texts no two resources of this type may share. @default none */
  readonly unique?: readonly string[];
  /** The conditions on other resources when this one is made or changed. @default none */
  readonly constraints?: readonly ConstraintRule[];
  /** The input that forbids deletion while it is true. @default none */
  readonly deletionProtection?: string;
  /** The id of a resource that cannot be deleted while this one is there. @default none */
  readonly locks?: string;
  /** The lock also holds for every resource whose id begins with that one. @default false */
  readonly locksBelow?: boolean;
  /** The cloud never deletes it; a deletion only takes it from the state. @default false */
  readonly keptForever?: boolean;
  /** The program leaves it in the account when the stack goes: it is none of the leftovers. @default false */
  readonly outlivesStack?: boolean;
  /** The other resources, by type and id (a template), in which the cloud shows this one. @default none */
  readonly reflectedIn?: readonly {
    readonly type: string;
    readonly id: string;
    /** The property: a list gets one more item, which is known by its name; any other property becomes the value. */
    readonly at: string;
    readonly value: Readonly<Record<string, unknown>>;
  }[];
  /** The seconds in the cloud until it has effect on access. @default 0 */
  readonly effectiveAfterSeconds?: number;
  /** It is a cluster, for which the sandbox's API server stands. @default false */
  readonly isCluster?: boolean;
  /** What it takes of a limit that the account may have; `{left}` and `{asked}` are amounts. @default nothing */
  readonly takes?: {
    readonly limit: string;
    readonly message: string;
    /** The inputs with the size and the number of its virtual machines, whose CPUs count. @default it counts as one */
    readonly machines?: { readonly size: string; readonly count: string };
  };
  /** The features that an input of this value needs, and the cloud's answer where one is not registered. @default none */
  readonly needsFeatures?: readonly {
    readonly feature: string;
    readonly when: string;
    readonly is: string | boolean;
    readonly message: string;
  }[];
  /** The input that is the Kubernetes version of a control plane. @default it is none */
  readonly version?: string;
  /** The template of the id on which the cloud works for one caller at a time. @default it works for all */
  readonly exclusive?: string;
  /** What the cloud removes some time after this one, and what cannot be deleted before. @default nothing */
  readonly leaves?: {
    /** The templates of its id, and of the id that it keeps. */
    readonly id: string;
    readonly keeps: string;
    readonly message: string;
    /** The seconds in the cloud. */
    readonly seconds: number;
  };
  /**
   * The files in `installed/` with the APIs and admission policies that come to the cluster with it, and the input that must
   * have a value for that. @default none
   */
  readonly installs?: readonly {
    readonly file: string;
    readonly when?: { readonly path: string; readonly is: string };
  }[];
  /** The seconds that a change takes here: long enough to be seen, not what it takes in the cloud. @default 0 */
  readonly seconds?: number;
}

/** A property. */
export interface PropertyRule {
  /** The type in the program's language: numbers of the model are `integer` or `number`. */
  readonly type: "string" | "integer" | "number" | "boolean" | "object" | "list" | "map";
  readonly required?: boolean;
  /** A change makes a new resource, because the update operation of the model does not take it. @default false */
  readonly replaces?: boolean;
  /**
   * A change is refused: the cloud has no update for it, and the provider does not replace the resource. @default false
   */
  readonly fixed?: boolean;
  readonly enum?: readonly (string | number)[];
  /** The regular expression that the whole text must match. @default any text */
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** The items of a list. @default anything */
  readonly items?: PropertyRule;
  /** The properties of an object; others are refused. @default none */
  readonly properties?: Readonly<Record<string, PropertyRule>>;
  /** The values of a map. @default anything */
  readonly values?: PropertyRule;
  /** The value that the cloud fills in. @default none */
  readonly default?: unknown;
  /**
   * `<type token>.<output>`: the value is that output of an existing resource, which cannot be deleted before this one.
   * With several tokens it is a resource of any of these types.
   */
  readonly refersTo?: string | readonly string[];
  /** The regular expression of texts that refer to something outside of what is simulated. @default none does */
  readonly refersOutside?: string;
  /** The text is a CIDR block whose prefix has such a length. */
  readonly cidr?: { readonly least: number; readonly most: number };
  /**
   * The CIDR block lies within this property of the resource that the input refers to (`vpcId->cidrBlock`), or, without
   * `->`, within that input of this resource. An address is a block of its own.
   */
  readonly cidrWithin?: string;
  /** The CIDR block overlaps none of a resource of this type that has the same value of this input. */
  readonly cidrDisjointBy?: string;
}

/** A condition on other resources; `message` is the cloud's answer where it does not hold. */
export type ConstraintRule =
  /** A resource of this type exists with these values, which are templates, at these paths. */
  | { readonly exists: string; readonly where: Readonly<Record<string, string>>; readonly message: string }
  /**
   * A property of each resource that the input at `of` refers to matches a regular expression; with `when`, only where
   * that input has this value.
   */
  | {
      readonly of: string;
      readonly property: string;
      readonly matches: string;
      readonly message: string;
      readonly when?: string;
      readonly is?: string | number | boolean;
    }
  /** The resources that the list at `of` refers to have this number of different values of a property. */
  | {
      readonly of: string;
      readonly property: string;
      readonly distinct: { readonly least: number; readonly most: number };
      readonly message: string;
    }
  /** Where an input has this value, another one matches a regular expression. */
  | {
      readonly when: string;
      readonly is: string | number | boolean;
      readonly path: string;
      readonly matches: string;
      readonly message: string;
    };

/** A function, which finds a resource and answers from it. */
export interface InvokeRule {
  readonly source: string;
  readonly arguments: Readonly<Record<string, PropertyRule>>;
  /** The type of the resource that answers, and the values (templates of arguments) that it has at these paths. */
  readonly about: string;
  readonly where: Readonly<Record<string, string>>;
  /** The answer: texts are templates over the resource, and `{ base64: <text> }` is that text in base64. */
  readonly answer: Readonly<Record<string, unknown>>;
}
