// How a cloud reads networks. The program's own arithmetic is not used: a proof must not share it.

/**
 * The range of numbers of an IPv4 network; an address is a network of its own.
 *
 * @returns undefined for a text that is no network, or has bits behind its prefix.
 */
export function cidrRange(given: string): { first: number; last: number; prefix: number } | undefined {
  const text = given.includes("/") ? given : `${given}/32`;
  const [, address = "", length = ""] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(text) ?? [];
  const octets = address.split(".").map(Number);
  const prefix = Number(length);
  if (length === "" || prefix > 32 || octets.some((octet) => octet > 255)) return undefined;
  const first = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const size = 2 ** (32 - prefix);
  return first % size === 0 ? { first, last: first + size - 1, prefix } : undefined;
}

/** Tells whether a network lies within another one. */
export function isWithin(inner: string, outer: string): boolean {
  const [a, b] = [cidrRange(inner), cidrRange(outer)];
  return a !== undefined && b !== undefined && a.first >= b.first && a.last <= b.last;
}

/** Tells whether two networks have no address in common. A text that is no network has none. */
export function isDisjoint(one: string, other: string): boolean {
  const [a, b] = [cidrRange(one), cidrRange(other)];
  return a === undefined || b === undefined || a.last < b.first || b.last < a.first;
}
