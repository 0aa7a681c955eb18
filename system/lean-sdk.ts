import Module, { createRequire } from "node:module";

/**
 * The modules that `@pulumi/pulumi` loads with its first import and this program never uses: the Automation API, and
 * TypeScript, which serialises functions of dynamic providers.
 */
export const unused: readonly string[] = ["./automation/index.js", "./typescript-shim.js"];

/** `require` as the SDK's own modules have it. */
const sdkRequire = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));

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
  const { resolve, cache } = sdkRequire;
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

/** The part of the SDK's `runtime/debuggable.js` that is changed. */
interface Debuggable {
  debuggablePromise: (...args: unknown[]) => unknown;
}

/**
 * Stops the SDK from taking a stack trace for each of its promises: half of the processor time of tests that run the
 * program again and again, a tenth in a process that runs it once. The SDK shows these traces only under
 * PULUMI_DEBUG_PROMISE_LEAKS; then they are taken. Traces of errors are unchanged.
 */
function takeNoPromiseTraces(): void {
  if (process.env.PULUMI_DEBUG_PROMISE_LEAKS) return;
  const debuggable = sdkRequire("./runtime/debuggable.js") as Debuggable;
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (...args) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(...args);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

/** The part of the SDK's `runtime/state.js` that is read. */
interface State {
  getStore: () => { readonly terminated: boolean };
}

/**
 * Ends the program without a word when the engine has ended the run, because it has said why. Engine 3.276 closes its
 * resource monitor as soon as a run fails (deployment_executor.go), and the SDK shows every request that was on its way
 * with a stack trace. 32 is the SDK's exit code for errors that the user has seen (`cmd/run/index.js`). Where nobody
 * listens for rejections, as in a rendering, they end the process as ever.
 */
export function endWithTheEngine(): void {
  if (process.listenerCount("unhandledRejection") === 0) return;
  const { getStore } = sdkRequire("./runtime/state.js") as State;
  process.prependListener("unhandledRejection", () => {
    if (getStore().terminated) process.exit(32);
  });
}

leaveOut(unused);
takeNoPromiseTraces();
endWithTheEngine();
// The SDK's loader looks every frame of every stack trace up in a source map. Our sources run as they are: the traces are
// the same without it.
Reflect.deleteProperty(Error, "prepareStackTrace");
