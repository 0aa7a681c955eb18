import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { dataUids, list } from "./cluster.ts";
import { engineOf, Front, type Hook } from "./front.ts";
import { testStack, type TestStack } from "./stack.ts";
import { cli, type Start } from "./world.ts";

/** Where the engine dies, seen from the request that makes the object. */
type Point = "before the request" | "after the request" | "during the await" | "before the state is written";
const points: readonly Point[] = [
  "before the request",
  "after the request",
  "during the await",
  "before the state is written",
];
/** One kind whose name the program fixes, one whose name the plugin makes. */
export const kinds = {
  Service: { plural: "services", name: "client" },
  ConfigMap: { plural: "configmaps", name: "" },
};

/** Kills the engine at that point of the object's creation; everything else passes. */
function killer(
  point: Point,
  { plural, name }: { plural: string; name: string },
  engine: () => number,
): Hook {
  let made = "";
  const kill = () => process.kill(engine(), "SIGKILL");
  return async ({ method, path, body }, forward) => {
    const isDryRun = path.includes("dryRun");
    const found = (method === "POST" ? JSON.parse(body.toString()) : {}) as { metadata?: { name?: string } };
    const own = found.metadata?.name ?? "";
    if (method === "POST" && !isDryRun && path.includes(`/${plural}?`) && (name === "" || own === name)) {
      made = own;
      if (point === "before the request") {
        kill();
        return undefined;
      }
      const answer = await forward();
      if (point === "after the request") {
        kill();
        return undefined;
      }
      if (point === "before the state is written") {
        // The stopped engine cannot read what the plugin tells it, and dies before it could.
        process.kill(engine(), "SIGSTOP");
        void sleep(700).then(kill);
      }
      return answer;
    }
    if (point === "during the await" && made !== "" && path.includes(`/${plural}/${made}`)) {
      kill();
      return undefined;
    }
    return forward();
  };
}

/** The cases of one kind: whatever the engine was killed at, the next `make up` converges. */
export function killedCases(kind: keyof typeof kinds): void {
  const stacks: TestStack[] = [];
  // At the end, so that a failed case can still be looked at.
  after(async () => {
    const last = stacks.pop();
    await Promise.all([...stacks.map((each) => each.drop()), last?.destroy()]);
  });

  // The plugin does not look at a ConfigMap again: there is no await to be killed in. Whether the answer of the API server
  // came is nothing that the next run can see, and a Service shows it.
  const others: readonly Point[] = ["after the request", "during the await"];
  for (const point of points.filter((each) => kind !== "ConfigMap" || !others.includes(each))) {
    it(`${point}: the next make up says what it takes over or clears, and converges`, async () => {
      const stack = await testStack(`killed-${kind.toLowerCase()}-${points.indexOf(point)}`);
      stacks.push(stack);
      let command = 0;
      const hook = killer(point, kinds[kind], () => engineOf(command));
      const front = await Front.open(stack.name, hook);
      const env = { KUBECONFIG: front.kubeconfig };
      const args = ["up", "--yes", "--skip-preview"];
      const start: Start = { env, started: (pid) => (command = pid) };
      const killed = await cli(stack.name, stack.project, args, start);
      front.stepAside();
      assert.notEqual(killed.code, 0, killed.output);
      const before = await dataUids(stack.namespace);
      const { code, output } = await stack.make("up", env);
      assert.equal(code, 0, output);
      const said = {
        "before the request": "not in the cluster, so it is made anew",
        "after the request": "in the cluster and ours, so it is taken over",
        "during the await": "in the cluster and ours, so it is taken over",
        "before the state is written": "in the cluster and ours, so it is taken over",
      }[point];
      assert.match(output, /An earlier run was killed; what it was doing:/);
      assert.match(output, new RegExp(`${kind} \\S+: ${said}`));
      assert.match(output, /The state before is kept in \S+\.json/);
      const maps = await list("ConfigMap", stack.namespace);
      assert.equal(maps.filter(({ metadata }) => metadata.name.startsWith("client-nginx-")).length, 1);
      const after = await dataUids(stack.namespace);
      for (const [name, uid] of Object.entries(before)) assert.equal(after[name], uid, name);
      const clean = await stack.pulumi(["preview", "--refresh", "--expect-no-changes"], env);
      assert.equal(clean.code, 0, clean.output);
    });
  }
}
