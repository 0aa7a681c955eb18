import assert from "node:assert/strict";
import type { Resources, Services } from "../../../components/service.ts";
import { autopilotProblems } from "../../../config/clouds/gke-autopilot.ts";
import { editServices, setCommand, together } from "../../../config/problems.ts";
import { services } from "../../../services.ts";

const scratch = { "ephemeral-storage": "128Mi" };
const asked = (cpu: string, memory: string): Resources => ({
  requests: { cpu, memory, ...scratch },
  limits: { memory: "8Gi", ...scratch },
});
const of = (resources: Resources, sidecars?: Readonly<Record<string, Resources>>): Services => ({
  shop: {
    image: "shop",
    user: 1,
    gracePeriodSeconds: 1,
    resources,
    ...(sidecars && {
      sidecars: Object.fromEntries(
        Object.entries(sidecars).map(([name, its]) => [name, { command: ["x"], resources: its }]),
      ),
    }),
  },
});
const key = (name: string) => `multi-client:services.shop.resources.requests.${name}`;
const set = (name: string, value: string) =>
  setCommand(["services", "shop", "resources", "requests", name], value);

describe("requests on GKE Autopilot", () => {
  it("of the committed list have no problem", () => {
    assert.deepEqual(autopilotProblems(services, {}), []);
  });

  it("are at least 50m and 52Mi for a pod", () => {
    assert.deepEqual(autopilotProblems(of(asked("50m", "52Mi")), {}), []);
    assert.deepEqual(autopilotProblems(of(asked("49m", "52Mi")), {}), [
      {
        key: key("cpu"),
        found: "49m",
        expected: "at least 50m: GKE Autopilot raises less, and every preview would show it",
        fix: set("cpu", "50m"),
      },
    ]);
    const [low] = autopilotProblems(of(asked("50m", "51Mi")), {});
    assert.deepEqual([low?.found, low?.fix], ["51Mi", set("memory", "52Mi")]);
  });

  // Seen on a cluster of 2026: 100m and 100Mi became 100m and 103Mi (autopilot.gke.io/resource-adjustment).
  it("have at least 1Gi for each CPU", () => {
    const [problem] = autopilotProblems(of(asked("100m", "100Mi")), {});
    assert.equal(problem?.expected.split(":")[0], "at least 52Mi, and 1Gi for each CPU of its 100m");
    assert.deepEqual(problem.fix, set("memory", "103Mi"));
    assert.deepEqual(autopilotProblems(of(asked("100m", "103Mi")), {}), []);
  });

  it("have at most 6.5Gi for each CPU", () => {
    const [problem] = autopilotProblems(of(asked("100m", "1Gi")), {});
    assert.deepEqual(problem?.fix, set("cpu", "154m"));
    assert.deepEqual(autopilotProblems(of(asked("154m", "1Gi")), {}), []);
  });

  it("are summed over the containers of a pod that are on, and the service itself has to ask for what lacks", () => {
    const pod = of(asked("30m", "64Mi"), { log: asked("15m", "8Mi") });
    const [problem] = autopilotProblems(pod, {});
    assert.equal(problem?.found, "45m for the 2 containers of its pod together");
    assert.deepEqual(problem.fix, set("cpu", "35m"));
    const [alone] = autopilotProblems(pod, { shop: { sidecars: { log: false } } });
    assert.deepEqual([alone?.found, alone?.fix], ["30m", set("cpu", "50m")]);
  });

  it("are those of the stack where it sets any", () => {
    const settings = { shop: { resources: { requests: { cpu: "10m" } } } };
    const [problem] = autopilotProblems(of(asked("50m", "64Mi")), settings);
    assert.equal(problem?.found, "10m");
  });

  it("have as much ephemeral storage as the limit", () => {
    const [none] = autopilotProblems(of({ ...asked("50m", "64Mi"), limits: {} }), {});
    assert.deepEqual(none, {
      key: key("ephemeral-storage"),
      found: "128Mi, with a limit of nothing",
      expected:
        "10Mi or more of ephemeral-storage, request and limit alike: GKE Autopilot sets both itself otherwise",
      fix: together(
        set("ephemeral-storage", "128Mi"),
        setCommand(["services", "shop", "resources", "limits", "ephemeral-storage"], "128Mi"),
      ),
    });
    const larger = { shop: { resources: { limits: { "ephemeral-storage": "1Gi" } } } };
    const [other] = autopilotProblems(of(asked("50m", "64Mi")), larger);
    assert.deepEqual(
      [other?.found, other?.fix],
      ["128Mi, with a limit of 1Gi", set("ephemeral-storage", "1Gi")],
    );
    const little = { requests: { "ephemeral-storage": "1Mi" }, limits: { "ephemeral-storage": "1Mi" } };
    assert.equal(autopilotProblems(of(asked("50m", "64Mi")), { shop: { resources: little } }).length, 1);
  });

  it("of a sidecar are corrected in the list of services", () => {
    const pod = of(asked("50m", "64Mi"), { log: { requests: { cpu: "5m", memory: "8Mi" } } });
    const [problem] = autopilotProblems(pod, {});
    assert.equal(problem?.key, "services.ts: shop.sidecars.log.resources");
    assert.deepEqual(problem.fix, editServices("set ephemeral-storage in requests and limits"));
  });
});
