import { kubeContexts, parseKubeconfig } from "../../system/kubeconfig.ts";
import { accountOf } from "../../config/accounts.ts";
import type { Facts } from "../../config/checks.ts";
import type { ManagedProvider } from "../../config/clouds/index.ts";
import { fixLines, problemText, type Problem } from "../../config/problems.ts";
import { services } from "../../services.ts";

/** A folder without stack files, so that no line of one is named. */
const nowhere = { root: "/nowhere" };

/** The text of problems as a golden file has it: with none of what changes when there is one more service. */
export function goldenText(title: string, problems: readonly Problem[]): string {
  const [, ...lines] = problemText("prod", problems, nowhere).split("\n");
  return [title, ...lines, ""].join("\n").replace(Object.keys(services).join(", "), "<every service>");
}

/** The lines of a problem's fix, for stack prod; none where there is no problem. */
export const fixOf = (problem: Problem | undefined): string[] =>
  problem ? fixLines(problem.fix, "prod", nowhere) : [];

const guid = (digit: string) => "00000000-0000-0000-0000-000000000000".replaceAll("0", digit);

/** The settings of an account that is somebody's, by cloud. */
export const accounts: Readonly<Record<ManagedProvider, Readonly<Record<string, string>>>> = {
  eks: { "aws:region": "eu-central-1", "aws:allowedAccountIds": '["123456789012"]' },
  aks: {
    "azure-native:location": "westeurope",
    "azure-native:subscriptionId": guid("1"),
    "azure-native:tenantId": guid("2"),
  },
  gke: { "gcp:region": "europe-west3", "gcp:project": "corp-multi-client" },
};
export const providers = Object.keys(accounts) as ManagedProvider[];

const marked = [{ name: "cluster_info", extension: { provider: "minikube.sigs.k8s.io" } }];
const kubeconfig = JSON.stringify({
  clusters: [
    { name: "minikube", cluster: { server: "https://192.168.49.2:8443", extensions: marked } },
    { name: "second", cluster: { server: "https://192.168.58.2:8443", extensions: marked } },
    { name: "near", cluster: { server: "https://127.0.0.1:6443" } },
    { name: "far", cluster: { server: "https://k8s.example.com" } },
  ],
  contexts: ["minikube", "second", "near", "far"].map((name) => ({ name, context: { cluster: name } })),
});

/** The facts of a stack whose cluster is there already: two of minikube's, one that is local, and one that is not. */
export const facts: Facts = {
  secretSections: [],
  defaultProviderDisabled: true,
  contexts: kubeContexts(parseKubeconfig(kubeconfig)),
  kubeconfig: "~/.kube/config",
  isDrill: false,
  now: new Date("2026-12-03"),
  placeholders: "refused",
  stack: "prod",
  account: {},
};

/** The facts of a stack on a cloud. */
export function factsOf(provider: ManagedProvider, change: Partial<Facts> = {}): Facts {
  return { ...facts, account: accountOf(provider, accounts[provider], "refused").account, ...change };
}

export const minikube = { cluster: { provider: "minikube" } };
export const near = { provider: "existing", context: "near", local: true };
export const far = { provider: "existing", context: "far" };

const zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];
const common = { authorizedCidrs: ["198.51.100.0/24"], owner: "platform", costCentre: "cc-1" };
const eks = { ...common, admins: ["arn:aws:iam::123456789012:role/platform"], network: { zones } };

/** Stack files of managed clusters with what they must say, by cloud. */
export const managed = {
  eks: { cluster: { provider: "eks", ...eks }, exposure: { type: "ingress", plainHttp: true } },
  aks: {
    cluster: { provider: "aks", ...common, admins: ["11111111-2222-3333-4444-555555555555"] },
    exposure: { type: "loadBalancer", plainHttp: true },
  },
  gke: {
    cluster: { provider: "gke", ...common, admins: ["group:platform@corp.test"] },
    exposure: { type: "gateway", plainHttp: true },
  },
} as const satisfies Record<ManagedProvider, object>;

const changed = (provider: ManagedProvider) => (change: object) => ({
  ...managed[provider],
  cluster: { ...managed[provider].cluster, ...change },
});
/** A stack file of that cloud, with some settings of its cluster changed. */
export const [onEks, onAks, onGke] = [changed("eks"), changed("aks"), changed("gke")];
