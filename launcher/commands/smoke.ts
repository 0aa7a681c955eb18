import { asker, type Base } from "../../smoke/http-client.ts";
import { assertions, type Assertion } from "../../smoke/assertions.ts";
import { attempt, policyAssertion, type Exec } from "../../smoke/network-policies.ts";
import { isFailure, resultData, resultText, smoke as askAll, type Result } from "../../smoke/smoke.ts";
import { edgeService } from "../../smoke/targets.ts";
import { services } from "../../services.ts";
import { UserError } from "../../system/errors.ts";
import { value, type Env } from "../../system/folders.ts";
import { lastLines, run } from "../../system/process.ts";
import { forward } from "../cluster/port-forward.ts";
import { backupAssertion } from "../backups/backup-assertion.ts";
import { backupContainer } from "../backups/backup-container.ts";
import { kubectlFor, type Kubectl } from "../cluster/kubectl.ts";
import { openDeployed, type DeployedStack } from "../stack/deployed-stack.ts";
import { kubectlOf, makePlan, outputOf, type Invocation } from "../stack/plan.ts";
import type { Outputs } from "../stack/report.ts";
import type { ClusterConnection } from "../cluster/cluster-connection.ts";
import { isLocal, isManaged, type Stack } from "../stack/read-stack.ts";

/** Asks the deployed application over HTTP; ends with code 1 where something does not hold. */
export async function smoke(invocation: Invocation): Promise<void> {
  if ((await failedAssertions(invocation)) > 0) process.exitCode = 1;
}

/** The time until a cloud's new load balancer has a name that resolves, and a route, in milliseconds: minutes after its address. */
const EDGE_PATIENCE = 600_000;

/**
 * The time that the worker and the database may take, in milliseconds. The cases of `make e2e` that break one of them need not
 * wait for long. @default that of the assertions
 */
export function patienceOf(env: Env): number | undefined {
  const asked = value(env.MULTI_CLIENT_SMOKE_SECONDS);
  return asked === undefined ? undefined : 1000 * Number(asked);
}

/** Asks the deployed application over HTTP, and says what it answers. @returns how many assertions do not hold */
export async function failedAssertions(invocation: Invocation): Promise<number> {
  const { env } = invocation;
  const { json, log } = outputOf(invocation);
  // An unusable WRITE is refused before anything is asked.
  const writes = mayWrite(makePlan(invocation).stack, value(env.WRITE));
  const deployed = await openDeployed(invocation, log);
  const { stack, cli, cluster } = deployed;
  const outputs = await cli.outputs();
  const kubectl = `${kubectlOf(stack, env)} -n ${stack.namespace}`;
  const endpoint = await endpointOf(stack, outputs, cluster, kubectl);
  log(
    `Asking ${endpoint.description}${writes ? ", adding a row" : ", adding nothing (WRITE=1 adds a row)"}:`,
  );
  try {
    const listener = {
      result: (result: Result) => {
        log(resultText(result, kubectl));
      },
      note: log,
    };
    const backups = backupAssertion(() => backupContainer(deployed));
    const list = [
      ...assertions(patienceOf(env), isManaged(stack) && outputs.url ? EDGE_PATIENCE : 0),
      ...policies(outputs, deployed),
      backups,
    ];
    const results = await askAll(asker(endpoint.base), writes, listener, list);
    const failed = results.filter(isFailure).length;
    const passed = results.filter(({ got }) => got === undefined).length;
    if (failed > 0) for (const line of endpoint.complaints()) log(`kubectl port-forward: ${line}`);
    if (json) {
      const all = results.map((result) => resultData(result, kubectl));
      const counts = { passed, failed };
      const data = { stack: stack.name, url: endpoint.base.url, ...counts, assertions: all };
      invocation.log(JSON.stringify(data, null, 2));
    }
    log(`${passed} passed, ${failed} failed`);
    return failed;
  } finally {
    endpoint.end();
  }
}

/** The assertion about network policies; none where the stack has no policies, or was deployed before there were any. */
function policies({ networkPolicies }: Outputs, deployed: DeployedStack): Assertion[] {
  const tried = attempt(services);
  if (tried === undefined || (networkPolicies !== "enforced" && networkPolicies !== "unknown")) return [];
  const exec: Exec = async (service, command) =>
    execBy(await kubectlFor(deployed), deployed.cluster.env)(service, command);
  return [policyAssertion(tried, networkPolicies === "enforced", exec)];
}

/** Runs commands in pods by kubectl, which says so itself where no pod runs: in 5 s, and not in the minute of its default. */
export function execBy({ command: [program, ...place] }: Pick<Kubectl, "command">, env: Env): Exec {
  return async (service, command) => {
    const where = ["--pod-running-timeout=5s", `deploy/${service}`, "-c", service];
    const signal = AbortSignal.timeout(30_000);
    const { code, stdout, output } = await run(program, [...place, "exec", ...where, "--", ...command], {
      env,
      signal,
    });
    if (code !== 0) throw new Error(lastLines(output, 1) || "kubectl exec ended without a word");
    return stdout;
  };
}

/** A cluster on this computer may get a row; anywhere else only who asks for it. */
function mayWrite(stack: Stack, asked: string | undefined): boolean {
  if (asked === undefined) return isLocal(stack);
  if (asked === "0" || asked === "1") return asked === "1";
  throw new UserError(`WRITE is ${JSON.stringify(asked)}.\nExpected: 1 to add a row, 0 to add none.`);
}

/** The address at which the application is asked. */
interface Endpoint {
  readonly base: Base;
  /** The address in words. */
  readonly description: string;
  readonly complaints: () => readonly string[];
  readonly end: () => void;
}

/** `url` where it answers as it is, else a port-forward of our own, which goes round an Ingress. */
async function endpointOf(
  stack: Stack,
  { url }: Outputs,
  { context, env }: ClusterConnection,
  byHand: string,
): Promise<Endpoint> {
  const { certificate } = stack;
  const trust = certificate === undefined ? {} : { certificate };
  if (typeof url === "string" && url !== "")
    return { base: { url, ...trust }, description: url, complaints: () => [], end: () => undefined };
  const edge = edgeService();
  const service = `service/${edge.key}`;
  const target = `${service} :${edge.port}`;
  const { port, complaints, end } = await forward(context, stack.namespace, target, env, byHand);
  const tls = certificate !== undefined && !stack.ingress;
  const base = { url: `${tls ? "https" : "http"}://127.0.0.1:${port}/`, ...(tls && trust) };
  return { base, description: `${base.url} (kubectl port-forward ${service})`, complaints, end };
}
