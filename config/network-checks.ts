import { contains, overlap, parseCidr } from "../components/cluster/cidr.ts";
import type { NetworkField, Networks } from "./clouds/cloud-target.ts";
import { problem as settingProblem, settingKey, type Problem } from "./problems.ts";
import { collectProblems, ifReadable } from "./poisoned.ts";

type Cidrs = Readonly<Partial<Record<NetworkField, string>>>;

/** Problems with the networks of a cluster, each by itself and one beside the other. */
export function networkProblems(provider: string, networks: Networks, cidrs: Cidrs): Problem[] {
  const fields = Object.keys(networks.sizes) as NetworkField[];
  return collectProblems(
    ...fields.map((field) => () => {
      const expected = networkExpectation(provider, networks, field, cidrs);
      return expected === undefined ? [] : [problem(field, cidrs, expected)];
    }),
    ...fields.map((field) => () => reservedProblems(provider, networks, field, cidrs)),
    ...fields.map((field, index) => () => {
      const other = fields
        .slice(0, index)
        .find((before) => ifReadable(() => overlap(cidrs[before] ?? "", cidrs[field] ?? "")));
      if (other === undefined) return [];
      const expected = `a network that does not overlap ${settingKey(path(other))} (${cidrs[other] ?? ""})`;
      return [problem(field, cidrs, expected)];
    }),
  );
}

const path = (field: NetworkField) => ["cluster", "network", field];

const problem = (field: NetworkField, cidrs: Cidrs, expected: string): Problem =>
  settingProblem(path(field), cidrs[field], expected, freeNetwork(field, cidrs));

/** A network that every cloud takes in that place, and that overlaps none of the others. */
export function freeNetwork(field: NetworkField, cidrs: Cidrs): string {
  const usual = { cidr: "10.0.0.0/16", podCidr: "10.244.0.0/16", serviceCidr: "172.20.0.0/16" };
  const others = Object.keys(usual).filter((each) => each !== field && each in cidrs) as NetworkField[];
  const isFree = (cidr: string) =>
    !others.some((other) => ifReadable(() => overlap(cidr, cidrs[other] ?? "")));
  // Two others, /9 at the largest, cannot take all of these.
  return [usual[field], "10.128.0.0/16", "172.20.0.0/16", "192.168.0.0/16"].find(isFree) ?? usual[field];
}

/** Tells what is allowed where a network is not private, or of a size that the cloud does not take. */
export function networkExpectation(
  provider: string,
  { sizes }: Networks,
  field: NetworkField,
  cidrs: Cidrs,
): string | undefined {
  const cidr = cidrs[field] ?? "";
  if (!isPrivateNetwork(cidr)) return "a private network (RFC 1918), without host bits";
  const { prefix } = parseCidr(cidr);
  const taken = sizes[field];
  if (!taken || (prefix >= taken.largest && prefix <= taken.smallest)) return undefined;
  const why = taken.source === undefined ? "" : ` on ${provider} (${taken.source})`;
  return `a network from /${String(taken.largest)} to /${String(taken.smallest)}${why}`;
}

function reservedProblems(
  provider: string,
  { reserved }: Networks,
  field: NetworkField,
  cidrs: Cidrs,
): Problem[] {
  if (!reserved?.cidrs.some((each) => overlap(each, cidrs[field] ?? ""))) return [];
  const expected = `a network without ${reserved.cidrs.join(" and ")}, which ${provider} keeps for itself (${reserved.source})`;
  return [problem(field, cidrs, expected)];
}

/** Tells whether a network is one of RFC 1918, and named by its first address. */
export function isPrivateNetwork(cidr: string): boolean {
  const blocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
  return parseCidr(cidr).isAligned && blocks.some((block) => contains(block, cidr));
}
