import { hintsOf } from "../clouds/cloud-operations.ts";
import { clouds } from "../clouds/registry.ts";
import { quoted, shellWord } from "../../system/shell-command.ts";
import { folderOf } from "../engine/backend.ts";
import { adviceText, advise, step, type Advice, type Facts, type Hint, type Step } from "./hint.ts";
import { NOT_READY } from "./not-ready.ts";

/** The words in which the plugin says that an object is not ready: errors.go in provider/pkg/await, and for claims watcher.go in provider/pkg/watcher, of pulumi-kubernetes 94977969. */
const TIMED_OUT = /'([^'\s]+)' timed out waiting to be Ready|Timeout occurred polling for '([^'\s]+)'/;

/**
 * The failures of the CLI, its plugins and the cluster that are known; the first that matches counts. A pod or a registry can
 * imitate any of them: what a pattern takes into a command is of its own characters only and begins no option, or is quoted.
 */
export const hints: readonly Hint[] = [
  {
    seen: "the stack is currently locked by 1 lock(s)",
    // pkg/backend/diy/lock.go
    pattern: /the stack is currently locked by \d+ lock(?:[\s\S]*?created by (.+? \(pid \d+\) at \S+))?/,
    advice: ({ stack, again }, [, owner = "another process"]) =>
      advise(
        `Stack ${stack} is locked by ${owner}.`,
        step("If that process still works, wait for it."),
        step(
          "Only if it is gone for certain (it was killed, its computer died):",
          `make unlock STACK=${stack} CONFIRM=${stack}`,
          again,
        ),
      ),
  },
  {
    seen: "failed to load checkpoint: place 1: unexpected end of JSON input",
    // pkg/backend/diy/state.go (getCheckpoint, backupTarget, backupStack), pkg/resource/stack/checkpoint.go
    pattern: /failed to load checkpoint: .*(?:unexpected end of JSON input|invalid character)/,
    advice: ({ stack, backend, again }) => {
      const folder = `${(folderOf(backend) ?? backend.replace(/^file:\/\//, "")).replace(/\/$/, "")}/.pulumi`;
      const file = `${folder}/stacks/multi-client/${stack}.json`;
      const copies = `${folder}/backups/multi-client/${stack}`;
      const isFolder = backend.startsWith("file://");
      return {
        explanation: `The state of stack ${stack} cannot be read: ${file} was cut off, as on a full disk. What is deployed runs on.`,
        steps: [
          step(
            "Fix: put its copy, which is one step older, in its place, and continue:",
            ...(isFolder
              ? [`cp ${quoted(`${file}.bak`)} ${quoted(file)}`]
              : [`${file}.bak to ${file}, with the tool of the bucket`]),
            again,
          ),
          step(
            "Where the copy is broken too, take the newest that is whole of:",
            isFolder ? `ls -t ${quoted(copies)}` : copies,
          ),
        ],
      };
    },
  },
  {
    seen: "incorrect passphrase",
    // pkg/secrets/passphrase/manager.go (ErrIncorrectPassphrase)
    pattern: /incorrect passphrase/,
    advice: ({ stack, again }) =>
      advise(
        `The passphrase does not open the secrets of stack ${stack}.\n` +
          "Expected: the one the stack was made with, in PULUMI_CONFIG_PASSPHRASE or the file PULUMI_CONFIG_PASSPHRASE_FILE.",
        stack === "dev" || stack === "sandbox"
          ? step(
              "Fix: its passphrase is empty:",
              `unset PULUMI_CONFIG_PASSPHRASE PULUMI_CONFIG_PASSPHRASE_FILE; ${again}`,
            )
          : step("Fix:", `export PULUMI_CONFIG_PASSPHRASE=...; ${again}`),
      ),
  },
  {
    seen: "passphrase must be set with PULUMI_CONFIG_PASSPHRASE",
    // pkg/secrets/passphrase/manager.go (readPassphrase)
    pattern: /passphrase must be set with PULUMI_CONFIG_PASSPHRASE/,
    advice: ({ stack, again }) =>
      advise(
        `Stack ${stack} keeps its secrets under a passphrase, and none is set.`,
        step(
          "Fix (or name a file that holds it in PULUMI_CONFIG_PASSPHRASE_FILE):",
          `export PULUMI_CONFIG_PASSPHRASE=...; ${again}`,
        ),
      ),
  },
  {
    seen: "Could not automatically download and install resource plugin 'pulumi-resource-kubernetes' at version v4.34.2",
    // pkg/workspace/plugin.go (InstallPluginError); pkg/engine/plugins.go, where fetching is switched off;
    // sdk/go/common/workspace/plugins.go (MissingError)
    pattern:
      /download and install \w+ plugin 'pulumi-\w+-([\w-]+)' at version v([\w.-]+)|plugin ([\w-]+) (\d[\w.-]+) not installed|no resource plugin 'pulumi-resource-([\w-]+)' found in the workspace at version v([\w.-]+)/,
    advice: ({ stack, pulumi }, match) => {
      const [name = "", version = ""] = match
        .slice(1)
        .filter((group: string | undefined) => group !== undefined);
      const explanation = `The plugin ${name} ${version} is not on this computer and cannot be fetched. Nothing stands in for it by itself.`;
      const steps = [
        step(
          "Bring it here, through HTTPS_PROXY, or with --file PATH from a file that was fetched elsewhere; then the same command again:",
          `${pulumi} plugin install resource ${name} v${version}`,
        ),
        step(
          "Or, on a local cluster, ask for the sandbox's stand-in:",
          `make up STACK=${stack} PLUGINS=standin`,
        ),
      ];
      return { explanation, steps };
    },
  },
  ...Object.values(clouds).flatMap(hintsOf),
  {
    seen: "configured Kubernetes cluster is unreachable",
    // The kubernetes plugin (4.34) and its stand-in; the errors behind it are Go's or Node's.
    pattern: /configured Kubernetes cluster is unreachable:?\s*(.*)/,
    advice: ({ context, kubectl }, [, why = ""]) =>
      advise(
        `The API server of context ${context} cannot be reached${why.trim() && `: ${why.trim()}`}\nWhat is deployed there, and its state, stayed as they were.`,
        step("Fix: start the cluster, or correct the context:", `${kubectl} get nodes`),
      ),
  },
  {
    seen: 'namespaces is forbidden: User "ann" cannot create resource "namespaces" in API group "" at the cluster scope',
    // k8s.io/apimachinery/pkg/api/errors (NewForbidden), k8s.io/apiserver/pkg/endpoints/handlers/responsewriters
    pattern:
      /forbidden: User "([^"\n]+)" cannot (\w+) resource "([^"\n]+)" in API group "[^"]*" (?:at the cluster scope|in the namespace "(\w[\w-]*)")/,
    advice: (
      { stack, pulumi, kubectl, namespace, again },
      [, user = "", verb = "", resource = "", where],
    ) => {
      if (resource === "namespaces" && verb === "create")
        return advise(
          `${user} may not create namespaces on this cluster: the right that is missing is "create namespaces". Nothing was made.`,
          step(
            "Fix: have an administrator create it, and say that it is there:",
            `${kubectl} create namespace ${namespace}`,
            `${pulumi} config set --path 'multi-client:cluster.existingNamespace' true --stack ${stack}`,
            again,
          ),
        );
      const subject = user.startsWith("system:serviceaccount:")
        ? `--serviceaccount=${user.split(":").slice(2).join(":")}`
        : `--user=${user}`;
      return advise(
        `${user} may not ${verb} ${resource}${where === undefined ? " of the cluster" : ` in namespace ${where}`}. What was made before stays, and is in the state.`,
        step(
          "Fix: have an administrator grant it; in a namespace the role admin has all that is needed:",
          `${kubectl} -n ${where ?? namespace} create rolebinding multi-client --clusterrole=admin ${shellWord(subject)}`,
          again,
        ),
      );
    },
  },
  {
    seen: 'namespaces "multi-client" already exists',
    // k8s.io/apimachinery/pkg/api/errors (NewAlreadyExists)
    pattern: /namespaces "(\w[\w-]*)" already exists/,
    advice: ({ stack, pulumi, kubectl, again }, [, name = ""]) =>
      advise(
        `Namespace ${name} is there already, and stack ${stack} did not make it: it is left alone.`,
        step(
          "Fix: deploy to another one:",
          `${pulumi} config set 'multi-client:namespace' another-name --stack ${stack}`,
          again,
        ),
        step(
          "Or, where the stack file names the cluster by context, use it as it is:",
          `${pulumi} config set --path 'multi-client:cluster.existingNamespace' true --stack ${stack}`,
        ),
        step("Or, if nothing in it is needed, remove it:", `${kubectl} delete namespace ${name}`),
        killed(stack),
      ),
  },
  {
    seen: "Invalid value: 31515: provided port is already allocated",
    // kubernetes/pkg/registry/core/service/portallocator
    pattern: /Invalid value: (\d+): provided port is already allocated/,
    advice: ({ stack, kubectl, pulumi }, [, port = ""]) =>
      advise(
        `Node port ${port} is taken by another Service of the cluster.`,
        step("This finds it:", `${kubectl} get services --all-namespaces | grep ${port}`),
        step(
          "Fix: take a free one between 30000 and 32767:",
          `${pulumi} config set --path 'multi-client:exposure.nodePort' 31516 --stack ${stack}`,
        ),
      ),
  },
  {
    seen: 'resource "URN" cannot be deleted because it is protected',
    // pkg/resource/deploy/step.go (deleteProtectedError), step_generator.go (replace)
    pattern:
      /resource "(\w[^"\s]*)" cannot be deleted\s+because it is protected|unable to replace resource "(\w[^"\s]*)"[\s\S]{0,200}?marked for protection/,
    advice: ({ stack, pulumi, again }, [, deleted, replaced]) => {
      const urn = deleted ?? replaced ?? "";
      return advise(
        `The plan would ${deleted === undefined ? "replace" : "delete"} ${urn.split("::").at(-1) ?? ""}, which holds data and is protected; nothing of it was touched.`,
        step(
          "Expected is a change that keeps it. This shows what asks for the other one:",
          `make preview STACK=${stack}`,
        ),
        step("If its data may go:", `${pulumi} state unprotect ${quoted(urn)} --stack ${stack}`, again),
      );
    },
  },
  {
    seen: 'services "client" already exists',
    // k8s.io/apimachinery/pkg/api/errors (NewAlreadyExists)
    pattern: /(\w[\w.-]*) "(\w[\w.:-]*)" already exists/,
    advice: ({ stack, namespace, kubectl }, [, kind = "", name = ""]) =>
      advise(
        `${kind} ${name} is in the cluster already, and this stack did not make it: it is left alone.`,
        step("See whose it is:", `${kubectl} -n ${namespace} get ${kind} ${name} -o yaml`),
        step(
          "Fix: remove it if nobody needs it, or take it over: pulumi import (its type, name and namespace/name).",
        ),
        killed(stack),
      ),
  },
  {
    seen: 'had an apply conflict: Apply failed with 1 conflict: conflict with "kubectl" using apps/v1: .spec.replicas',
    // k8s.io/apimachinery/pkg/util/managedfields (conflicts), and the plugin's words around it
    pattern: /apply conflict[\s\S]*?conflicts? with "([^"\n]+)"[^:]*:?\s*([\s\S]*?\.[\w.[\]="{}:-]+)/,
    advice: ({ stack, pulumi, again }, [, holder = "", field = ""]) =>
      advise(
        `Another program, "${holder}", has set what this one sets: ${field.replaceAll(/\s+/g, " ").trim()}. It was left alone.`,
        step(
          "Fix: have it set back, in this run and in later ones:",
          `${pulumi} config set --path 'multi-client:rollout.takeOver' true --stack ${stack}`,
          again,
        ),
        step(
          "Or leave it to the other, and out of this program: an autoscaler is services.NAME.scale {min, max}.",
        ),
      ),
  },
  {
    seen: 'Service "server" is invalid: spec.ports[1].name: Duplicate value',
    // k8s.io/kubernetes/pkg/apis/core/validation (ValidateService)
    pattern: /Service "(\w[\w-]*)" is invalid: spec\.ports\[\d+\]\.name: Duplicate value/,
    advice: ({ namespace, kubectl, again }, [, name = ""]) =>
      advise(
        `A port of Service ${name} was changed in the cluster, and ours cannot stand beside it under the same name.`,
        step(
          "Fix: have it made anew (it gets another cluster IP; pods and data stay):",
          `${kubectl} -n ${namespace} delete service ${name}`,
          again,
        ),
      ),
  },
  { seen: "'server' timed out waiting to be Ready", pattern: TIMED_OUT, advice: notReady },
  {
    seen: "no space left on device",
    // The system's errors, as Go prints them.
    pattern: /no space left on device|disk quota exceeded|read-only file system/,
    advice: ({ backend, again }, [what]) =>
      advise(
        `A folder cannot be written: ${what}.\n` +
          `It is that of the state (${backend}), PULUMI_HOME, or the one for temporary files; the output above names it.`,
        step("Fix: free space or permissions there, then continue where it stopped:", again),
      ),
  },
];

/** An engine that was killed while it made something does not know that it did; `make up` finds out by itself. */
function killed(stack: string): Step {
  return step("If a pulumi up was killed while it made this, take it over:", `make up STACK=${stack}`);
}

/** Names what did not become ready in time; why is in the output, and with the cluster (`not-ready.ts`). */
function notReady({ stack, namespace, kubectl, pulumi, again }: Facts, { input }: RegExpExecArray): Advice {
  const names = [...input.matchAll(new RegExp(TIMED_OUT, "g"))].map(([, pods, claim]) => pods ?? claim);
  return advise(
    `${NOT_READY}: ${[...new Set(names)].join(", ")}. What ran before is left as it was, where it could be.`,
    step("Fix: correct the cause, then continue from here:", again),
    step("This shows more:", `${kubectl} -n ${namespace} get events --sort-by=.lastTimestamp`),
    step(
      "This allows more time:",
      `${pulumi} config set --path 'multi-client:rollout.timeoutSeconds' 3600 --stack ${stack}`,
    ),
  );
}

/** The one clear message for a failure that is known; undefined for any other. */
export function hintFor(output: string, facts: Facts): string | undefined {
  for (const { pattern, advice } of hints) {
    const match = pattern.exec(output);
    if (match) return adviceText(advice(facts, match));
  }
  return undefined;
}
