// The executables `aws`, `az`, `gcloud`, `kubelogin` and `gke-gcloud-auth-plugin` of the sandbox: `NAME ARGS...`.
import { join } from "node:path";
import { sandboxClientConfig } from "../plugin-kubeconfig.ts";
import { SimulatedAccount } from "./simulated-account.ts";
import { CALLER_VARIABLE, defaultCallers } from "./caller-identity.ts";
import { accountAnswers } from "./account-answers.ts";
import { helperPrograms } from "./helper-programs.ts";
import { textAt } from "../../system/fields.ts";

/** A credential of the sandbox's API server, for whom the simulated cloud lets in. */
function credential(name: string, args: readonly string[]): object {
  const helper = Object.entries(helperPrograms).find(([each]) => each === name)?.[1];
  if (helper === undefined) throw new Error(`there is no stand-in for ${name}`);
  const folder = process.env.MULTI_CLIENT_CLOUDS;
  if (folder === undefined) throw new Error("this stand-in serves only what the launcher starts");
  const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO ?? "{}") as unknown;
  const account = new SimulatedAccount(join(folder, helper.cloud)).all();
  const cluster = helper.cluster({ args, server: textAt(info, "spec", "cluster", "server") }, account);
  const caller = process.env[CALLER_VARIABLE] ?? defaultCallers[helper.cloud];
  const grants = account.filter(
    (each) => each.type === helper.grant.type && helper.grant.lets(each, caller, cluster),
  );
  if (grants.length === 0) throw new Error(`Unauthorized: nothing lets ${caller} into ${cluster.id}`);
  if (grants.every(({ effective }) => effective > Date.now()))
    throw new Error(`Unauthorized: the grant of ${caller} has no effect yet`);
  const { tls } = sandboxClientConfig();
  return {
    kind: "ExecCredential",
    apiVersion: "client.authentication.k8s.io/v1beta1",
    spec: {},
    // The real programs give a token; the sandbox's API server knows certificates.
    status: { clientCertificateData: tls.cert?.toString(), clientKeyData: tls.key?.toString() },
  };
}

/** What a cloud's CLI says of the account; undefined where another program or a credential is asked for. */
function accountAnswer(name: string, args: readonly string[]): string | undefined {
  const cli = Object.entries(accountAnswers).find(([each]) => each === name)?.[1];
  const folder = process.env.MULTI_CLIENT_CLOUDS;
  if (cli === undefined || folder === undefined) return undefined;
  for (const { call, answer } of cli.answers) {
    const match = call.exec(`${args.join(" ")} `);
    if (match) return answer(new SimulatedAccount(join(folder, cli.cloud)), match);
  }
  return undefined;
}

try {
  const [name = "", ...args] = process.argv.slice(2);
  console.log(accountAnswer(name, args) ?? JSON.stringify(credential(name, args)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
