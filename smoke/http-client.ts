import { request as plain } from "node:http";
import { request as secure } from "node:https";
import { X509Certificate } from "node:crypto";
import { TLSSocket } from "node:tls";

/** The address at which the application answers. */
export interface Base {
  /** `http://` or `https://`, address and port. */
  readonly url: string;
  /** PEM: the one certificate that is trusted, whoever signed it. @default whoever the computer trusts */
  readonly certificate?: string;
}

/** The answer to a request. */
export interface Answer {
  readonly status: number;
  /** Content type, empty when there is none. */
  readonly type: string;
  readonly text: string;
}

/** One request to the application; an answer that does not come is an error that says why. */
export type Ask = (method: "GET" | "POST", path: string, body?: object) => Promise<Answer>;

/**
 * Asks one application. Each request has a connection of its own and follows no redirect: what answers is what was asked.
 *
 * @param seconds how long a request may take. The server never answers where its database does not.
 */
export function asker({ url, certificate }: Base, seconds = 10): Ask {
  const pinned = certificate === undefined ? undefined : new X509Certificate(certificate).fingerprint256;
  return (method, path, body) =>
    new Promise((done, fail) => {
      const signal = AbortSignal.timeout(seconds * 1000);
      const headers = body === undefined ? {} : { "content-type": "application/json" };
      const options = { method, headers, signal, agent: false as const };
      const target = new URL(path, url);
      const sent =
        target.protocol === "http:"
          ? plain(target, options)
          : secure(target, {
              ...options,
              rejectUnauthorized: pinned === undefined,
            });
      sent.on("socket", (socket) => {
        socket.once("secureConnect", () => {
          if (!(socket instanceof TLSSocket) || pinned === undefined) return;
          if (socket.getPeerCertificate().fingerprint256 !== pinned)
            sent.destroy(new Error("another certificate than the one of exposure.tls"));
        });
      });
      const failed = (error: Error) => {
        const code = "code" in error && typeof error.code === "string" ? error.code : error.message;
        fail(new Error(signal.aborted ? `no answer within ${seconds} s` : code));
      };
      sent.on("error", failed).on("response", (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (part: string) => (text += part));
        answer.on("error", failed).on("end", () => {
          done({ status: answer.statusCode ?? 0, type: answer.headers["content-type"] ?? "", text });
        });
      });
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
}
