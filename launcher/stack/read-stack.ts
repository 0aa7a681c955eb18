import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalImage, resolveImage } from "../../components/kubernetes/image.ts";
import type { ManagedProvider } from "../../config/clouds/index.ts";
import type { Services } from "../../components/service.ts";
import { shown } from "../../config/problems.ts";
import { groupOf, readSettings, type RawSettings } from "../../config/raw-settings.ts";
import { ENCRYPTED, parseStackFile, type StackFile } from "../../config/stack-file.ts";
import { services } from "../../services.ts";
import { UserError } from "../../system/errors.ts";

/** The cluster of a stack, as far as the launcher needs to know it; the program itself checks the settings. */
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
      readonly cloud: ManagedProvider;
      /** The account is the one that documentation uses as an example: nobody's. */
      readonly hasPlaceholderAccount: boolean;
      /** The clouds are the sandbox's; settled with the plugins. */
      readonly simulated: boolean;
    }
  | {
      readonly provider: "other";
      /** The fault of `multi-client:cluster`, such as `missing`. */
      readonly fault: string;
    };

/** A stack as its file describes it. */
export interface Stack {
  readonly name: string;
  readonly target: Target;
  readonly namespace: string;
  /** The namespace is there already, and not the stack's own. @default false */
  readonly existingNamespace?: boolean;
  /** The client is reached through an Ingress. */
  readonly ingress: boolean;
  /** PEM of the certificate that the client or Ingress shows. @default no TLS */
  readonly certificate?: string;
  /** The images that its pods name, with registry and repository spelt out. */
  readonly images: readonly string[];
  /** The name of the Secret with which they are pulled. @default no login, or that of the nodes */
  readonly pullSecret?: string;
  /** The name of the Secret with the keys of `backup.s3`. @default backups are copied to no such bucket */
  readonly bucketSecret?: string;
  /** A service is scaled by load. */
  readonly autoscaled: boolean;
  /** The provider that `pulumi stack init --secrets-provider` takes. @default the file names none */
  readonly secretsProvider?: string;
}

/** The stacks that have a file. */
export function stackNames(root: string): string[] {
  return readdirSync(root)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/** The name of the file of a stack, whatever is in it. @throws UserError which lists the stacks there are */
export function stackFileOf(root: string, name: string): string {
  const file = `Pulumi.${name}.yaml`;
  const names = stackNames(root);
  if (names.includes(name)) return file;
  throw new UserError(
    `There is no stack ${JSON.stringify(name)}: ${file} is not there.\n` +
      `Stacks: ${names.join(", ")}.\n` +
      "Fix: make <target> STACK=<one of them>, or write the file (docs/operations.md, Stacks and targets).",
  );
}

/**
 * Reads the file of a stack by the rules of the engine.
 *
 * @throws UserError which lists the stacks there are, or says why the file cannot be read.
 */
export function readSettingsOf(root: string, name: string): RawSettings & StackFile {
  const file = stackFileOf(root, name);
  const stackFile = parseStackFile(file, readFileSync(join(root, file), "utf8"));
  return { ...stackFile, ...readSettings(stackFile.texts) };
}

/** Reads a stack. @throws UserError as {@link readSettingsOf} */
export function readStack(root: string, name: string): Stack {
  const settings = readSettingsOf(root, name);
  const { sections, namespace, secretsProvider } = settings;
  const certificate = text(groupOf(groupOf(sections.exposure).tls).certificate);
  const images = groupOf(sections.images);
  const pullSecret = text(images.pullSecret);
  const bucketSecret = text(groupOf(groupOf(sections.backup).s3).secret);
  return {
    name,
    target: targetOf(settings),
    namespace,
    ...(settings.cluster.existingNamespace === true && { existingNamespace: true }),
    ingress: settings.exposureType === "ingress",
    images: imagesOf(images, sections.backup !== undefined),
    ...(pullSecret === undefined ? {} : { pullSecret }),
    ...(bucketSecret === undefined ? {} : { bucketSecret }),
    autoscaled: Object.values(groupOf(sections.services)).some(
      (service) => "max" in groupOf(groupOf(service).scale),
    ),
    ...(certificate === undefined ? {} : { certificate }),
    ...(secretsProvider === undefined ? {} : { secretsProvider }),
  };
}

/** The image of a service, by the section `images` of a stack. Settings that are no text are refused by the program. */
export function imageOf(key: string, settings: Readonly<Record<string, unknown>>): string {
  const texts = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, text(value)]));
  return resolveImage(key, (services as Services)[key]?.image ?? "", texts);
}

/** The images of all services, and where backups are copied, of what copies them. */
function imagesOf(settings: Readonly<Record<string, unknown>>, copiesBackups: boolean): readonly string[] {
  const registry = text(settings.registry);
  const uploads = Object.values<Services[string]>(services).flatMap(({ bucketCopy }) =>
    bucketCopy && copiesBackups ? [resolveImage("", bucketCopy.upload.image, { registry })] : [],
  );
  const images = Object.keys(services).map((key) => imageOf(key, settings));
  return [...new Set([...images, ...uploads].map(canonicalImage))];
}

function targetOf({ cluster, cloud, sections, hasPlaceholderAccount }: RawSettings): Target {
  if (cloud !== undefined) return { provider: "managed", cloud, hasPlaceholderAccount, simulated: false };
  const [driver, kubernetesVersion, context] = [
    cluster.driver,
    cluster.kubernetesVersion,
    cluster.context,
  ].map(text);
  if (cluster.provider === "minikube") {
    return {
      provider: "minikube",
      context: text(cluster.profile) ?? "minikube",
      ...(driver === undefined ? {} : { driver }),
      ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
    };
  }
  return cluster.provider === "existing" && context !== undefined
    ? { provider: "existing", context, local: cluster.local === true }
    : { provider: "other", fault: faultOf(sections.cluster) };
}

function faultOf(cluster: unknown): string {
  if (cluster === undefined || cluster === ENCRYPTED) return cluster === undefined ? "missing" : "encrypted";
  const { provider } = groupOf(cluster);
  if (provider === undefined || provider === "existing")
    return `without a ${provider === undefined ? "provider" : "context"}`;
  return `of provider ${shown(provider)}`;
}

/** Tells whether the stack makes its cluster itself. */
export const isManaged = ({ target }: Stack): boolean => target.provider === "managed";

/** Tells whether the cluster is on this computer: its data may go, and stand-ins may be asked for. */
export function isLocal({ target }: Stack): boolean {
  return target.provider === "minikube" || (target.provider === "existing" && target.local);
}

/** The stack that a command is about, and why. */
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

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;
