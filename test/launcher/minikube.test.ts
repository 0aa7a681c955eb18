import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import {
  checkMinikube,
  ensureMinikube,
  minikubeState,
  type MinikubeTarget,
} from "../../launcher/cluster/minikube.ts";
import type { Stack } from "../../launcher/stack/read-stack.ts";

describe("minikube, against a stand-in that follows its command reference", () => {
  let home = "";
  beforeEach(() => (home = mkdtempSync(join(tmpdir(), "minikube-"))));
  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
  });

  const target: MinikubeTarget = { provider: "minikube", context: "mine", kubernetesVersion: "1.36" };
  const stack: Stack = {
    name: "dev",
    target,
    namespace: "multi-client",
    ingress: false,
    images: [],
    autoscaled: false,
  };
  const env = (system = "Linux") => ({
    ...process.env,
    PATH: `${resolve("test/support/minikube")}${delimiter}${process.env.PATH ?? ""}`,
    MINIKUBE_HOME: home,
    MINIKUBE_STANDIN_OS: system,
  });
  const calls = () => readFileSync(join(home, "calls"), "utf8").trimEnd().split("\n");
  const profiles = "profile list --light -o json";
  const profile = (change: Readonly<Record<string, string>>) => {
    const made = {
      driver: "docker",
      version: "1.36",
      runtime: "containerd",
      addons: "storage-provisioner",
      cni: "calico",
    };
    mkdirSync(join(home, "mine"), { recursive: true });
    for (const [file, text] of Object.entries({
      ...made,
      host: "Running",
      kubeconfig: "Configured",
      ...change,
    })) {
      writeFileSync(join(home, "mine", file), `${text}\n`);
    }
  };
  const ensure = async (
    change: Partial<MinikubeTarget> = {},
    system = "Linux",
    rest: Partial<Stack> = {},
  ) => {
    const lines: string[] = [];
    const options = { env: env(system), log: (line: string) => lines.push(line), arch: "x64" };
    await ensureMinikube(
      { ...stack, ...rest },
      { ...target, ...change },
      { ...options, breakLine: () => undefined },
    );
    return lines;
  };

  it("makes a profile that is absent, on minikube's own choice of driver", async () => {
    await ensure();
    assert.deepEqual(calls(), [
      "status -p mine -o json",
      "start -p mine --kubernetes-version 1.36 --container-runtime containerd --cni calico",
    ]);
  });

  const drivers = { docker: "Linux", hyperkit: "Darwin", kvm2: "Linux", vfkit: "Darwin" } as const;
  for (const [driver, system] of Object.entries(drivers)) {
    it(`passes driver ${driver} on ${system}`, async () => {
      await ensure({ driver }, system);
      assert.equal(
        calls().at(-1),
        `start -p mine --driver ${driver} --kubernetes-version 1.36 --container-runtime containerd --cni calico`,
      );
    });
  }

  it("names no profile and no runtime with driver none", async () => {
    await ensure({ driver: "none", context: "minikube" });
    assert.deepEqual(calls(), ["status -o json", "start --driver none --kubernetes-version 1.36"]);
  });

  it("refuses driver none with a profile of another name, before minikube does", () => {
    assert.throws(() => {
      checkMinikube("dev", { ...target, driver: "none" }, env());
    }, /cluster\.profile is mine; driver none knows only the profile minikube[\s\S]*in Pulumi\.dev\.yaml, line \d+, write profile: minikube$/);
  });

  it("names the download and the sandbox where minikube is not on PATH", () => {
    assert.throws(() => {
      checkMinikube("dev", target, { PATH: "/nowhere" });
    }, /not on PATH\.\nTwo ways: install it .*, or take the sandbox: make up STACK=sandbox/);
  });

  it("keeps minikube's exit code when the system cannot run the driver", async () => {
    await assert.rejects(ensure({ driver: "vfkit" }, "Linux"), { name: "UserError", exitCode: 56 });
  });

  it("is not started where an interrupt came while it was asked for its state", async () => {
    const script = `#!/bin/sh\necho "$1" >>"$MINIKUBE_HOME/calls"\ntrap '' HUP\nsleep 0.1\nkill -HUP ${String(process.pid)}\nsleep 0.2\n`;
    writeFileSync(join(home, "minikube"), script, { mode: 0o755 });
    const own = { ...env(), PATH: `${home}${delimiter}${process.env.PATH ?? ""}` };
    const options = { env: own, log: () => undefined, arch: "x64", breakLine: () => undefined };
    const expected = { exitCode: 130, message: /^Interrupted while minikube status ran\./ };
    await assert.rejects(ensureMinikube(stack, target, options), expected);
    assert.deepEqual(calls(), ["status"]);
  });

  it("starts a stopped profile without touching its runtime", async () => {
    profile({ host: "Stopped" });
    await ensure({ driver: "docker" });
    assert.deepEqual(calls(), [
      "status -p mine -o json",
      profiles,
      "start -p mine --driver docker --kubernetes-version 1.36",
    ]);
  });

  it("leaves a running profile alone", async () => {
    profile({});
    assert.deepEqual(await ensure(), ["minikube profile mine runs."]);
    assert.deepEqual(calls(), ["status -p mine -o json", profiles]);
  });

  it("corrects a kubeconfig that leads to an old address", async () => {
    profile({ kubeconfig: "Misconfigured" });
    await ensure();
    assert.deepEqual(calls(), ["status -p mine -o json", profiles, "update-context -p mine"]);
  });

  it("warns of a profile whose CNI perhaps enforces no network policies, and of no other", async () => {
    for (const cni of ["", "bridge"]) {
      profile({ cni });
      const text = (await ensure()).join("\n");
      assert.match(text, /profile mine was made without calico[\s\S]*minikube delete -p mine/, cni);
    }
    for (const cni of ["calico", "cilium"]) {
      profile({ cni });
      assert.deepEqual(await ensure(), ["minikube profile mine runs."], cni);
    }
  });

  it("enables what an Ingress and an autoscaler need, once", async () => {
    profile({ addons: "metrics-server" });
    const needs = { ingress: true, autoscaled: true };
    await ensure({}, "Linux", needs);
    await ensure({}, "Linux", needs);
    assert.deepEqual(
      calls().filter((call) => call.startsWith("addons enable")),
      ["addons enable traefik -p mine"],
    );
  });

  it("warns of hyperkit, and of a computer that is not amd64", async () => {
    const lines = await ensure({ driver: "hyperkit" }, "Darwin");
    assert.match(lines.join("\n"), /hyperkit is deprecated.*vfkit replaces it/);
    const arm: string[] = [];
    const options = { env: env(), log: (line: string) => arm.push(line), arch: "arm64" };
    await ensureMinikube(stack, target, { ...options, breakLine: () => undefined });
    assert.match(
      arm.join("\n"),
      /this computer is arm64; client, server and worker ask for nodes of amd64[\s\S]*multi-client:images/,
    );
  });

  it("takes a profile for absent only where minikube does not know it", async () => {
    assert.equal(await minikubeState(target, env()), "absent");
    profile({ host: "Error" }); // a container engine that does not answer
    assert.equal(await minikubeState(target, env()), "stopped");
  });
});
