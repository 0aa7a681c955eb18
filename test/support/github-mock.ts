import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A comment of a pull request, or an issue. */
interface Post {
  readonly kind: "comment" | "issue";
  readonly id: number;
  /** The number of the pull request, of a comment. */
  readonly parent?: number;
  readonly user: { readonly type: string };
  title?: string;
  body: string;
  state: string;
}

/** Comments and issues as GitHub's API has them, on 127.0.0.1, for one repository. */
export class GitHubMock {
  readonly posts: Post[] = [];
  /** The requests, such as `POST issues/12/comments`. */
  readonly requests: string[] = [];
  readonly repository = "example/multi-client";
  readonly #server: Server = createServer((incoming, outgoing) => {
    void this.#answer(incoming).then(({ status, body }) => {
      outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });

  async open(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** The variables by which a job of GitHub's reaches it. */
  get env() {
    const { port } = this.#server.address() as AddressInfo;
    return {
      GITHUB_API_URL: `http://127.0.0.1:${port}`,
      GITHUB_REPOSITORY: this.repository,
      GITHUB_TOKEN: "token-of-the-mock",
    };
  }

  bodies(kind: Post["kind"]): string[] {
    return this.posts.filter((post) => post.kind === kind).map(({ body }) => body);
  }

  add(kind: Post["kind"], parent: number | undefined, body: string, type: string, title?: string): Post {
    const post: Post = {
      kind,
      id: this.posts.length + 1,
      ...(parent === undefined ? {} : { parent }),
      user: { type },
      ...(title === undefined ? {} : { title }),
      body,
      state: "open",
    };
    this.posts.push(post);
    return post;
  }

  async #answer(incoming: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const url = new URL(incoming.url ?? "", "http://127.0.0.1");
    const path = url.pathname.replace(`/repos/${this.repository}/`, "");
    this.requests.push(`${incoming.method ?? ""} ${path}`);
    if (incoming.headers.authorization !== `Bearer ${this.env.GITHUB_TOKEN}`)
      return { status: 403, body: { message: "Resource not accessible by integration" } };
    const text = Buffer.concat(parts).toString();
    const sent = (text === "" ? {} : JSON.parse(text)) as { title?: string; body?: string; state?: string };
    const [, parent] = /^issues\/(\d+)\/comments$/.exec(path) ?? [];
    const kind = path.includes("comments") ? "comment" : "issue";
    if (incoming.method === "GET") {
      const found = this.posts.filter(
        (post) => post.kind === kind && post.parent === (parent === undefined ? undefined : Number(parent)),
      );
      const [size, page] = ["per_page", "page"].map((name) => Number(url.searchParams.get(name)));
      const list = found.slice(((page ?? 1) - 1) * (size ?? 30)).slice(0, size);
      return { status: 200, body: list.map((post) => ({ ...post, number: post.id })) };
    }
    if (incoming.method === "POST") {
      const number = parent === undefined ? undefined : Number(parent);
      return { status: 201, body: this.add(kind, number, sent.body ?? "", "Bot", sent.title) };
    }
    const post = this.posts.find(({ id }) => id === Number(path.split("/").at(-1)));
    if (post === undefined) return { status: 404, body: { message: "Not Found" } };
    return { status: 200, body: Object.assign(post, sent) };
  }
}
