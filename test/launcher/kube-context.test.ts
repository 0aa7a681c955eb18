import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { checkReachable } from "../../launcher/cluster/kube-context.ts";

describe("the check of an API server", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "kube-context-"))));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const kubeconfig = (server: string) => {
    const file = join(folder, "kubeconfig");
    const config = {
      clusters: [{ name: "c", cluster: { server } }],
      contexts: [{ name: "here", context: { cluster: "c", user: "u" } }],
    };
    writeFileSync(file, JSON.stringify(config));
    return { KUBECONFIG: file };
  };

  it("passes where the server listens", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const { port } = server.address() as AddressInfo;
    await checkReachable("here", kubeconfig(`https://127.0.0.1:${String(port)}`), "start it");
    server.close();
  });

  it("names server, context and fix in one message where nobody listens", async () => {
    const env = kubeconfig("https://127.0.0.1:1");
    await assert.rejects(checkReachable("here", env, "make up STACK=x"), {
      name: "UserError",
      message:
        "The API server of context here does not answer: ECONNREFUSED.\nServer: https://127.0.0.1:1\n" +
        "Nothing was changed.\nFix: make up STACK=x",
    });
  });

  it("names the kubeconfig where the context is not in it", async () => {
    const env = kubeconfig("https://127.0.0.1:1");
    await assert.rejects(checkReachable("there", env, "start it"), {
      message: new RegExp(`Context there is not in the kubeconfig \\(${env.KUBECONFIG}\\)`),
    });
  });

  it("says which kubeconfig cannot be read, and why", async () => {
    const { KUBECONFIG } = kubeconfig("https://127.0.0.1:1");
    const env = { KUBECONFIG: ["/nowhere/config", folder, KUBECONFIG].join(delimiter) };
    await assert.rejects(checkReachable("there", env, "start it"), {
      message: new RegExp(
        `\\(/nowhere/config, which is not there, ${folder}, which is a folder, ${KUBECONFIG}\\)`,
      ),
    });
  });
});
