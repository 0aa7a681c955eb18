/** A passing line beside a resource. */
export interface StatusMessage {
  readonly text: string;
  readonly severity: "info" | "warning";
}

/** What one look at an awaited object showed. */
export interface Observation {
  readonly isReady: boolean;
  /** What is reported if the time is over now. */
  readonly problems: readonly string[];
  /** What is shown while the wait goes on. */
  readonly messages: readonly StatusMessage[];
  /** Where being ready must last a while: what must not change meanwhile, empty if it is not there yet. */
  readonly settling?: string;
}

export const info = (text: string): StatusMessage => ({ text, severity: "info" });
export const warning = (text: string): StatusMessage => ({ text, severity: "warning" });
