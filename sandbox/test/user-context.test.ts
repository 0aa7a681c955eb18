import assert from "node:assert/strict";
import { chmodSync, chownSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { addContext, removeContext } from "../cluster/user-context.ts";
import { kubeconfigFrom } from "../../system/kubeconfig.ts";
import { scratch } from "./build-scratch.ts";

const users = `# mine
apiVersion: v1
kind: Config
current-context: work # keep
clusters: [{name: work, cluster: {server: "https://10.0.0.1"}}]
users: []
contexts: [{name: work, context: {cluster: work, user: ""}}]
`;

describe("the sandbox's context in the user's kubeconfig", () => {
  let here: ReturnType<typeof scratch>;
  beforeEach(() => {
    here = scratch();
  });
  afterEach(() => {
    here.end();
  });
  /** The kubeconfig of a cluster, as kwokctl writes it. */
  const access = (server = "https://127.0.0.1:1", certificate = join(here.folder, "c/admin.crt")) =>
    kubeconfigFrom({
      "current-context": "kwok-c",
      clusters: [
        { name: "kwok-c", cluster: { server, "certificate-authority": join(here.folder, "c/ca.crt") } },
      ],
      users: [
        {
          name: "kwok-c",
          user: { "client-certificate": certificate, "client-key": join(here.folder, "c/admin.key") },
        },
      ],
      contexts: [{ name: "kwok-c", context: { cluster: "kwok-c", user: "kwok-c" } }],
    });
  const read = (file: string) => parse(readFileSync(file, "utf8")) as Record<string, unknown>;

  it("is added beside what is there; current-context and comments stay", () => {
    const file = here.write("kubeconfig", users);
    addContext(file, "kwok-x", access());
    assert.match(readFileSync(file, "utf8"), /^# mine\n[^]*current-context: work # keep/);
    assert.deepEqual(read(file).contexts, [
      { name: "work", context: { cluster: "work", user: "" } },
      { name: "kwok-x", context: { cluster: "kwok-x", user: "kwok-x" } },
    ]);
  });

  it("is removed again, and the file is as it was", () => {
    const file = here.write("kubeconfig", users);
    addContext(file, "kwok-x", access());
    removeContext(file, "kwok-x", join(here.folder, "c"));
    assert.deepEqual(read(file), parse(users));
  });

  it("is written to a new file that nobody else can read, without a current context", () => {
    const file = join(here.folder, "new/config");
    addContext(file, "kwok-x", access());
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal("current-context" in read(file), false);
  });

  it("is not written again when nothing changed, and is replaced when the port changed", () => {
    const file = here.write("kubeconfig", users);
    addContext(file, "kwok-x", access());
    const { mtimeMs, ino } = statSync(file);
    addContext(file, "kwok-x", access());
    assert.deepEqual([statSync(file).mtimeMs, statSync(file).ino], [mtimeMs, ino]);
    addContext(file, "kwok-x", access("https://127.0.0.1:2"));
    const clusters = read(file).clusters as { name: string; cluster: { server: string } }[];
    assert.deepEqual(
      clusters.map(({ name, cluster }) => [name, cluster.server]),
      [
        ["work", "https://10.0.0.1"],
        ["kwok-x", "https://127.0.0.1:2"],
      ],
    );
  });

  it("is no longer the current context when it is removed", () => {
    const file = here.write("kubeconfig", users.replace("current-context: work", "current-context: kwok-x"));
    addContext(file, "kwok-x", access());
    removeContext(file, "kwok-x", join(here.folder, "c"));
    assert.equal(read(file)["current-context"], "");
  });

  it("never replaces or removes the context of another cluster that exists", () => {
    const file = here.write("kubeconfig", users);
    addContext(file, "kwok-x", access("https://127.0.0.1:7", here.write("other/admin.crt", "")));
    assert.throws(() => {
      addContext(file, "kwok-x", access());
    }, /kwok-x in .* belongs to another cluster[^]*rename-context/);
    removeContext(file, "kwok-x", join(here.folder, "c"));
    assert.equal((read(file).users as unknown[]).length, 1);
  });

  it("never takes the place of an entry that has no certificate file, or of a context that leads elsewhere", () => {
    const token = 'apiVersion: v1\nkind: Config\nusers: [{name: kwok-x, user: {token: "t"}}]\n';
    const server = "apiVersion: v1\nkind: Config\nclusters: [{name: kwok-x, cluster: {server: https://a}}]\n";
    const elsewhere =
      "apiVersion: v1\nkind: Config\ncontexts: [{name: kwok-x, context: {cluster: b, user: b}}]\n";
    for (const text of [token, server, elsewhere]) {
      const file = here.write("kubeconfig", text);
      assert.throws(() => {
        addContext(file, "kwok-x", access());
      }, /kwok-x in .* belongs to another cluster \(it has no certificate of the sandbox\)/);
      assert.equal(readFileSync(file, "utf8"), text);
    }
  });

  it("is written anew where someone put the contents of its files into the kubeconfig", () => {
    const [cluster, user] = [
      "cluster: {server: https://127.0.0.1:1}",
      "user: {client-certificate-data: eA==}",
    ];
    const text = `apiVersion: v1\nkind: Config\nclusters: [{name: kwok-x, ${cluster}}]\nusers: [{name: kwok-x, ${user}}]\n`;
    const file = here.write("kubeconfig", text);
    addContext(file, "kwok-x", access());
    assert.match(readFileSync(file, "utf8"), /client-certificate: /);
  });

  it("leaves owner and mode of the file as they are", () => {
    const file = here.write("kubeconfig", users);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) chownSync(file, 1000, 1000);
    chmodSync(file, 0o640);
    addContext(file, "kwok-x", access());
    const { uid, mode } = statSync(file);
    assert.deepEqual([uid, mode & 0o777], [isRoot ? 1000 : process.getuid?.(), 0o640]);
  });

  it("names a file that is no kubeconfig, and does not change it", () => {
    const file = here.write("kubeconfig", "a: [");
    assert.throws(() => {
      addContext(file, "kwok-x", access());
    }, /kubeconfig is no kubeconfig \([^]*\nFix: repair it/);
    assert.equal(readFileSync(file, "utf8"), "a: [");
  });
});
