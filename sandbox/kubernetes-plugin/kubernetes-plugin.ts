// The executable `pulumi-resource-kubernetes` of the sandbox.
import { servePlugin } from "../plugin-server.ts";
import { KubernetesProvider } from "./kubernetes-provider.ts";

servePlugin(
  "4.34.2",
  (stop, say) =>
    new KubernetesProvider(stop, {
      show: (urn, { text, severity }) => {
        void say(urn, text, { severity, passing: true });
      },
      log: (urn, { text, severity }) => say(urn, text, { severity, passing: false }),
    }),
);
