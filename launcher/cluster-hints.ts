import type { Facts, Hint } from "./hints.ts";

/** What the cluster itself refuses, or does not bring about. */
export const clusterHints: readonly Hint[] = [
  {
    // k8s.io/apimachinery/pkg/util/managedfields (conflicts), and the plugin's words around it
    pattern: /apply conflict[\s\S]*?conflicts? with "([^"]+)"[^:]*:?\s*([\s\S]*?\.[\w.[\]="{}:-]+)/,
    message: ({ stack, namespace, context }, [, holder = "", field = ""]) =>
      `Another program, "${holder}", has taken over what this one sets: ${field.replaceAll(/\s+/g, " ").trim()}. It was left alone.\n` +
      "If it is to set this, leave it out here: an autoscaler is services.NAME.scale {min, max}.\n" +
      "Else stop it, and set the value as it was: what is changed with kubectl edit hands it back to this program.\n" +
      `  kubectl --context ${context} -n ${namespace} edit ...; then make up STACK=${stack}`,
  },
  {
    // k8s.io/kubernetes/pkg/apis/core/validation (ValidateService)
    pattern: /Service "([^"]+)" is invalid: spec\.ports\[\d+\]\.name: Duplicate value/,
    message: ({ stack, namespace, context }, [, name = ""]) =>
      `A port of Service ${name} was changed in the cluster, and ours cannot stand beside it under the same name.\n` +
      "Fix: have it made anew (it gets another cluster IP; pods and data stay):\n" +
      `  kubectl --context ${context} -n ${namespace} delete service ${name}; then make up STACK=${stack}`,
  },
  {
    // provider/pkg/await/errors.go @ 94977969
    pattern: /'([^'\s]+)' timed out waiting to be Ready/,
    message: notReady,
  },
];

/** How many of the provider's reasons are repeated. */
const REASONS = 8;

/** Every object that did not become ready in time, why, and how to go on. */
function notReady({ stack, namespace, context, pulumi }: Facts, { input }: RegExpExecArray): string {
  const all = input.slice(Math.max(input.lastIndexOf("\nDiagnostics:"), 0));
  const names = new Set(
    [...all.matchAll(/'([^'\s]+)' timed out waiting to be Ready/g)].map(([, name]) => name),
  );
  const reasons = new Set(
    [...all.matchAll(/^[ \t]+\* (.+)$/gm)].flatMap(([, reason = ""]) =>
      reason.includes("timed out waiting") ? [] : [reason],
    ),
  );
  const broken = new Set([...all.matchAll(/\[Pod \S+\/(\S+-0)\]/g)].map(([, pod]) => pod));
  const kubectl = `kubectl --context ${context} -n ${namespace}`;
  return [
    `Not ready within its time limit: ${[...names].join(", ")}. What ran before is left as it was, where it could be.`,
    ...[...reasons].slice(0, REASONS).map((reason) => `  ${reason}`),
    `Fix: correct the cause, then make up STACK=${stack}: it goes on from here.`,
    // https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
    ...(broken.size > 0
      ? [
          "A StatefulSet keeps a broken pod also when its cause is corrected. While that make up waits, or after it, delete it:",
          `  ${kubectl} delete pod ${[...broken].join(" ")}`,
          "  (stays Terminating on a node that is lost: once that is gone for good, add --force)",
        ]
      : []),
    `Look closer: ${kubectl} get events --sort-by=.lastTimestamp`,
    `More time: ${pulumi} config set --path 'multi-client:rollout.timeoutSeconds' 900 --stack ${stack}`,
  ].join("\n");
}
