/** A passing line beside a resource. */
export interface Note {
  readonly text: string;
  readonly severity: "info" | "warning";
}

/** What one look at an awaited object showed. */
export interface View {
  readonly isReady: boolean;
  /** What is reported if the time is over now. */
  readonly problems: readonly string[];
  /** What is shown while the wait goes on. */
  readonly notes: readonly Note[];
  /** Where being ready must last a while: what must not change meanwhile, empty if it is not there yet. */
  readonly settling?: string;
}

export const info = (text: string): Note => ({ text, severity: "info" });
export const warning = (text: string): Note => ({ text, severity: "warning" });
