import { setTimeout as sleep } from "node:timers/promises";
import { isAnnotated } from "./annotations.ts";
import { ApiError, type KubeClient } from "../../system/kube-client.ts";
import { apiPath } from "../../system/api-path.ts";
import { applyIgnoreChanges } from "./ignore-changes.ts";
import { CREATE_MANAGER, takeOverFields, hasFieldsOfCreate } from "./field-managers.ts";
import type { Kind } from "./served-kinds.ts";
import { info, type StatusMessage } from "./observation.ts";
import { type Fields, nameOf, namespaceOf } from "../../system/fields.ts";

/** The seconds between attempts to create an object whose namespace is not there yet (await.go @ 94977969). */
const RETRIES = [1, 2, 4, 8, 16];
const ALREADY_EXISTS =
  "\n\nThe resource already exists in the cluster. If a Pulumi resource was renamed, use an alias or " +
  "deleteBeforeReplace; if something else made it, import it, delete it there or choose another name.";

/** A write of one object to a cluster, or the preview of one. */
export interface Write {
  readonly cluster: KubeClient;
  readonly kind: Kind;
  readonly inputs: Fields;
  readonly isPreview: boolean;
  readonly stop: AbortSignal;
  readonly show: (note: StatusMessage) => void;
}

/**
 * Creates an object. "Not found" is tried again for half a minute, because the namespace may come later.
 *
 * @returns the object; undefined where a preview cannot know: an earlier step of the same update may still remove an
 * object of that name or make the namespace, or there is no right to try.
 * @throws when the object exists, or the API server refuses it.
 * @see Creation, await.go, and Create, provider.go, in provider/pkg @ 94977969.
 */
export async function createObject({
  cluster,
  kind,
  inputs,
  isPreview,
  stop,
  show,
}: Write): Promise<Fields | undefined> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await cluster.create(kind, inputs, CREATE_MANAGER, isPreview);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const [isMissing, exists] = [error.status === 404, error.reason === "AlreadyExists"];
      if (isPreview && (error.status === 403 || exists || (isMissing && error.about === "namespaces")))
        return;
      const pause = RETRIES[attempt];
      if (exists) throw new Error(error.message + ALREADY_EXISTS, { cause: error });
      if (!isMissing || pause === undefined || stop.aborted) throw error;
      show(info(`Retry #${attempt}; creation failed: ${error.message}`));
      await sleep(1000 * pause, undefined, { signal: stop }).catch(() => undefined);
    }
  }
}

/**
 * Applies an object on the server, under its own manager (ssaUpdate and patchForce, provider/pkg/await/await.go @
 * 94977969).
 *
 * @returns the object, and the inputs that were applied: `ignoreChanges` may have changed them.
 * @throws for a conflict with another manager, also in a preview.
 */
export async function applyObject(
  { cluster, kind, inputs, isPreview, isForcing }: Write & { readonly isForcing: boolean },
  manager: string,
  ignoreChanges: readonly string[],
): Promise<{ readonly live: Fields; readonly applied: Fields }> {
  let live = await cluster.get(apiPath(kind, namespaceOf(inputs), nameOf(inputs)));
  if (!live)
    throw new Error(
      `${kind.plural} "${nameOf(inputs)}" not found; \`pulumi refresh\` takes it from the state`,
    );
  // A preview hands nothing over, so it must force where the update will own what `create` wrote. What kubectl wrote
  // is handed over by the update as well, but a preview reports the conflict.
  const isForced = isForcing || isAnnotated(inputs, "patchForce") || (isPreview && hasFieldsOfCreate(live));
  const managed = isPreview ? undefined : takeOverFields(live, manager);
  if (managed) live = await cluster.replaceManagers(kind, live, managed);
  const applied = applyIgnoreChanges(inputs, live, manager, ignoreChanges);
  try {
    return { live: await cluster.apply(kind, applied, manager, isPreview, isForced), applied };
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === "Conflict")) throw error;
    throw new Error(
      "server-side apply field conflict detected\n" +
        `The resource managed by field manager "${manager}" had an apply conflict: ${error.message}\n` +
        "Leave the field out of the program, add it to `ignoreChanges`, or set the annotation " +
        '`pulumi.com/patchForce: "true"` to take it over.',
      { cause: error },
    );
  }
}
