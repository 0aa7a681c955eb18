import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pluginClientConfig, serverOf } from "../plugin-kubeconfig.ts";

describe("the kubeconfig argument of the stand-in Kubernetes plugin", () => {
  const { KUBECONFIG } = process.env;
  let folder = "";
  const write = (name: string, content: object) => {
    const file = join(folder, name, "config");
    mkdirSync(join(folder, name));
    writeFileSync(file, JSON.stringify(content));
    return file;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "client-config-"));
    writeFileSync(join(folder, "ca.crt"), "authority");
    const context = (user: string) => [{ name: "here", context: { cluster: "here", user } }];
    const cluster = { server: "https://first", "certificate-authority": "../ca.crt" };
    const files = [
      write("one", { clusters: [{ name: "here", cluster }], contexts: context("me") }),
      join(folder, "missing"),
      write("two", {
        clusters: [{ name: "here", cluster: { server: "https://second" } }],
        contexts: context("other"),
        users: [{ name: "me", user: { token: "mine" } }],
      }),
    ];
    process.env.KUBECONFIG = files.join(delimiter);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    if (KUBECONFIG === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = KUBECONFIG;
  });

  it("is all files of $KUBECONFIG where the argument is empty: the first that has an entry counts", () => {
    const { server, token, tls } = pluginClientConfig("", "here");
    assert.deepEqual([server, token, String(tls.ca)], ["https://first", "mine", "authority"]);
  });

  it("is one file or its text where the argument is set: a list of files leads nowhere", () => {
    assert.equal(serverOf(join(folder, "two", "config"), "here"), "https://second");
    assert.throws(() => pluginClientConfig(process.env.KUBECONFIG ?? "", "here"), /does not exist/);
  });
});
