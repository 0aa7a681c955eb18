import assert from "node:assert/strict";
import { hintFor } from "../../launcher/hints/hints.ts";

const facts = {
  stack: "dev",
  namespace: "multi-client",
  context: "minikube",
  kubectl: "kubectl --context minikube",
  backend: "file:///state",
  pulumi: "PULUMI_BACKEND_URL=file:///state pulumi",
};
const created = (kind: string, name: string, why: string) =>
  `error: resource "urn:pulumi:dev::multi-client::kubernetes:core/v1:${kind}::${name}" was not successfully created by the Kubernetes API server: ${why}`;

/** The CLI's own words, as it printed them, and what must be in the one message made of them. */
const cases: Readonly<Record<string, { said: string; hint: readonly RegExp[] }>> = {
  "a locked stack, with its owner and a check before cancel": {
    said:
      "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n" +
      "  file:///state/.pulumi/locks/organization/multi-client/dev/abc.json?no_tmp_dir=true: created by ann@box (pid 4242) at 2026-11-23T10:00:00Z",
    hint: [
      /locked by ann@box \(pid 4242\) at 2026/,
      /Only if it is gone for certain/,
      /PULUMI_BACKEND_URL=\S+ pulumi cancel --yes --stack dev/,
    ],
  },
  "a wrong passphrase": {
    said: "error: getting stack configuration: get stack secrets manager: incorrect passphrase",
    hint: [/does not open the secrets of stack dev/, /Expected: /, /Fix: its passphrase is empty: unset/],
  },
  "a passphrase that is not set": {
    said: "error: getting stack configuration: get stack secrets manager: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
    hint: [/none is set/, /export PULUMI_CONFIG_PASSPHRASE=/],
  },
  "a plugin that cannot be fetched, with both ways on": {
    said: "error: Could not automatically download and install resource plugin 'pulumi-resource-kubernetes' at version v4.34.2, install the plugin using `pulumi plugin install resource kubernetes v4.34.2`: error downloading provider kubernetes to file: failed to download plugin: kubernetes-4.34.2: failed all 5 attempts",
    hint: [
      /plugin kubernetes 4\.34\.2 is not/,
      /plugin install resource kubernetes v4\.34\.2/,
      /STACK=dev PLUGINS=standin/,
    ],
  },
  "a plugin that is not there while fetching is off": {
    said: "error: plugin kubernetes 4.34.2 not installed",
    hint: [/plugin kubernetes 4\.34\.2 is not/],
  },
  "a plugin that the workspace lacks": {
    said: "error: no resource plugin 'pulumi-resource-kubernetes' found in the workspace at version v4.34.2 or on your $PATH",
    hint: [/plugin kubernetes 4\.34\.2 is not/],
  },
  "a cluster that does not answer": {
    said: "error: Preview failed: configured Kubernetes cluster is unreachable: https://127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1",
    hint: [/context minikube cannot be reached: https:\/\/127\.0\.0\.1:1/, /stayed as they were/, /Fix: /],
  },
  "a namespace of somebody else": {
    said: created("Namespace", "multi-client", 'namespaces "multi-client" already exists'),
    hint: [
      /Namespace multi-client is there already/,
      /left alone/,
      /config set multi-client:namespace another-name/,
    ],
  },
  "a node port that is taken": {
    said: created(
      "Service",
      "client",
      'Service "client" is invalid: spec.ports[0].nodePort: Invalid value: 31515: provided port is already allocated',
    ),
    hint: [/Node port 31515 is taken/, /get services --all-namespaces/, /exposure\.nodePort' 31516/],
  },
  "a plan that deletes what is protected": {
    said: 'error: resource "urn:pulumi:dev::multi-client::a$kubernetes:core/v1:PersistentVolumeClaim::redis-data" cannot be deleted\nbecause it is protected. To unprotect the resource, either remove the `protect` flag',
    hint: [/would delete redis-data, which holds data/, /state unprotect 'urn:pulumi:dev::/],
  },
  "a plan that replaces what is protected": {
    said: 'error: unable to replace resource "urn:pulumi:dev::multi-client::a$kubernetes:apps/v1:StatefulSet::redis"\nas it is currently marked for protection. To unprotect the resource',
    hint: [/would replace redis, which holds data/, /make preview STACK=dev/],
  },
  "an object of somebody else": {
    said: created("Service", "client", 'services "client" already exists'),
    hint: [/services client is in the cluster already/, /get services client -o yaml/],
  },
  "a full disk": {
    said: "error: failed to save snapshot: write /state/x: no space left on device",
    hint: [/no space left on device/, /goes on where it stopped/],
  },
};

describe("known failures of the CLI", () => {
  for (const [what, { said, hint }] of Object.entries(cases)) {
    it(`are one message: ${what}`, () => {
      const found =
        hintFor(`Previewing update (dev):\n\n${said}\n\nResources:\n    1 errored\n`, facts) ?? "";
      for (const expected of hint) assert.match(found, expected);
      assert.ok(found.split("\n").length <= 8, "fits a screen");
    });
  }

  it("stay as the CLI says them when they are not known", () => {
    assert.equal(hintFor("error: something new", facts), undefined);
  });

  it("name the user's own passphrase for a stack that has one", () => {
    const found = hintFor("error: incorrect passphrase", { ...facts, stack: "prod" }) ?? "";
    assert.match(found, /Fix: export PULUMI_CONFIG_PASSPHRASE=/);
  });
});
