/** A message that the CLI shows beside a resource while it lasts. */
export interface StatusMessage {
  readonly text: string;
  readonly severity: "info" | "warning";
}

/** The result of one look at an awaited object. */
export interface Observation {
  readonly isReady: boolean;
  /** The problems that are reported when the time is over. */
  readonly problems: readonly string[];
  /** The messages that are shown while the wait goes on. */
  readonly messages: readonly StatusMessage[];
  /**
   * A text that must not change for a while before the object counts as ready; empty while there is nothing to compare.
   *
   * @default the object counts as ready at once
   */
  readonly settling?: string;
}

export const info = (text: string): StatusMessage => ({ text, severity: "info" });
export const warning = (text: string): StatusMessage => ({ text, severity: "warning" });
