import { randomBytes } from "node:crypto";
import { isAnnotated } from "./annotations.ts";
import type { Kind } from "./served-kinds.ts";
import { keepSecrets, plainObject } from "../engine-values.ts";
import { type Fields, isObject, nameOf, objectAt, textAt } from "../../system/fields.ts";

const AUTONAMED = "pulumi.com/autonamed";

/** Whether an object's name was made here (IsAutonamed, provider/pkg/metadata/naming.go @ 94977969). */
export const isAutonamed = (object: Fields): boolean => isAnnotated(object, "autonamed");

/** The API server turns stringData into data (normalizeSecret, provider/pkg/clients/unstructured.go @ 94977969). */
function withoutStringData({ stringData, ...rest }: Fields): Fields {
  if (!isObject(stringData)) return rest;
  const data = { ...objectAt(rest, "data") };
  for (const [key, value] of Object.entries(stringData))
    data[key] = Buffer.from(String(value)).toString("base64");
  return { ...rest, data };
}

/**
 * What the official `Check` makes of a resource's inputs (provider/pkg/provider/provider.go @ 94977969): if it has no
 * name, `<name>-<8 hex>`, or the last one if that was made here; a namespace, apiVersion and kind. The label
 * `app.kubernetes.io/managed-by` belongs to client-side apply; with server-side apply, used here, it is not added.
 * `olds` are the inputs of the last run, empty for an object that is new or takes the place of another.
 */
export function checkInputs(kind: Kind, name: string, namespace: string, olds: Fields, news: Fields): Fields {
  const given = plainObject(news);
  const old = plainObject(olds);
  const metadata = given.metadata ?? {};
  // A whole `metadata` that is not known yet cannot be completed.
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
