import { createServer } from "node:net";

/**
 * Finds a port of 127.0.0.1 on which nothing listens.
 *
 * @param wanted takes this one alone. @default any
 * @returns undefined where something listens on the wanted one.
 */
export function freePort(wanted: number): Promise<number | undefined>;
export function freePort(): Promise<number>;
export function freePort(wanted = 0): Promise<number | undefined> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on("error", (error) => {
      if (wanted === 0) fail(error);
      else done(undefined);
    });
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        done(typeof address === "object" ? address?.port : undefined);
      });
    });
  });
}
