import { readFileSync } from "node:fs";
import { UserError } from "../../system/errors.ts";
import { value, type Env } from "../../system/folders.ts";

/** The parts of GitHub's API that a report uses. Source: https://docs.github.com/en/rest/issues */
export interface GitHub {
  /** `OWNER/NAME`. */
  readonly repository: string;
  /** The number of the pull request that the job is about. @default none */
  readonly pullRequest?: number;
  /** Asks the API. @throws UserError with what it answered */
  send<T>(method: "GET" | "POST" | "PATCH", path: string, body?: object): Promise<T>;
}

/** A comment or an issue, as far as it is read here. */
interface Post {
  readonly id: number;
  readonly number?: number;
  readonly body?: string | null;
  readonly state?: string;
  readonly user?: { readonly type: string } | null;
}

/** The most characters of a comment or an issue that the API takes. */
const LIMIT = 65_536;
/** The most that one page of a list has. */
const PAGE = 100;

/** GitHub as a job of its Actions reaches it; undefined where that is not one, or was given no token. */
export function gitHub(env: Env): GitHub | undefined {
  const [url, repository, token] = [env.GITHUB_API_URL, env.GITHUB_REPOSITORY, env.GITHUB_TOKEN].map(value);
  if (url === undefined || repository === undefined || token === undefined) return undefined;
  const file = value(env.GITHUB_EVENT_PATH);
  const event = (file === undefined ? {} : JSON.parse(readFileSync(file, "utf8"))) as {
    readonly pull_request?: { readonly number: number };
  };
  return {
    repository,
    ...(event.pull_request !== undefined && { pullRequest: event.pull_request.number }),
    async send<T>(method: string, path: string, body?: object) {
      const answer = await fetch(`${url}/repos/${repository}/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, accept: "application/vnd.github+json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (!answer.ok)
        throw new UserError(
          `GitHub refused ${method} ${path}: ${answer.status} ${(await answer.text()).slice(0, 200)}\n` +
            "Fix: the job's permissions (issues: write, pull-requests: write), docs/gitops.md.",
        );
      return (await answer.json()) as T;
    },
  };
}

/** Writes the one comment of a pull request that begins with a marker. */
export async function comment(github: GitHub, number: number, marker: string, text: string): Promise<void> {
  const body = bodyOf(marker, text);
  const found = await findPost(github, `issues/${number}/comments?`, marker);
  if (found === undefined) await github.send("POST", `issues/${number}/comments`, { body });
  else await github.send("PATCH", `issues/comments/${found.id}`, { body });
}

/** The label of the issues about drift, by which they are found among all others. */
const LABEL = "drift";

/**
 * Keeps the one issue that begins with a marker: it is opened, or opened again, as long as something is to be done, and
 * closed afterwards.
 */
export async function keepIssue(
  github: GitHub,
  marker: string,
  { title, text, isOpen }: { readonly title: string; readonly text: string; readonly isOpen: boolean },
): Promise<void> {
  const body = bodyOf(marker, text);
  const found = await findPost(github, `issues?state=all&labels=${LABEL}&`, marker);
  const state = isOpen ? "open" : "closed";
  if (found?.number !== undefined) {
    if (isOpen || found.state === "open")
      await github.send("PATCH", `issues/${found.number}`, { title, body, state });
  } else if (isOpen) await github.send("POST", "issues", { title, body, labels: [LABEL] });
}

/** Finds what a job wrote before: a person who copies the marker is not taken for it. */
async function findPost(github: GitHub, list: string, marker: string): Promise<Post | undefined> {
  for (let page = 1; ; page++) {
    const posts = await github.send<Post[]>("GET", `${list}per_page=${PAGE}&page=${page}`);
    const found = posts.find(({ body, user }) => user?.type === "Bot" && body?.startsWith(marker));
    if (found !== undefined || posts.length < PAGE) return found;
  }
}

const CUT = "\n\n... the rest is in the job's log.\n";
function bodyOf(marker: string, text: string): string {
  const body = `${marker}\n${text}`;
  return body.length <= LIMIT ? body : body.slice(0, LIMIT - CUT.length) + CUT;
}
