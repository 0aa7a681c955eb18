import { randomBytes } from "node:crypto";
import { isAnnotated } from "./annotations.ts";
import type { Kind } from "./served-kinds.ts";
import { keepSecrets, plainObject } from "../engine-values.ts";
import { type Fields, isObject, nameOf, objectAt, textAt } from "../../system/fields.ts";

const AUTONAMED = "pulumi.com/autonamed";

/** Tells whether the plugin made the name of an object (IsAutonamed, provider/pkg/metadata/naming.go @ 94977969). */
export const isAutonamed = (object: Fields): boolean => isAnnotated(object, "autonamed");

/** Encodes stringData as data, as the API server does (normalizeSecret, clients/unstructured.go @ 94977969). */
function withoutStringData({ stringData, ...rest }: Fields): Fields {
  if (!isObject(stringData)) return rest;
  const data = { ...objectAt(rest, "data") };
  for (const [key, value] of Object.entries(stringData))
    data[key] = Buffer.from(String(value)).toString("base64");
  return { ...rest, data };
}

/**
 * Completes the inputs of a resource with apiVersion, kind, namespace and, where it has none, a name: `<name>-<8 hex>`,
 * or the one that an earlier run made. The label `app.kubernetes.io/managed-by` belongs to client-side apply and is not
 * added.
 *
 * @param olds the inputs of the last run; empty for an object that is new or replaces another.
 * @see Check, provider/pkg/provider/provider.go @ 94977969.
 */
export function checkInputs(kind: Kind, name: string, namespace: string, olds: Fields, news: Fields): Fields {
  const given = plainObject(news);
  const old = plainObject(olds);
  const metadata = given.metadata ?? {};
  // `metadata` that is not known yet as a whole cannot be completed.
  if (!isObject(metadata)) return news;
  let generated = "";
  if (textAt(metadata, "name") === "") {
    if (Object.keys(old).length === 0) generated = `${name}-${randomBytes(4).toString("hex")}`;
    else if (isAutonamed(old)) generated = nameOf(old);
  }
  const annotations = { ...objectAt(metadata, "annotations"), [AUTONAMED]: "true" };
  const inputs = {
    ...given,
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    metadata: {
      ...metadata,
      ...(generated !== "" && { name: generated, annotations }),
      ...(kind.namespaced && { namespace: textAt(metadata, "namespace") || namespace }),
    },
  };
  return keepSecrets(kind.kind === "Secret" ? withoutStringData(inputs) : inputs, news);
}
