/** What a hint may name. */
export interface Facts {
  readonly stack: string;
  readonly namespace: string;
  /** The context deployed to. */
  readonly context: string;
  /** `kubectl`, with what leads it to the cluster. */
  readonly kubectl: string;
  /** URL of the backend. */
  readonly backend: string;
  /** How the CLI is called by hand, for this backend. */
  readonly pulumi: string;
}

/** A known failure of the CLI: how its output shows it, and what to say instead of it. */
export interface Hint {
  /** In the CLI's, the provider's or the API server's own words. */
  readonly pattern: RegExp;
  readonly message: (facts: Facts, match: RegExpExecArray) => string;
}
