import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { asker, type Base } from "../../smoke/client.ts";
import { resultText, smoke as askAll } from "../../smoke/run.ts";
import { UserError } from "../../system/errors.ts";
import { value, type Env } from "../../system/folders.ts";
import { openCli } from "../cli.ts";
import { contextOf, headline, makePlan, type Invocation } from "../plan.ts";
import { which } from "../process.ts";
import type { Outputs } from "../report.ts";
import { checkCluster, sandboxCluster } from "../start.ts";
import { isLocal, type Stack } from "../stacks.ts";

/** Asks the deployed application over HTTP; ends with code 1 where something does not hold. */
export async function smoke(invocation: Invocation): Promise<void> {
  const { env } = invocation;
  const json = value(env.JSON) !== undefined;
  const write = json ? (text: string) => void process.stderr.write(text) : invocation.write;
  const plan = makePlan(invocation);
  const { stack } = plan;
  if (sandboxCluster(stack) !== undefined || contextOf(stack).startsWith("kwok-")) {
    throw new UserError(
      `The nodes of ${contextOf(stack)} are simulated: no container runs, so there is nothing to ask.\n` +
        "Ask a stack on a real cluster: make smoke STACK=dev",
    );
  }
  write(`${headline(plan)}\n`);
  const log = (line: string) => {
    write(`${line}\n`);
  };
  const cli = await openCli(plan, { ...invocation, write }, log);
  await checkCluster(stack, env);
  const outputs = await cli.outputs();
  if (outputs.namespace === undefined)
    throw new UserError(`Nothing is deployed in stack ${stack.name}.\nFix: make up STACK=${stack.name}`);
  const way = await reach(stack, outputs, env);
  const writes = value(env.WRITE) === undefined ? isLocal(stack) : env.WRITE !== "0";
  log(`Asking ${way.base.url}${writes ? ", adding a row" : ", adding nothing (WRITE=1 adds a row)"}:`);
  try {
    const results = await askAll(asker(way.base), writes, (result) => {
      log(resultText(result));
    });
    const failed = results.filter(({ got }) => got !== undefined).length;
    const all = results.map(({ assertion: { number, title, expected }, got, seconds }) => ({
      ...{ number, title, expected, got, seconds },
    }));
    if (json) invocation.write(`${JSON.stringify({ stack: stack.name, assertions: all }, null, 2)}\n`);
    log(`${results.length - failed} passed, ${failed} failed`);
    if (failed > 0) process.exitCode = 1;
  } finally {
    way.end();
  }
}

interface Way {
  readonly base: Base;
  readonly end: () => void;
}

/** `url` where it answers as it is, else a port-forward of our own. */
async function reach(stack: Stack, { url, namespace }: Outputs, env: Env): Promise<Way> {
  const certificate = stack.certificate;
  const trust = certificate === undefined ? {} : { certificate };
  if (typeof url === "string" && url !== "") return { base: { url, ...trust }, end: () => undefined };
  const kubectl = which("kubectl", env);
  if (kubectl === undefined) {
    throw new UserError(
      `Stack ${stack.name} has no url that answers by itself, and kubectl, which could lead there, is not on PATH.\n` +
        "Fix: install it (https://kubernetes.io/docs/tasks/tools/).",
    );
  }
  const { port, end } = await forward(kubectl, contextOf(stack), String(namespace), env);
  const tls = certificate !== undefined && !stack.ingress;
  return { base: { url: `${tls ? "https" : "http"}://127.0.0.1:${port}`, ...(tls && trust) }, end };
}

/** A port of this computer that leads to the client, until `end`, or until we are gone, however that came. */
function forward(kubectl: string, context: string, namespace: string, env: Env) {
  // The shell waits for the end of its input, which we hold open, and then ends kubectl.
  const script = '"$@" </dev/null & pid=$!; cat >/dev/null; kill "$pid"';
  const args = ["--context", context, "-n", namespace, "port-forward", "service/client", ":3050"];
  const child = spawn("sh", ["-c", script, "sh", kubectl, ...args], { env, stdio: "pipe" });
  return new Promise<{ readonly port: number; readonly end: () => void }>((done, fail) => {
    const said: string[] = [];
    const end = () => {
      child.stdin.end();
    };
    const give = (why: string) => {
      end();
      fail(new UserError(`kubectl port-forward to the client does not start: ${why}\n${said.join("\n")}`));
    };
    const timer = setTimeout(give, 15_000, "nothing within 15 s");
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        const port = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
        if (port !== undefined) {
          clearTimeout(timer);
          done({ port: Number(port), end });
        } else if (/^error:|^Error/.test(line)) {
          clearTimeout(timer);
          give(line);
        }
      });
    }
    child.once("error", (error) => {
      give(error.message);
    });
  });
}
