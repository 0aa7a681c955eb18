// The executables `pulumi-resource-aws`, `-azure-native` and `-gcp` of the sandbox: `main.ts CLOUD VERSION ENGINE`.
import { join } from "node:path";
import { kubeClient } from "../../system/kube-client.ts";
import { sandboxClientConfig } from "../plugin-kubeconfig.ts";
import { servePlugin } from "../plugin-server.ts";
import { clouds } from "./cloud-rules.ts";
import { CloudProvider } from "./cloud-provider.ts";

const [named = "", version = ""] = process.argv.slice(2);
const cloud = clouds.find((each) => each === named);
if (cloud === undefined) throw new Error(`there is no simulated cloud ${named}`);

/** The folder of the simulated accounts. Without it the launcher did not choose to simulate. */
const folder = process.env.MULTI_CLIENT_CLOUDS;
if (folder === undefined) {
  console.error(
    `The simulated ${cloud} serves only what the launcher starts: make up STACK=... PLUGINS=standin. For a real\n` +
      "account run on a connected computer, without PLUGINS=standin.",
  );
  process.exit(1);
}

/** The API server that the clusters of this cloud lead to, as the templates of its rules name it. */
function cluster(name: string): unknown {
  if (!["server", "host", "ca"].includes(name)) return undefined;
  const { server, tls } = sandboxClientConfig();
  const names: Readonly<Record<string, unknown>> = {
    server,
    host: server.replace("https://", ""),
    ca: tls.ca?.toString("base64"),
  };
  return names[name];
}

const api = () => kubeClient(sandboxClientConfig());

servePlugin(
  version,
  (stop, report) => new CloudProvider(cloud, { folder: join(folder, cloud), cluster, api, stop, report }),
);
