import Module, { createRequire } from "node:module";

/**
 * The modules that `@pulumi/pulumi` loads with its first import and this program never uses: the Automation API, npm's
 * arborist and TypeScript, which serialise functions of dynamic providers. With theirs they are 500 modules.
 */
export const unused: readonly string[] = [
  "./automation/index.js",
  "./typescript-shim.js",
  "@npmcli/arborist",
];

/** A stand-in for a module that is left out: any use of it is an error that says so. */
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
 * Puts stand-ins where the SDK's own `require` looks first. A module that is loaded already stays, and one that the SDK
 * does not have is passed over.
 *
 * @returns the names of those that are left out.
 * @see https://nodejs.org/api/modules.html#requirecache
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
// The SDK's loader looks every frame of every stack trace up in a source map, and the SDK takes a trace for each
// promise. Our sources run as they are: the traces are the same without it.
Reflect.deleteProperty(Error, "prepareStackTrace");
