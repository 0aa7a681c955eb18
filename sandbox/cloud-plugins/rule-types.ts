// What a simulated cloud accepts, as data: the types of `sandbox/cloud-plugins/<cloud>/*.yaml`. Every name, type and limit
// in those files comes from the cloud's own API model, which each file cites; the Pulumi spelling of a name is the
// model's in camelCase.

import type { ControllerRule, NodeRule } from "./cloud-controllers.ts";

/** One file of rules: the types of one service. */
export interface RuleFile {
  /** The API model the whole file follows, with its version. */
  readonly source: string;
  /** By Pulumi type token, such as `aws:eks/cluster:Cluster`. */
  readonly types: Readonly<Record<string, TypeRule>>;
  /** Functions, by token. */
  readonly invokes?: Readonly<Record<string, InvokeRule>>;
  /** What the cloud's controllers do in its clusters. */
  readonly controllers?: readonly ControllerRule[];
  /** What the nodes of its clusters are. */
  readonly nodes?: NodeRule;
}

/**
 * One type of resource.
 *
 * Texts in `id`, `outputs`, `where` and `locks` may hold `{path}`: an input or output of this resource (`{name}`,
 * `{vpcConfig.subnetIds}`), `{path->property}` (that property of the resource which the input at `path` refers to),
 * or one of `{account} {region} {project} {projectNumber} {subscription} {tenant}` (of the provider), `{hex8} {hex17} {uuid} {digits12}`
 * (made once), `{now}` (of the creation), `{resource}` (its name in the program), `{server} {host} {ca}` (the simulated cluster's API server: URL, host:port
 * without scheme, base64 PEM).
 *
 * A path goes into a list by `[0]`; what is not there is the empty text.
 */
export interface TypeRule {
  /** Operations or messages of the model. */
  readonly source: string;
  readonly id: string;
  /** Input that gets `<resource name>-<7 hex digits>` where the program gives none. */
  readonly autoName?: string;
  /** Template of that name where a provider makes it otherwise. @default {resource}-{hex7}, as above */
  readonly autoNameAs?: string;
  readonly properties: Readonly<Record<string, PropertyRule>>;
  /** What the cloud adds, nested as the outputs are; texts are templates. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Templates that no two resources of this type may share. */
  readonly unique?: readonly string[];
  /** What must hold of other resources when this one is made or changed. */
  readonly constraints?: readonly ConstraintRule[];
  /** Input that forbids deletion while it is true. */
  readonly deletionProtection?: string;
  /** Id of the resource that cannot be deleted while this one is there. */
  readonly locks?: string;
  /** The lock is inherited: nothing whose id begins with that one can be deleted either. */
  readonly locksBelow?: boolean;
  /** Deletion only forgets it: the cloud keeps it for good. */
  readonly keptForever?: boolean;
  /** Where else the cloud shows it: in the resource of that type and id (a template), as this part of it. */
  readonly reflectedIn?: readonly {
    readonly type: string;
    readonly id: string;
    /** Property: a list gets the part as one more, known by its name; else it is the part. */
    readonly at: string;
    readonly value: Readonly<Record<string, unknown>>;
  }[];
  /** Seconds until it has effect on access. */
  readonly effectiveAfterSeconds?: number;
  /** It is a cluster: the sandbox's API server stands for it. */
  readonly isCluster?: boolean;
  /** APIs and admission that such a cluster comes with: a file in `installed/`. */
  readonly installs?: string;
  /** Seconds that to make, change or delete it takes here: long enough to be seen, not what it takes in the cloud. */
  readonly seconds?: number;
}

/** One property. `type` is the type in the program's language: numbers of the model are `integer` or `number`. */
export interface PropertyRule {
  readonly type: "string" | "integer" | "number" | "boolean" | "object" | "list" | "map";
  readonly required?: boolean;
  /** A change makes a new resource. Source: the update operation of the model does not take it. */
  readonly replaces?: boolean;
  /** A change is refused: the cloud has no update for it, and the provider does not make a new resource of it. */
  readonly fixed?: boolean;
  readonly enum?: readonly (string | number)[];
  /** Regular expression for the whole text. */
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  /** Of a list. */
  readonly items?: PropertyRule;
  /** Of an object; others are refused. */
  readonly properties?: Readonly<Record<string, PropertyRule>>;
  /** Of a map. */
  readonly values?: PropertyRule;
  /** What the cloud fills in where nothing is given. */
  readonly default?: unknown;
  /**
   * `<type token>.<output>`: the value is that output of a resource that is there; the resource cannot be deleted
   * before this one. Several tokens: any of them.
   */
  readonly refersTo?: string | readonly string[];
  /** The text is a CIDR block with a prefix of this length. */
  readonly cidr?: { readonly least: number; readonly most: number };
  /**
   * The CIDR lies within this property of the resource referred to by that input: `vpcId->cidrBlock`; without `->`,
   * within that input of this resource. An address is a CIDR of its own.
   */
  readonly cidrWithin?: string;
  /** The CIDR overlaps none of the same type that has the same value of this input. */
  readonly cidrDisjointBy?: string;
}

/** A condition on other resources; `message` is the cloud's answer where it does not hold. */
export type ConstraintRule =
  /** A resource of this type is there, with these values (templates) at these paths. */
  | { readonly exists: string; readonly where: Readonly<Record<string, string>>; readonly message: string }
  /**
   * A property of the resource (or of each) that the input at `of` refers to matches; with `when`, only where that
   * input is so.
   */
  | {
      readonly of: string;
      readonly property: string;
      readonly matches: string;
      readonly message: string;
      readonly when?: string;
      readonly is?: string | number | boolean;
    }
  /** The resources that the list at `of` refers to have so many different values of a property. */
  | {
      readonly of: string;
      readonly property: string;
      readonly distinct: { readonly least: number; readonly most: number };
      readonly message: string;
    }
  /** Where an input has this value, another one must match. `else` what it must match otherwise. */
  | {
      readonly when: string;
      readonly is: string | number | boolean;
      readonly path: string;
      readonly matches: string;
      readonly message: string;
    };

/** A function: it finds one resource, and answers from it. */
export interface InvokeRule {
  readonly source: string;
  readonly arguments: Readonly<Record<string, PropertyRule>>;
  /** Type of the resource it is about, and which inputs of that are equal to which arguments (templates). */
  readonly about: string;
  readonly where: Readonly<Record<string, string>>;
  /** The answer; texts are templates over the resource, and `{ base64: <text> }` is that text in base64. */
  readonly answer: Readonly<Record<string, unknown>>;
}
