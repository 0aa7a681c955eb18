import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { deadOwner } from "../../launcher/engine/cli.ts";
import { checkReachable } from "../../launcher/cluster/kube-context.ts";
import { summary, workloadsFrom } from "../../launcher/stack/report.ts";
import { createSteps } from "../../launcher/steps.ts";

describe("what the launcher does around the engine", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "launcher-"))));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  describe("the engine's own lock", () => {
    const complaint = (host: string, pid: number) =>
      "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n" +
      `  file:///state/abc.json: created by ann@${host} (pid ${String(pid)}) at 2026-11-23T10:00:00Z`;

    it("is left over only where its process was on this computer and is gone", async () => {
      const child = spawn("true");
      await new Promise((done) => child.once("close", done));
      const gone = child.pid ?? 0;
      assert.equal(deadOwner(complaint(hostname(), gone)), String(gone));
      assert.equal(deadOwner(complaint("elsewhere", gone)), undefined);
      assert.equal(deadOwner(complaint(hostname(), process.pid)), undefined);
      assert.equal(deadOwner(complaint(hostname(), gone).replace("by 1 lock", "by 2 lock")), undefined);
    });
  });

  describe("an API server", () => {
    const kubeconfig = (server: string) => {
      const file = join(folder, "kubeconfig");
      const config = {
        clusters: [{ name: "c", cluster: { server } }],
        contexts: [{ name: "here", context: { cluster: "c", user: "u" } }],
      };
      writeFileSync(file, JSON.stringify(config));
      return { KUBECONFIG: file };
    };

    it("that listens is reachable", async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await new Promise((done) => server.once("listening", done));
      const { port } = server.address() as AddressInfo;
      await checkReachable("here", kubeconfig(`https://127.0.0.1:${String(port)}`), "start it");
      server.close();
    });

    it("that refuses is one message with server, context and fix", async () => {
      const env = kubeconfig("https://127.0.0.1:1");
      await assert.rejects(checkReachable("here", env, "make up STACK=x"), {
        name: "UserError",
        message:
          "The API server of context here does not answer: ECONNREFUSED.\nServer: https://127.0.0.1:1\n" +
          "Nothing was changed.\nFix: make up STACK=x",
      });
    });

    it("of a context that is not there is one message that names the kubeconfig", async () => {
      const env = kubeconfig("https://127.0.0.1:1");
      await assert.rejects(checkReachable("there", env, "start it"), {
        message: new RegExp(`Context there is not in the kubeconfig \\(${env.KUBECONFIG}\\)`),
      });
    });

    it("of a kubeconfig that cannot be read is one message that says so", async () => {
      const { KUBECONFIG } = kubeconfig("https://127.0.0.1:1");
      const env = { KUBECONFIG: ["/nowhere/config", folder, KUBECONFIG].join(delimiter) };
      await assert.rejects(checkReachable("there", env, "start it"), {
        message: new RegExp(
          `\\(/nowhere/config, which is not there, ${folder}, which is a folder, ${KUBECONFIG}\\)`,
        ),
      });
    });
  });

  describe("progress", () => {
    it("is one line for a silent step, with its time", async () => {
      let text = "";
      const steps = createSteps(2, (part) => (text += part));
      steps.done("dependencies", 34);
      assert.equal(await steps.run("engine", () => Promise.resolve(3)), 3);
      assert.equal(text, "[1/2] dependencies ... 34 s\n[2/2] engine ... 0.0 s\n");
    });

    it("puts what a step says between its title and its time, also when it fails", async () => {
      let text = "";
      const steps = createSteps(1, (part) => (text += part));
      const failing = steps.run("cluster", (log) => {
        log("starting");
        return Promise.reject(new Error("no"));
      });
      await assert.rejects(failing, /no/);
      assert.equal(text, "[1/1] cluster ...\n      starting\n[1/1] cluster ... 0.0 s\n");
    });
  });

  describe("the end of make up", () => {
    it("counts the pods of each workload, and says what the sandbox does not show", async () => {
      const answers: Readonly<Record<string, unknown>> = {
        "/apis/apps/v1/namespaces/ns/deployments": {
          items: [{ metadata: { name: "server" }, spec: { replicas: 2 }, status: { readyReplicas: 1 } }],
        },
        "/apis/apps/v1/namespaces/ns/statefulsets": { items: [{ metadata: { name: "db" }, spec: {} }] },
      };
      const pods = await workloadsFrom((path) => Promise.resolve(answers[path]), "ns");
      assert.deepEqual(pods, [
        { kind: "StatefulSet", name: "db", ready: 0, wanted: 1 },
        { kind: "Deployment", name: "server", ready: 1, wanted: 2 },
      ]);
      const outputs = {
        namespace: "ns",
        clusterName: "c",
        url: "http://1.2.3.4:31515/",
        accessCommand: "curl it",
      };
      assert.equal(
        summary(outputs, pods, true),
        "In namespace ns of c:\n  db      0/1 pod ready\n  server  1/2 pods ready\n" +
          "Open:     http://1.2.3.4:31515/\nReach it: curl it\n" +
          "The nodes are simulated: pods are Ready, but no container runs, so nothing answers there.",
      );
      assert.doesNotMatch(summary({ ...outputs, url: "" }, [], false), /Open:|simulated/);
    });
  });
});
