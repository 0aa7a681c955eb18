import type { Facts, Hint } from "./hint.ts";
import { cloudHints } from "./cloud-hints.ts";
import { clusterHints } from "./cluster-hints.ts";

/** More specific ones first: the first that matches is what is said. Sources stand beside the patterns. */
const hints: readonly Hint[] = [
  {
    // pkg/backend/diy/lock.go
    pattern: /the stack is currently locked by (\d+) lock[\s\S]*?created by (.+? \(pid \d+\) at \S+)/,
    message: ({ stack, pulumi }, [, , owner = ""]) =>
      `Stack ${stack} is locked by ${owner}.\n` +
      "If that process still works, wait for it. Only if it is gone for certain (it was killed, its computer died):\n" +
      `  ${pulumi} cancel --yes --stack ${stack}, then make up STACK=${stack}`,
  },
  {
    // pkg/secrets/passphrase/manager.go (ErrIncorrectPassphrase)
    pattern: /incorrect passphrase/,
    message: ({ stack }) =>
      `The passphrase does not open the secrets of stack ${stack}.\n` +
      "Expected: the one the stack was made with, in PULUMI_CONFIG_PASSPHRASE or the file PULUMI_CONFIG_PASSPHRASE_FILE.\n" +
      (stack === "dev" || stack === "sandbox"
        ? `Fix: its passphrase is empty: unset PULUMI_CONFIG_PASSPHRASE PULUMI_CONFIG_PASSPHRASE_FILE; make up STACK=${stack}`
        : `Fix: export PULUMI_CONFIG_PASSPHRASE=...; make up STACK=${stack}`),
  },
  {
    // pkg/secrets/passphrase/manager.go (readPassphrase)
    pattern: /passphrase must be set with PULUMI_CONFIG_PASSPHRASE/,
    message: ({ stack }) =>
      `Stack ${stack} keeps its secrets under a passphrase, and none is set.\n` +
      `Fix: export PULUMI_CONFIG_PASSPHRASE=... (or PULUMI_CONFIG_PASSPHRASE_FILE); make up STACK=${stack}`,
  },
  {
    // pkg/workspace/plugin.go (InstallPluginError)
    pattern:
      /Could not automatically download and install \w+ plugin 'pulumi-\w+-([\w-]+)' at version v([\w.-]+)/,
    message: missingPlugin,
  },
  {
    // pkg/engine/plugins.go, where fetching is switched off
    pattern: /plugin ([\w-]+) (\d[\w.-]+) not installed/,
    message: missingPlugin,
  },
  {
    // sdk/go/common/workspace/plugins.go (MissingError)
    pattern: /no resource plugin 'pulumi-resource-([\w-]+)' found in the workspace at version v([\w.-]+)/,
    message: missingPlugin,
  },
  ...cloudHints,
  {
    // provider (v4.34) and stand-in; dial errors are Go's or Node's
    pattern: /configured Kubernetes cluster is unreachable:?\s*(.*)/,
    message: ({ context, kubectl }, [, why = ""]) =>
      `The API server of context ${context} cannot be reached: ${why.trim()}\n` +
      "What is deployed there, and its state, stayed as they were.\n" +
      `Fix: start the cluster, or correct the context: ${kubectl} get nodes`,
  },
  {
    // k8s.io/apimachinery/pkg/api/errors (NewAlreadyExists)
    pattern: /namespaces "([^"]+)" already exists/,
    message: ({ stack, pulumi }, [, name = ""]) =>
      `Namespace ${name} is there already, and stack ${stack} did not make it: it is left alone.\n` +
      "Fix: deploy to another one:\n" +
      `  ${pulumi} config set multi-client:namespace another-name --stack ${stack}\n` +
      `or, if nothing in it is needed, remove it: kubectl delete namespace ${name}\n` +
      killed(stack),
  },
  {
    // kubernetes/pkg/registry/core/service/portallocator
    pattern: /Invalid value: (\d+): provided port is already allocated/,
    message: ({ stack, kubectl, pulumi }, [, port = ""]) =>
      `Node port ${port} is taken by another Service of the cluster.\n` +
      `Which: ${kubectl} get services --all-namespaces | grep ${port}\n` +
      "Fix: take a free one between 30000 and 32767:\n" +
      `  ${pulumi} config set --path 'multi-client:exposure.nodePort' 31516 --stack ${stack}`,
  },
  {
    // pkg/resource/deploy/step.go (deleteProtectedError), step_generator.go (replace)
    pattern:
      /resource "([^"]+)" cannot be deleted\s+because it is protected|unable to replace resource "([^"]+)"[\s\S]{0,200}?marked for protection/,
    message: ({ stack, pulumi }, [, deleted, replaced]) => {
      const urn = deleted ?? replaced ?? "";
      return (
        `The plan would ${deleted === undefined ? "replace" : "delete"} ${urn.split("::").slice(-1).join("")}, which holds data and is protected; nothing of it was touched.\n` +
        `Expected: a change that keeps it. What asks for it: make preview STACK=${stack}\n` +
        `If its data may go: ${pulumi} state unprotect '${urn}' --stack ${stack}, then again.`
      );
    },
  },
  {
    // k8s.io/apimachinery/pkg/api/errors (NewAlreadyExists)
    pattern: /(\w[\w.-]*) "([^"]+)" already exists/,
    message: ({ stack, namespace, kubectl }, [, kind = "", name = ""]) =>
      `${kind} ${name} is in the cluster already, and this stack did not make it: it is left alone.\n` +
      `See whose it is: ${kubectl} -n ${namespace} get ${kind} ${name} -o yaml\n` +
      "Fix: remove it if nobody needs it, or take it over: pulumi import (its type, name and namespace/name).\n" +
      killed(stack),
  },
  ...clusterHints,
  {
    // Go's syscall errors, as the CLI prints them
    pattern: /no space left on device|disk quota exceeded|read-only file system/,
    message: ({ backend }, [what]) =>
      `A folder cannot be written: ${what}.\n` +
      `Where: the state (${backend}), PULUMI_HOME, or the folder for temporary files; the output above names it.\n` +
      "Fix: free space or permissions there, then the same command again: it goes on where it stopped.",
  },
];

/** An engine that was killed while it made something does not know that it did; `make up` finds out by itself. */
const killed = (stack: string): string =>
  `If a pulumi up was killed while it made this: make up STACK=${stack} takes it over.`;

function missingPlugin({ stack, pulumi }: Facts, [, name = "", version = ""]: RegExpExecArray): string {
  return (
    `The plugin ${name} ${version} is not on this computer and cannot be fetched.\n` +
    "Nothing stands in for it by itself. Two ways on:\n" +
    `  bring it here: ${pulumi} plugin install resource ${name} v${version}, which goes through HTTPS_PROXY,\n` +
    "    or with --file PATH takes a file fetched elsewhere; then the same command again;\n" +
    `  or, on a local cluster, ask for the sandbox's stand-in: make up STACK=${stack} PLUGINS=standin`
  );
}

/** The one clear message for a failure that is known; undefined for any other. */
export function hintFor(output: string, facts: Facts): string | undefined {
  for (const { pattern, message } of hints) {
    const match = pattern.exec(output);
    if (match) return message(facts, match);
  }
  return undefined;
}
