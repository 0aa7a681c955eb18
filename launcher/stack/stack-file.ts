import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { readSettings } from "../../config/raw-settings.ts";
import { UserError } from "../../system/errors.ts";

/** What the launcher needs of `multi-client:cluster`; anything it cannot read is left to the program's own check. */
export type Target =
  | {
      readonly provider: "minikube";
      /** Also the name of the context. */
      readonly context: string;
      readonly driver?: string;
      readonly kubernetesVersion?: string;
    }
  | { readonly provider: "existing"; readonly context: string; readonly local: boolean }
  | {
      readonly provider: "managed";
      readonly cloud: "eks" | "aks" | "gke";
      /** Whether its file names only accounts that documentation uses: they are nobody's. */
      readonly documentation: boolean;
      /** Whether the clouds are the sandbox's; settled with the plugins. */
      readonly simulated: boolean;
    }
  | { readonly provider: "other" };

/** A stack as its file describes it. */
export interface Stack {
  readonly name: string;
  readonly target: Target;
  readonly namespace: string;
  /** Whether the client is reached through an Ingress. */
  readonly ingress: boolean;
  /** PEM of the certificate that the client or Ingress shows. @default no TLS */
  readonly certificate?: string;
  /** Whether a service is scaled by load. */
  readonly autoscaled: boolean;
  /** As `pulumi stack init --secrets-provider` takes it. @default the file names none */
  readonly secretsProvider?: string;
}

type Settings = Readonly<Record<string, unknown>>;

/** The stacks that have a file. */
export function stackNames(root: string): string[] {
  return readdirSync(root)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/** @throws UserError which lists the stacks there are, or says why the file cannot be read. */
export function readStack(root: string, name: string): Stack {
  if (!stackNames(root).includes(name)) {
    throw new UserError(
      `There is no stack ${JSON.stringify(name)}: Pulumi.${name}.yaml is not there.\n` +
        `Stacks: ${stackNames(root).join(", ")}.\n` +
        "Fix: make <target> STACK=<one of them>, or write the file (docs/operations.md, Stacks and targets).",
    );
  }
  const file = `Pulumi.${name}.yaml`;
  let content: Settings;
  try {
    content = settings(parse(readFileSync(join(root, file), "utf8")));
  } catch (error) {
    const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : "";
    throw new UserError(
      `${file} cannot be read: ${why}\nFix: correct the file; git diff ${file} shows what changed.`,
    );
  }
  const config = settings(content.config);
  const services = Object.values(settings(config["multi-client:services"]));
  const certificate = text(settings(settings(config["multi-client:exposure"]).tls).certificate);
  const provider =
    text(content.secretsprovider) ?? (content.encryptionsalt === undefined ? undefined : "passphrase");
  return {
    name,
    target: target(settings(config["multi-client:cluster"]), config),
    namespace: text(config["multi-client:namespace"]) ?? "multi-client",
    ingress: readSettings(config).exposureType === "ingress",
    autoscaled: services.some((service) => "max" in settings(settings(service).scale)),
    ...(certificate === undefined ? {} : { certificate }),
    ...(provider === undefined ? {} : { secretsProvider: provider }),
  };
}

/** The account settings of a cloud that decide whose bill it is, and what documentation writes there. */
const documentation: Readonly<Record<"eks" | "aks" | "gke", readonly [key: string, value: string]>> = {
  eks: ["aws:allowedAccountIds", "111122223333"],
  aks: ["azure-native:subscriptionId", "00000000-0000-0000-0000-000000000000"],
  gke: ["gcp:project", "example-project"],
};

function target(cluster: Settings, config: Settings): Target {
  const driver = text(cluster.driver);
  const kubernetesVersion = text(cluster.kubernetesVersion);
  const context = text(cluster.context);
  switch (cluster.provider) {
    case "minikube":
      return {
        provider: "minikube",
        context: text(cluster.profile) ?? "minikube",
        ...(driver === undefined ? {} : { driver }),
        ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
      };
    case "existing":
      return context === undefined
        ? { provider: "other" }
        : { provider: "existing", context, local: cluster.local === true };
    case "eks":
    case "aks":
    case "gke": {
      const [key, value] = documentation[cluster.provider];
      const found = [config[key]].flat().map(String);
      return {
        provider: "managed",
        cloud: cluster.provider,
        documentation: found.length === 1 && found[0] === value,
        simulated: false,
      };
    }
    default:
      return { provider: "other" };
  }
}

/** Whether the stack makes its cluster itself. */
export const isManaged = ({ target }: Stack): boolean => target.provider === "managed";

/** Whether the cluster is on this computer: its data may go, and stand-ins may be asked for. */
export function isLocal({ target }: Stack): boolean {
  return target.provider === "minikube" || (target.provider === "existing" && target.local);
}

/** Which stack a command is about, and why. */
export interface Choice {
  readonly name: string;
  readonly because: string;
}

/** The stack asked for; else dev where minikube is on PATH; else the sandbox, dev's twin. */
export function chooseStack(asked: string | undefined, minikubeFound: boolean): Choice {
  if (asked !== undefined) return { name: asked, because: "STACK says so" };
  return minikubeFound
    ? { name: "dev", because: "minikube is on PATH" }
    : { name: "sandbox", because: "minikube is not on PATH" };
}

const settings = (value: unknown): Settings =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Settings) : {};
const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;
