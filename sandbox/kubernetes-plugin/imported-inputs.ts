import { LAST_APPLIED } from "../engine-values.ts";
import { type Fields, objectAt, without } from "../../system/fields.ts";

/** The metadata and annotations that only the API server or a controller writes, and that an import leaves out. */
const SERVER_METADATA = ["creationTimestamp", "generation", "managedFields", "resourceVersion", "uid"];
const CONTROLLER_ANNOTATIONS = ["deployment.kubernetes.io/revision", LAST_APPLIED];

/**
 * The inputs of an object that was never an input here: the whole live object but its status, defaults of the API
 * server included (`Read` with `readFromCluster`, provider/pkg/provider/provider.go @ 94977969; of the kinds served
 * here, every other top-level field is an input property of the SDK). So the next diff deletes what the program does
 * not say, and replaces the object where such a field is in its replacement list, such as a Service's `spec.clusterIP`.
 */
export function importedInputs(live: Fields): Fields {
  const metadata = without(objectAt(live, "metadata"), [...SERVER_METADATA, "annotations"]);
  const annotations = without(objectAt(live, "metadata", "annotations"), CONTROLLER_ANNOTATIONS);
  // An empty map is dropped here; the official plugin drops it before each diff (`normalizeInputs`).
  if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
  return { ...without(live, ["status"]), metadata };
}
