import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { which } from "../../system/process.ts";

/** The folder of the server's programs: those on PATH, else Debian's, which are not; undefined where there are none. */
export const serverPrograms: string | undefined = [
  which("initdb", process.env)?.replace(/\/initdb$/, "") ?? "",
  ...readdirIfThere("/usr/lib/postgresql").map((version) => `/usr/lib/postgresql/${version}/bin`),
].find((folder) => ["initdb", "pg_ctl", "postgres"].every((name) => existsSync(join(folder, name))));

function readdirIfThere(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** The end of a script. */
interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** A postgres server on a socket of its own, which asks for the password of its administrator, and a folder for dumps. */
export class LocalPostgres {
  readonly folder = mkdtempSync(join(tmpdir(), "multi-client-postgres-"));
  readonly #bin: string;

  constructor(programs: string) {
    this.#bin = programs;
    chmodSync(this.folder, 0o777);
    writeFileSync(join(this.folder, "password"), "secret\n");
    const options = `-c listen_addresses= -c unix_socket_directories=${this.folder} -c fsync=off`;
    const init = ["-D", "data", "-U", "postgres", "-A", "scram-sha-256", "--pwfile=password", "-N"];
    this.#server("initdb", ...init, "--locale=C.UTF-8");
    this.#server("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start");
  }

  /** Postgres does not run as root: there it runs as nobody. */
  #server(program: string, ...args: readonly string[]): void {
    const words = [join(this.#bin, program), ...args];
    const [first = "", ...rest] =
      process.getuid?.() === 0
        ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", ...words]
        : words;
    execFileSync(first, rest, { cwd: this.folder, stdio: ["ignore", "ignore", "pipe"] });
  }

  /** Runs a script with the environment of the container that makes backups. */
  run(script: string, env: NodeJS.ProcessEnv = {}): Ended {
    const own = { PGHOST: this.folder, PGUSER: "postgres", PGPASSWORD: "secret", PGDATABASE: "multi" };
    const PATH = [this.#bin, process.env.PATH ?? ""].join(delimiter);
    const { status, stdout, stderr } = spawnSync("sh", ["-c", script], {
      env: {
        ...process.env,
        PATH,
        ...own,
        FOLDER: join(this.folder, "dumps"),
        KEEP: "7",
        KEEP_DAYS: "30",
        ...env,
      },
      encoding: "utf8",
    });
    return { code: status, output: stdout + stderr };
  }

  /** Ends the server, and removes all that it had. */
  end(): void {
    this.#server("pg_ctl", "-D", "data", "-m", "immediate", "stop");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
