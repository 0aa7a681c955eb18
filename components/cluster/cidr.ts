/** An IPv4 network: its first and last address as numbers. */
export interface Cidr {
  readonly first: number;
  readonly last: number;
  readonly prefix: number;
  /** `true` where the text names the network's first address, as clouds want it. */
  readonly isAligned: boolean;
}

/** Reads a network such as `10.0.0.0/16`, which the configuration checked. Bits behind the prefix do not count. */
export function parseCidr(text: string): Cidr {
  const [address = "", length = ""] = text.split("/");
  const prefix = Number(length);
  const size = 2 ** (32 - prefix);
  const given = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const first = Math.floor(given / size) * size;
  return { first, last: first + size - 1, prefix, isAligned: first === given };
}

/** Tells whether two networks have an address in common. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [parseCidr(one), parseCidr(other)];
  return a.first <= b.last && b.first <= a.last;
}

/** Tells whether all of the inner network is in the outer one. */
export function contains(outer: string, inner: string): boolean {
  const [a, b] = [parseCidr(outer), parseCidr(inner)];
  return a.first <= b.first && b.last <= a.last;
}

/** The address at an index of a network. Index 0 is the network's own address. */
export function addressOf(cidr: string, index: number): string {
  const address = parseCidr(cidr).first + index;
  return [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join(".");
}

/**
 * The networks of one size that lie side by side within another.
 *
 * @param offset the number of networks of that size that are left free before the first. @default 0
 * @throws Error where one of them would be outside.
 */
export function subnets(cidr: string, prefix: number, count: number, offset = 0): string[] {
  const size = 2 ** (32 - prefix);
  const found = Array.from(
    { length: count },
    (_, index) => `${addressOf(cidr, (offset + index) * size)}/${String(prefix)}`,
  );
  const outside = found.find((each) => !contains(cidr, each));
  if (outside !== undefined) throw new Error(`${outside} is not within ${cidr}`);
  return found;
}

/** The two subnets of a zone. */
export interface ZoneSubnets {
  readonly zone: string;
  /** The subnet of nodes and pods. */
  readonly privateCidr: string;
  /** The subnet of load balancers and NAT gateways. */
  readonly publicCidr: string;
}

/**
 * A private and a public subnet for each of three zones: a private one is an eighth of the network, and behind the three
 * of them each public one is a 64th. The upper half stays free, for what comes later: a subnet never grows.
 *
 * `10.0.0.0/16` gives `/19` and `/22`, and `/20`, the smallest, `/23` and `/26`: an Application Load Balancer wants a
 * `/27` (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html), a VPC
 * takes nothing smaller than `/28`.
 */
export function zoneSubnets(cidr: string, zones: readonly string[]): ZoneSubnets[] {
  const { prefix } = parseCidr(cidr);
  return zones.map((zone, index) => {
    const [privateCidr = ""] = subnets(cidr, prefix + 3, 1, index);
    const [publicCidr = ""] = subnets(cidr, prefix + 6, 1, 3 * 8 + index);
    return { zone, privateCidr, publicCidr };
  });
}
