/**
 * The quantities that Kubernetes accepts for CPU and memory, with at most 20 digits and three of exponent: more means
 * nothing, and an API server works for minutes on `1e99999999999`.
 *
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export const quantityPattern =
  /^[+]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,3})?$/;

const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The value of a quantity in cores or bytes, to compare two of them. The text must match {@link quantityPattern}. */
export function quantityValue(quantity: string): number {
  const suffix = /[KMGTPE]i$|[numkMGTPE]$/.exec(quantity)?.[0] ?? "";
  return Number(quantity.slice(0, quantity.length - suffix.length)) * (factors[suffix] ?? 1);
}
