/** The number that this run's random choices follow from. @default the time; SEED=n repeats a run */
export const seed = Number(process.env.SEED ?? Math.floor(Date.now() / 1000));

const isWhole = process.env.CI === "true";

/** Locally, one case in so many is tried: that many seeds in a row are all of them. */
const STEP = 20;

/** The cases that this run tries: in CI all of them. They are listed by setting, so that each setting has some. */
export function sample<T>(cases: readonly T[]): readonly T[] {
  return isWhole ? cases : cases.filter((_, index) => index % STEP === seed % STEP);
}

/** Says in a title that only a sample is tried, and how to try the same one again. */
export const sampleTitle = isWhole ? "" : ` (1 in ${String(STEP)}; SEED=${String(seed)})`;
