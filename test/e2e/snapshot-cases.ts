import assert from "node:assert/strict";
import { applicationLabels } from "../../components/kubernetes/labels.ts";
import { runSnapshotController } from "../../sandbox/index.ts";
import { at, type Fields, listAt, nameOf, textAt } from "../../system/fields.ts";
import { connectTo } from "../../system/kube-client.ts";
import type { CloudStack } from "./cloud-stack.ts";
import { failing } from "./day-two.ts";
import type { Sections } from "./stack.ts";
import { kubeconfig } from "./world.ts";

const API = "/apis/snapshot.storage.k8s.io/v1";

/**
 * The cases of snapshots of volumes, against the API as its rules are; a controller is played, and no disk is copied. From the
 * first of them until the suite ends, the cluster has that controller.
 *
 * @param deployed the settings with which the stack is deployed. @param driver the CSI driver of the cloud's disks.
 * @param fails whether there is a case whose driver fails.
 */
export function snapshotCases(
  stack: () => CloudStack,
  deployed: Sections,
  driver: string,
  fails: boolean,
): void {
  const stop = new AbortController();
  after(() => {
    stop.abort();
  });
  const cluster = () => connectTo([kubeconfig], stack().context);
  const path = `${API}/namespaces/multi-client/volumesnapshots`;
  const items = async (from: string) => listAt(await cluster().get(from), "items") as Fields[];
  const claims = async () => namesOf(await items("/api/v1/namespaces/multi-client/persistentvolumeclaims"));
  const namesOf = (of: readonly Fields[]) => of.map(nameOf).sort();
  let error: string | undefined;
  let playing: Promise<void> | undefined;
  const play = () => {
    playing ??= runSnapshotController(cluster(), { stop: stop.signal, error: () => error });
  };

  const failingCase = async () => {
    play();
    error = "VolumeInUse: the disk is being resized";
    const before = stack().account();
    stack().configure({ cluster: { kubernetesVersion: "1.36" } });
    const told = await failing(stack().make("up"));
    stack().configure(deployed);
    // Before the driver works again: it would make them.
    for (const each of await items(path)) await cluster().send("DELETE", `${path}/${nameOf(each)}`);
    error = undefined;
    const { length } = await claims();
    assert.match(told, new RegExp(`${length} of ${length} snapshots are not ready:\n`));
    assert.equal(told.match(/^ +\S+: .*VolumeInUse: the disk is being resized/gm)?.length, length, told);
    assert.deepEqual(stack().account(), before);
  };
  if (fails)
    it(
      "an upgrade of Kubernetes whose snapshots fail changes nothing, and says what the driver says",
      failingCase,
    );

  it("make snapshot makes one of every claim, which outlives the stack, and keeps the newest five of each", async () => {
    play();
    const snapshotClass = `multi-client-retain-${driver}`;
    const days = [1, 2, 3, 4, 5].map((day) => `2026010${day}t000000z`);
    const labels = { ...applicationLabels, "app.kubernetes.io/managed-by": "multi-client" };
    const all = await claims();
    // They are taken as soon as their class is there, which the first snapshot of the stack makes: before it, in their order.
    for (const claim of all)
      for (const day of days)
        await cluster().send(
          "POST",
          path,
          {},
          {
            apiVersion: "snapshot.storage.k8s.io/v1",
            kind: "VolumeSnapshot",
            metadata: { name: `${claim}-${day}`, labels },
            spec: { volumeSnapshotClassName: snapshotClass, source: { persistentVolumeClaimName: claim } },
          },
        );
    const { code, output } = await stack().make("snapshot");
    assert.equal(code, 0, output);
    assert.deepEqual(namesOf(await items(`${API}/volumesnapshotclasses`)), [snapshotClass]);
    assert.match(output, new RegExp(`${all.length} snapshots are ready, and outlive the stack: `));
    for (const claim of all)
      assert.match(
        output,
        new RegExp(`removed ${claim}-20260101t000000z: the newest 5 of ${claim} are kept`),
      );
    const [left, contents] = [await items(path), await items(`${API}/volumesnapshotcontents`)];
    assert.equal(left.length, 5 * all.length);
    assert.ok(left.every((each) => at(each, "status", "readyToUse") === true));
    const of = contents
      .filter((each) => at(each, "spec", "deletionPolicy") === "Retain")
      .map((each) => textAt(each, "spec", "volumeSnapshotRef", "name"));
    assert.deepEqual(of.sort(), namesOf(left));
  });
}
