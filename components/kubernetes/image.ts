/**
 * The images that a stack sets: `registry` for all, or a whole reference by the key of a service. `pullSecret` is the name of
 * the Secret with the login to their registry.
 */
export type ImageSettings = Readonly<Record<string, string | undefined>>;

/**
 * The reference with registry and repository spelt out, as the container runtime reads it:
 * `redis:8` is `docker.io/library/redis:8`.
 *
 * @see https://github.com/distribution/reference, `ParseNormalizedNamed`
 */
export function canonicalImage(reference: string): string {
  const slash = reference.indexOf("/");
  const first = slash < 0 ? "" : reference.slice(0, slash);
  const hasRegistry = first.includes(".") || first.includes(":") || first === "localhost";
  if (hasRegistry) return reference;
  return slash < 0 ? `docker.io/library/${reference}` : `docker.io/${reference}`;
}

/** Tells whether the reference names one immutable image. */
export function hasDigest(reference: string): boolean {
  return /@sha256:[0-9a-f]{64}$/.test(reference);
}

/** The reference of the image to run: the stack's own reference for this service, else the default one from its registry. */
export function resolveImage(key: string, reference: string, settings: ImageSettings): string {
  const own = settings[key];
  if (own !== undefined) return own;
  if (settings.registry === undefined) return reference;
  return canonicalImage(reference).replace(/^docker\.io\//, `${settings.registry.replace(/\/+$/, "")}/`);
}
