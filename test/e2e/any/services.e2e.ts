import assert from "node:assert/strict";
import {
  assertOrder,
  counted,
  deployedAsPlanned,
  keepingData,
  podUpdates,
  resourceCount,
  ServiceList,
  servicesWith,
} from "../changes.ts";
import { get, list, password, podUids } from "../cluster.ts";
import { settled } from "../day-two.ts";
import { itSince } from "../plugin-version.ts";
import { images, quickEnds, testStack, type TestStack } from "../stack.ts";

/** Both services with storage get another key; whoever needs them calls them by it. */
const otherKeys: [string, string][] = [
  ['"redis"', '"cache"'],
  // Not the administrator, who has the same name.
  ['"postgres" }', '"database" }'],
  ['"postgres"]', '"database"]'],
  ['imageOf: "postgres"', 'imageOf: "database"'],
  ["  redis: {", '  cache: {\n    formerly: ["redis"],'],
  ["  postgres: {", '  database: {\n    formerly: ["postgres"],'],
];
/** The same, when every stack has the new keys. */
const otherKeysAlone = otherKeys.map(([from, to]): [string, string] => [from, to.replace(/\n.*/, "")]);

describe("the list of services", () => {
  let stack: TestStack;
  let services: ServiceList;
  const imagesOf = (key: string, of: string) =>
    images[of] === undefined ? {} : { images: { ...images, [key]: images[of] } };
  const imagesByOtherKeys = () => {
    const { redis, postgres, ...others } = images;
    return redis === undefined || postgres === undefined
      ? {}
      : { images: { ...others, cache: redis, database: postgres } };
  };
  const entry = (key: string, formerly = "") => `  ${key}: {${formerly}
    image: "${services.image("redis")}",
    args: ["redis-server", "--save", ""],
    port: 6379,
    env: { REDIS_HOST: { host: "redis" }, REDIS_PORT: { port: "redis" } },
    uses: ["redis"],
    user: 999,
    writable: ["/data", "/tmp"],
    probes: { readiness: { tcpSocket: true } },
    resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } },
    gracePeriodSeconds: 5,
  },`;
  const names = async (kind: string) =>
    (await list(kind, stack.namespace)).map(({ metadata }) => metadata.name as string).sort();

  before(async () => {
    stack = await testStack("services");
    quickEnds(stack);
    services = new ServiceList(stack);
    await stack.up();
  });
  after(() => stack.destroy());

  it("one more entry is one more workload, and nothing else", async () => {
    services.add(entry("probe"));
    stack.configure(imagesOf("probe", "redis"));
    const { plan, rolled } = await keepingData(stack, () => deployedAsPlanned(stack));
    assert.deepEqual(plan, [
      "create Deployment probe",
      "create NetworkPolicy probe",
      "create Service probe",
      "create ServiceAccount probe",
      "update NetworkPolicy redis: spec",
    ]);
    assert.deepEqual(await counted(stack), { create: 5, update: 1, same: resourceCount - 1 });
    assert.deepEqual(rolled, ["probe"]);
    await settled(stack);
  });

  it("an entry under another key is replaced: the new pods are ready before the old ones go", async () => {
    services.add(entry("prober", '\n    formerly: ["probe"],'));
    stack.configure(imagesOf("prober", "redis"));
    const { plan, ran, rolled } = await keepingData(stack, () => deployedAsPlanned(stack));
    assert.deepEqual(plan, [
      "replace Deployment prober: metadata, spec",
      "replace NetworkPolicy prober: metadata, spec",
      "replace Service prober: metadata, spec",
      "replace ServiceAccount prober: metadata",
      "update NetworkPolicy redis: spec",
    ]);
    assert.deepEqual(await counted(stack), { replace: 4, update: 1, same: resourceCount });
    assertOrder(ran, "create-replacement NetworkPolicy prober", "create-replacement Deployment prober");
    assertOrder(ran, "create-replacement Deployment prober", "delete-replaced Deployment probe");
    assertOrder(ran, "delete-replaced Deployment probe", "delete-replaced NetworkPolicy probe");
    assert.deepEqual(rolled, ["prober"]);
    assert.deepEqual((await podUids(stack.namespace)).probe ?? [], []);
    await settled(stack);
  });

  it("an entry that goes takes its workload with it, and nothing else", async () => {
    services.edit();
    stack.configure();
    const { plan, rolled } = await keepingData(stack, () => deployedAsPlanned(stack));
    assert.deepEqual(plan, [
      "delete Deployment prober",
      "delete NetworkPolicy prober",
      "delete Service prober",
      "delete ServiceAccount prober",
      "update NetworkPolicy redis: spec",
    ]);
    assert.deepEqual(await counted(stack), { delete: 5, update: 1, same: resourceCount - 1 });
    assert.deepEqual(rolled, []);
    await settled(stack);
  });

  // An update of a bound claim whose class waits for the first consumer ended in a time-out before
  // (pulumi/pulumi-kubernetes#4181); the two cases after it go on from it.
  itSince(
    "4.27.0",
    "what has storage keeps its claims and its password under another key, and one pod at a time has them",
    async () => {
      const claims = async () =>
        (await list("PersistentVolumeClaim", stack.namespace)).map(({ metadata }) => [
          metadata.name as string,
          metadata.uid as string,
        ]);
      const before = { claims: await claims(), password: await password(stack.namespace) };
      const users = servicesWith({ host: "redis" }, { host: "postgres" });
      services.edit(...otherKeys);
      stack.configure(imagesByOtherKeys());
      const { plan, ran, rolled } = await deployedAsPlanned(stack);
      assert.deepEqual(
        plan.filter((line) => /Stash|PersistentVolumeClaim|StatefulSet|Secret|Deployment/.test(line)),
        [
          "replace StatefulSet cache: metadata, spec",
          "replace StatefulSet database: metadata, spec",
          ...podUpdates(users),
          "update PersistentVolumeClaim cache-data: metadata",
          "update PersistentVolumeClaim database-backup-manager: metadata",
          "update PersistentVolumeClaim database-data: metadata",
          "update Secret database-login: metadata",
          "update Secret database-password: metadata",
        ].sort(),
      );
      for (const [old, key] of [
        ["redis", "cache"],
        ["postgres", "database"],
      ] as const) {
        assertOrder(ran, `delete-replaced StatefulSet ${old}`, `create-replacement StatefulSet ${key}`);
        const { spec } = (await get("StatefulSet", key, stack.namespace)) ?? {};
        const mounted = spec.template.spec.volumes.flatMap(
          (volume: { persistentVolumeClaim?: { claimName: string } }) =>
            volume.persistentVolumeClaim?.claimName ?? [],
        ) as string[];
        assert.ok(mounted.includes(`${old}-data`), mounted.join(", "));
      }
      assert.deepEqual(rolled, ["cache", "database", ...users].sort());
      assert.deepEqual(await claims(), before.claims);
      assert.equal(await password(stack.namespace), before.password);
      assert.deepEqual(await names("StatefulSet"), ["cache", "database"]);
      assert.ok(!(await names("Service")).some((name) => /^(redis|postgres)/.test(name)));
      await settled(stack);
    },
  );

  itSince("4.27.0", "once every stack has the new key, the former one may be forgotten", async () => {
    services.edit(...otherKeysAlone);
    const { plan, rolled } = await keepingData(stack, () => deployedAsPlanned(stack));
    // Policies are no longer for the pods of the former keys, of whom there are none.
    const policies = [
      "cache",
      "database",
      ...servicesWith({ uses: ["redis"] }, { uses: ["redis", "postgres"] }),
    ];
    assert.deepEqual(
      plan,
      policies.sort().map((key) => `update NetworkPolicy ${key}: spec`),
    );
    assert.deepEqual(rolled, []);
    await settled(stack);
  });

  itSince(
    "4.27.0",
    "a setting of a service under its former key is refused, and the new one is named",
    async () => {
      services.edit(...otherKeys);
      stack.configure({ ...imagesByOtherKeys(), services: { redis: { storage: { size: "2Gi" } } } });
      const { code, output } = await stack.pulumi(["preview"]);
      assert.notEqual(code, 0);
      assert.match(output, /multi-client:services\.redis\n.*\n.*did you mean cache\?/);
      services.edit(...otherKeysAlone);
      stack.configure(imagesByOtherKeys());
    },
  );
});
