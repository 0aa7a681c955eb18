import { systemNodes, withSurge } from "../../components/cluster/aks/node-count.ts";

/** The parts of a VM size's name: https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions */
const form = /^Standard_([A-Z]+)(\d+)([a-z]*)((?:_[A-Za-z0-9]+)*?)(?:_v(\d+))?$/;

/** The sizes that AKS nodes may have, in words, and one of them; undefined where the name of the size is no reason against it. */
export function vmSizeProblem(
  size: string,
): { readonly title: string; readonly example: string } | undefined {
  const [, family = "", count = "", features = "", accelerator = "", version = "1"] = form.exec(size) ?? [];
  if (features.includes("p")) {
    const title = "a size with an x86 processor, without p in its name: the images are for amd64 only";
    return { title, example: "Standard_D4ds_v5" };
  }
  // DS and GS are names of the first two versions.
  if (family !== "" && !features.includes("s") && !family.endsWith("S")) {
    const title =
      "a size that takes premium disks, on which the claims are: with s in its name " +
      "(https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions)";
    const premium = `Standard_${family}${count}${features}s${accelerator}_v${version}`;
    return { title, example: /^[DE]/.test(family) && features.includes("d") ? premium : "Standard_D4ds_v5" };
  }
  if (features.includes("d")) return undefined;
  const least = leastCpus(family, Number(version));
  if ((cpusOf(size) ?? least) < least) {
    const title =
      "a size with room for the system disk of 64 GiB: " +
      `with ${String(least)} CPUs or more, or with d in its name`;
    return { title, example: "Standard_D4ds_v5" };
  }
  if (!isDiskless(family, Number(version))) return undefined;
  const title =
    "a size with a local disk, which holds the system disk: with d in its name " +
    "(https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions)";
  const withDisk = `Standard_${family}${count}${features.replace("s", "")}ds${accelerator}_v${version}`;
  // Of the D and E families there are both kinds.
  return { title, example: /^[DE]/.test(family) ? withDisk : "Standard_D4ds_v5" };
}

/** The number of CPUs of a size, where its name says it: that of the first two versions of D and G is a grade. */
export function cpusOf(size: string): number | undefined {
  const [, family = "", count, , , version = "1"] = form.exec(size) ?? [];
  if (count === undefined || (/^[DG]S?$/.test(family) && Number(version) < 3)) return undefined;
  return Number(count);
}

/** The most CPUs that there are at once: both pools at their largest, while both are upgraded. A size that hides its number counts as 4. */
export function mostCpus(nodes: {
  readonly vmSize: string;
  readonly systemVmSize: string;
  readonly max: number;
}): number {
  const [system = 4, user = 4] = [cpusOf(nodes.systemVmSize), cpusOf(nodes.vmSize)];
  return withSurge(systemNodes.max) * system + withSurge(nodes.max) * user;
}

/**
 * The least number of CPUs with which the cache or the local disk of a size without d in its name holds 64 GiB. D2s_v3 and
 * E2s_v3 have a cache of 50 GiB, F2s_v2 of 32 and F4s of 48; the first B have no cache, and a disk of 8 GiB for each CPU.
 *
 * Sources: dv3-dsv3-series, fsv2-series, sizes-previous-gen and sizes-b-series-burstable in
 * https://learn.microsoft.com/azure/virtual-machines/ (the cache is in brackets behind its throughput).
 */
function leastCpus(family: string, version: number): number {
  if (version === 1 && /^[BF]$/.test(family)) return 8;
  return version < 5 && /^[DEF]$/.test(family) ? 4 : 0;
}

/**
 * Tells whether sizes of a family have a local disk only where the name says so. Older ones have one without saying so, such
 * as D4s_v3 and D4as_v4, and other families have one of another kind (L): they are not refused.
 *
 * Sources: https://learn.microsoft.com/azure/virtual-machines/azure-vms-no-temp-disk (D and E from version 5 on), and
 * "Local Storage: None" in sizes/compute-optimized/fasv6-series and sizes/general-purpose/bsv2-series beside it.
 */
function isDiskless(family: string, version: number): boolean {
  return (/^[DEF]/.test(family) && version >= 5) || (family === "B" && version >= 2);
}
