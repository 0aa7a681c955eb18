import Module, { createRequire } from "node:module";

/**
 * What `@pulumi/pulumi` loads with its first import, half a thousand modules, and this program never uses: the
 * Automation API; npm's arborist and TypeScript, for functions that are serialised (dynamic providers).
 */
export const unused: readonly string[] = [
  "./automation/index.js",
  "./typescript-shim.js",
  "@npmcli/arborist",
];

/** Stands for a module that is left out; whoever uses it is told so. */
function leftOut(name: string): object {
  return new Proxy(
    { __esModule: true },
    {
      get(target, key) {
        if (typeof key === "symbol" || key in target) return Reflect.get(target, key) as unknown;
        throw new Error(`${name} is left out of this program: take it off the list in system/lean-sdk.ts`);
      },
    },
  );
}

/**
 * Puts stand-ins where the SDK's own `require` looks first (https://nodejs.org/api/modules.html#requirecache). What is
 * loaded already stays; what an SDK no longer has is none of ours.
 *
 * @returns those left out.
 */
export function leaveOut(names: readonly string[]): string[] {
  const { resolve, cache } = createRequire(
    createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"),
  );
  return names.filter((name) => {
    try {
      const path = resolve(name);
      if (cache[path] !== undefined) return false;
      cache[path] = Object.assign(new Module(path), { loaded: true, exports: leftOut(name) });
      return true;
    } catch {
      return false;
    }
  });
}

leaveOut(unused);
// The SDK's loader looks every frame of every stack trace up in a source map. Our sources run as they are: without it
// traces are the same, and the SDK takes one for each promise.
Reflect.deleteProperty(Error, "prepareStackTrace");
