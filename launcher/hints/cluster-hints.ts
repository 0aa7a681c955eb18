import type { Facts, Hint } from "./hint.ts";
import { NOT_READY } from "./not-ready.ts";

/** provider/pkg/await/errors.go, and for claims provider/pkg/watcher/watcher.go @ 94977969. */
const TIMED_OUT = /'([^'\s]+)' timed out waiting to be Ready|Timeout occurred polling for '([^'\s]+)'/;

/** What the cluster itself refuses, or does not bring about. */
export const clusterHints: readonly Hint[] = [
  {
    // k8s.io/apimachinery/pkg/util/managedfields (conflicts), and the plugin's words around it
    pattern: /apply conflict[\s\S]*?conflicts? with "([^"]+)"[^:]*:?\s*([\s\S]*?\.[\w.[\]="{}:-]+)/,
    message: ({ stack, namespace, kubectl }, [, holder = "", field = ""]) =>
      `Another program, "${holder}", has taken over what this one sets: ${field.replaceAll(/\s+/g, " ").trim()}. It was left alone.\n` +
      "If it is to set this, leave it out here: an autoscaler is services.NAME.scale {min, max}.\n" +
      "Else stop it, and set the value as it was: what is changed with kubectl edit hands it back to this program.\n" +
      `  ${kubectl} -n ${namespace} edit ...; then make up STACK=${stack}`,
  },
  {
    // k8s.io/kubernetes/pkg/apis/core/validation (ValidateService)
    pattern: /Service "([^"]+)" is invalid: spec\.ports\[\d+\]\.name: Duplicate value/,
    message: ({ stack, namespace, kubectl }, [, name = ""]) =>
      `A port of Service ${name} was changed in the cluster, and ours cannot stand beside it under the same name.\n` +
      "Fix: have it made anew (it gets another cluster IP; pods and data stay):\n" +
      `  ${kubectl} -n ${namespace} delete service ${name}; then make up STACK=${stack}`,
  },
  {
    pattern: TIMED_OUT,
    message: notReady,
  },
];

/** What did not become ready in time, and how to go on; why is in the output, and with the cluster (not-ready.ts). */
function notReady({ stack, namespace, kubectl, pulumi }: Facts, { input }: RegExpExecArray): string {
  const names = [...input.matchAll(new RegExp(TIMED_OUT, "g"))].map(([, pods, claim]) => pods ?? claim);
  return [
    `${NOT_READY}: ${[...new Set(names)].join(", ")}. What ran before is left as it was, where it could be.`,
    `Fix: correct the cause, then make up STACK=${stack}: it goes on from here.`,
    `Look closer: ${kubectl} -n ${namespace} get events --sort-by=.lastTimestamp`,
    `More time: ${pulumi} config set --path 'multi-client:rollout.timeoutSeconds' 900 --stack ${stack}`,
  ].join("\n");
}
