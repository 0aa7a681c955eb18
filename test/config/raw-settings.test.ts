import assert from "node:assert/strict";
import { readSettings } from "../../config/raw-settings.ts";
import { accounts } from "./facts.ts";

const cluster = (provider: string) => ({ "multi-client:cluster": JSON.stringify({ provider }) });

describe("the raw settings of a stack", () => {
  it("are what the texts hold, whether the program would accept it or not", () => {
    const { sections, cloud, namespace } = readSettings({
      ...cluster("eks"),
      "multi-client:namespace": "A B",
      "multi-client:services": "[",
      "aws:region": "Frankfurt",
    });
    assert.deepEqual(sections, { cluster: { provider: "eks" }, namespace: "A B", services: "[" });
    assert.deepEqual([cloud, namespace], ["eks", "A B"]);
  });

  it("say what public means on the cluster", () => {
    const typeOn = (provider: string) =>
      readSettings({ ...cluster(provider), "multi-client:exposure": '{"type":"public"}' }).exposureType;
    assert.deepEqual(["gke", "minikube", "existing", "none"].map(typeOn), [
      "gateway",
      "nodePort",
      "loadBalancer",
      "loadBalancer",
    ]);
    assert.equal(readSettings(cluster("gke")).exposureType, "clusterIP");
  });

  it("say whether the account is a placeholder, however YAML read its number", () => {
    const isPlaceholder = (account: Readonly<Record<string, string>>) =>
      readSettings({ ...cluster("eks"), ...account }).hasPlaceholderAccount;
    assert.equal(isPlaceholder({ "aws:allowedAccountIds": "[111122223333]" }), true);
    assert.equal(isPlaceholder({ "aws:allowedAccountIds": '["111122223333"]' }), true);
    assert.equal(isPlaceholder(accounts.eks), false);
    assert.equal(readSettings(cluster("minikube")).hasPlaceholderAccount, false);
  });
});
