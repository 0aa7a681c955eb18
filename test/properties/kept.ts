import type { Raw } from "./settings.ts";

/** Configurations that a property once failed on: what was wrong, and the counterexample. They are tried first. */
export const kept: readonly (readonly [found: string, raw: Raw])[] = [];
