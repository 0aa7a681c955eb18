import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientConfig, readKubeconfig } from "../../system/client-config.ts";
import { kubeconfigFiles } from "../../system/folders.ts";
import { clusterOf, kubeContexts, mergeKubeconfigs, parseKubeconfig } from "../../system/kubeconfig.ts";

/** A kubeconfig with context `x`, which leads to cluster and user `c`. */
const file = (cluster: object, user: object = {}, context: object = {}) =>
  JSON.stringify({
    "current-context": "x",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "c", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "c", ...context } }],
  });

describe("a kubeconfig", () => {
  it("is merged with others as kubectl does: the first that names an entry wins", () => {
    const texts = [file({ server: "https://one" }), file({ server: "https://two" })];
    assert.deepEqual(kubeContexts(mergeKubeconfigs(texts.map(parseKubeconfig))), [
      { name: "x", server: "https://one", minikube: false },
    ]);
  });

  it("marks minikube on the cluster's entry or on the context's", () => {
    const extensions = [{ extension: { provider: "minikube.sigs.k8s.io" } }];
    for (const text of [
      file({ server: "https://a", extensions }),
      file({ server: "https://a" }, {}, { extensions }),
    ])
      assert.equal(kubeContexts(parseKubeconfig(text))[0]?.minikube, true);
  });

  it("has no contexts where it is broken", () => {
    for (const text of ["", ": [", "a string", "contexts: 5", "contexts: [5, {name: x}]"])
      assert.deepEqual(kubeContexts(parseKubeconfig(text)), []);
  });

  it("of one cluster gives server and authority, and nothing of the user", () => {
    const text = "clusters: [{name: a, cluster: {server: 'https://a', certificate-authority-data: Q0E=}}]";
    assert.deepEqual(clusterOf(text), { server: "https://a", certificateAuthority: "Q0E=" });
    assert.deepEqual(clusterOf("clusters: [{cluster: {server: 'https://a'}}]"), { server: "https://a" });
    assert.throws(() => clusterOf("clusters: []"), /names no server/);
  });
});

describe("a client's configuration", () => {
  let folder = "";
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "kubeconfig-"))));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it("takes certificates from files beside the kubeconfig, and from the entries themselves", () => {
    write("ca.crt", "CA");
    const user = { "client-certificate-data": "Q0VSVA==", "client-key-data": "S0VZ" };
    const config = file({ server: "https://a", "certificate-authority": "ca.crt" }, user);
    const { server, namespace, token, tls } = clientConfig(readKubeconfig([write("config", config)]), "x");
    assert.deepEqual([server, namespace, token], ["https://a", "default", ""]);
    const texts = [tls.ca, tls.cert, tls.key].map(String);
    assert.deepEqual([tls.rejectUnauthorized, ...texts], [true, "CA", "CERT", "KEY"]);
  });

  it("takes the current context where none is named, with its namespace and its user's token", () => {
    const config = file({ server: "https://a" }, { token: "t" }, { namespace: "shop" });
    const { namespace, token } = clientConfig(parseKubeconfig(config), "");
    assert.deepEqual([namespace, token], ["shop", "t"]);
  });

  it("finds a context in the second of several files, and passes over one that is not there", () => {
    const files = [
      join(folder, "missing"),
      write("other", "{}"),
      write("config", file({ server: "https://a" })),
    ];
    assert.equal(clientConfig(readKubeconfig(files), "x").server, "https://a");
  });

  it("is looked for in the files of $KUBECONFIG, else in the user's own", () => {
    assert.deepEqual(kubeconfigFiles({ KUBECONFIG: ":/first:/second" }), ["/first", "/second"]);
    assert.deepEqual(kubeconfigFiles({ KUBECONFIG: "", HOME: "/home/ann" }), ["/home/ann/.kube/config"]);
  });

  it("is refused where the context leads nowhere, and where only a helper program could log in", () => {
    const config = parseKubeconfig(file({ server: "https://a" }, { exec: { command: "kubelogin" } }));
    assert.throws(() => clientConfig(config, "y"), /context "y" does not exist in the kubeconfig/);
    assert.throws(() => clientConfig(config, "x"), /logs in with kubelogin, which only kubectl runs here/);
    const token = { user: { token: "given" } };
    assert.equal(clientConfig(config, "x", () => token).token, "given");
  });
});
