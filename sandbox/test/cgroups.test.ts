import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cgroupObstacle, makeCgroup, removeCgroup } from "../node/cgroups.ts";
import { scratch } from "./build-scratch.ts";

describe("the cgroup of a node", () => {
  let here: ReturnType<typeof scratch>;
  let top: string;
  beforeEach(() => {
    here = scratch();
    top = join(here.folder, "cgroup");
  });
  afterEach(() => {
    here.end();
  });
  /** A computer with version 2, where systemd turned on what its units use. */
  const version2 = (on = "cpu io memory pids") => {
    here.write("cgroup/cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma misc\n");
    here.write("cgroup/cgroup.subtree_control", `${on}\n`);
    here.write("cgroup/cgroup.procs", "1\n");
  };
  const node = () => ({ cgroup: "multi-client-1", record: join(here.folder, "cgroup-controllers") });
  const control = () => readFileSync(join(top, "cgroup.subtree_control"), "utf8");

  it("has all controllers that the kubelet wants, and those that were off are off again after it", async () => {
    version2("cpu io memory pids cpuset");
    await makeCgroup(node(), top);
    assert.equal(control(), "+hugetlb");
    assert.ok(existsSync(join(top, "multi-client-1")));
    await removeCgroup(node(), top);
    assert.equal(control(), "-hugetlb");
    assert.deepEqual([existsSync(join(top, "multi-client-1")), existsSync(node().record)], [false, false]);
  });

  it("turns nothing off that was on before it", async () => {
    version2("cpuset cpu memory hugetlb pids");
    await makeCgroup(node(), top);
    await removeCgroup(node(), top);
    assert.equal(control(), "cpuset cpu memory hugetlb pids\n");
  });

  it("turns off what an earlier start turned on, too", async () => {
    version2();
    await makeCgroup(node(), top);
    here.write("cgroup/cgroup.subtree_control", "cpuset cpu io memory hugetlb pids\n");
    await makeCgroup(node(), top);
    assert.equal(readFileSync(node().record, "utf8"), "cpuset\nhugetlb\n");
  });

  it("is one in each hierarchy of version 1", async () => {
    for (const hierarchy of ["cpu", "memory"]) here.write(`cgroup/${hierarchy}/cgroup.procs`, "1\n");
    here.write("cgroup/README", "");
    await makeCgroup(node(), top);
    const made = () => ["cpu", "memory"].map((each) => existsSync(join(top, each, "multi-client-1")));
    assert.deepEqual(made(), [true, true]);
    await removeCgroup(node(), top);
    assert.deepEqual(made(), [false, false]);
  });

  it("is refused to a container whose processes are in the way, and where there are no cgroups", () => {
    assert.match(cgroupObstacle(top) ?? "", /^a real node needs cgroups, and \S+ has none$/);
    version2();
    assert.equal(cgroupObstacle(top), undefined);
    here.write("cgroup/cgroup.type", "domain\n");
    assert.match(cgroupObstacle(top) ?? "", /needs cpuset and hugetlb in cgroups below .* in its way$/);
    version2("cpuset cpu memory hugetlb pids");
    assert.equal(cgroupObstacle(top), undefined);
  });
});
