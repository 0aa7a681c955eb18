import type { ExposureType } from "../components/cluster/endpoint.ts";
import { isPlaceholderAccount } from "./accounts.ts";
import { isManagedProvider, type ManagedProvider } from "./clouds/index.ts";
import { publicExposure } from "./schema.ts";

/** A group of settings, as it was written. */
export type Group = Readonly<Record<string, unknown>>;

/** The settings of a stack as they were written: read, and not judged. */
export interface RawSettings {
  /** The sections under `multi-client:`, by their key behind it. */
  readonly sections: Group;
  /** Every setting as text by full key, as the engine hands it over: objects and lists are JSON. */
  readonly texts: Readonly<Record<string, string>>;
  /** `multi-client:cluster`; empty where that is no group of settings. */
  readonly cluster: Group;
  /** The cloud on which the stack makes its cluster. @default it makes none */
  readonly cloud: ManagedProvider | undefined;
  /** The account is the one that documentation uses as an example: nobody's. */
  readonly hasPlaceholderAccount: boolean;
  /** `multi-client:exposure.type`, where `public` is resolved. */
  readonly exposureType: ExposureType;
  readonly namespace: string;
}

/**
 * Reads the settings of a stack from the texts that the engine hands over, or that `parseStackFile` reads.
 *
 * @param texts by full key: `multi-client:cluster`, `aws:region`.
 */
export function readSettings(texts: Readonly<Record<string, string>>, project = "multi-client"): RawSettings {
  const prefix = `${project}:`;
  const own = Object.entries(texts).filter(([key]) => key.startsWith(prefix));
  const sections = Object.fromEntries(own.map(([key, text]) => [key.slice(prefix.length), parseValue(text)]));
  const cluster = groupOf(sections.cluster);
  const { type = "clusterIP" } = groupOf(sections.exposure);
  const cloud = isManagedProvider(cluster.provider) ? cluster.provider : undefined;
  return {
    sections,
    texts,
    cluster,
    cloud,
    hasPlaceholderAccount: cloud !== undefined && isPlaceholderAccount(cloud, texts),
    exposureType: type === "public" ? publicExposure(cluster) : (type as ExposureType),
    namespace: typeof sections.namespace === "string" ? sections.namespace : "multi-client",
  };
}

/** A value of its text: the engine hands objects and lists over as JSON, and everything else as it was written. */
export function parseValue(text: string): unknown {
  try {
    return /^[[{]/.test(text) ? JSON.parse(text) : text;
  } catch {
    return text; // the schema refuses it, by its key
  }
}

/** A group of settings; empty for a value that is none. */
export function groupOf(value: unknown): Group {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Group) : {};
}
