import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ensureBuilt } from "../../../sandbox/index.ts";
import { services } from "../../../services.ts";
import { only, runStack, spec } from "../../support/pulumi.ts";
import { create, get, remove, until, type Loose } from "../cluster.ts";
import { execIn, isReady, podsOf } from "../pods.ts";
import { quickEnds, testStack, type TestStack } from "../stack.ts";
import { context, folder, kubeconfig, run } from "../world.ts";

const name = "postgres-bucket-copy";
const keys = { id: "copier", secret: "write-only-0" };
const port = 9000;

describe("copies of backups to a bucket", () => {
  let stack: TestStack;
  /** The namespace of the bucket, which is none of the stack's. */
  let store = "";
  const kubectl = async (...args: readonly string[]) => {
    const place = ["--kubeconfig", kubeconfig, "--context", context, "--namespace", stack.namespace];
    const { code, stdout, output } = await run("kubectl", [...place, ...args]);
    assert.equal(code, 0, output);
    return stdout.trim();
  };
  /** Writes the keys that the job has. */
  const useKeys = async (secret: string) => {
    const literals = [
      `--from-literal=access-key-id=${keys.id}`,
      `--from-literal=secret-access-key=${secret}`,
    ];
    const made = await kubectl(
      "create",
      "secret",
      "generic",
      "keys",
      ...literals,
      "--dry-run=client",
      "-o",
      "json",
    );
    const file = join(folder, "keys.json");
    writeFileSync(file, made, { mode: 0o600 });
    await kubectl("apply", "--server-side", "--force-conflicts", "-f", file);
  };
  /** Runs the job now, with one attempt, which says as much as three. */
  const copy = async (job: string, change: (container: Loose) => void = () => undefined): Promise<void> => {
    const text = await kubectl(
      "create",
      "job",
      job,
      `--from=cronjob/${name}`,
      "--dry-run=client",
      "-o",
      "json",
    );
    const object = JSON.parse(text) as Loose;
    object.spec.backoffLimit = 0;
    change((object.spec.template.spec.containers as Loose[])[0] ?? {});
    const file = join(folder, `${job}.json`);
    writeFileSync(file, JSON.stringify(object));
    await kubectl("create", "-f", file);
  };
  /** Waits until a job has come to its end. */
  const ended = (job: string) =>
    until(
      `job ${job} ends`,
      async () =>
        ((await get("Job", job, stack.namespace))?.status.conditions as Loose[] | undefined)?.find(
          ({ type, status }) => ["Complete", "Failed"].includes(type as string) && status === "True",
        )?.type as string | undefined,
      180,
    );
  /** Runs a script where the objects of the bucket are files. */
  const inBucket = async (script: string) => {
    const { code, stdout, output } = await execIn(
      store,
      ...["store", "--container", "files", "--", "sh", "-c", script],
    );
    assert.equal(code, 0, output);
    return stdout.trim();
  };
  const objects = async () => (await inBucket("ls /data/backups")).split("\n").filter(Boolean);
  /** What `make backups` says, as a pipeline reads it. */
  const said = async () => {
    const { code, stdout, output } = await stack.make("backups", { JSON: "1" });
    assert.ok(stdout.includes("{"), output);
    return {
      code,
      ...(JSON.parse(stdout.slice(stdout.indexOf("{"), stdout.lastIndexOf("}") + 1)) as {
        reason?: string;
        dumps: readonly unknown[];
        copy?: { lastSuccess?: string };
      }),
    };
  };
  const sql = async (statement: string) => {
    const { code, stdout, output } = await execIn(
      stack.namespace,
      ...["postgres-0", "--container", "backup-manager", "--", "psql", "-XAtqc", statement],
    );
    assert.equal(code, 0, output);
    return stdout.trim();
  };

  before(async () => {
    stack = await testStack("bucket");
    quickEnds(stack);
    store = `${stack.namespace}-store`;
    await create("Namespace", store, "");
    const volumeMounts = [{ name: "data", mountPath: "/data" }];
    const files = { image: services.postgres.image, volumeMounts };
    await create("Pod", "store", store, {
      spec: {
        terminationGracePeriodSeconds: 0,
        volumes: [{ name: "data", emptyDir: {} }],
        initContainers: [{ ...files, name: "bucket", command: ["mkdir", "/data/backups"] }],
        containers: [
          {
            name: "s3",
            image: services.postgres.bucketCopy.upload.image,
            args: [
              ...["serve", "s3", "/data", "--addr", `:${String(port)}`, "--config", ""],
              ...["--auth-key", `${keys.id},${keys.secret}`],
            ],
            securityContext: { runAsUser: 0 },
            volumeMounts,
          },
          { ...files, name: "files", command: ["sleep", "infinity"] },
        ],
      },
    });
    const pod = await until(
      "the bucket is there",
      async () => {
        const found = await get("Pod", "store", store);
        return found && isReady(found) ? found : undefined;
      },
      120,
    );
    const endpoint = `http://${pod.status.podIP as string}:${String(port)}`;
    await stack.up({ backup: { s3: { endpoint, bucket: "backups", secret: "keys" } } });
    await until("a first backup in the cluster", async () => (await said()).dumps.length > 0, 120);
  });
  after(async () => {
    await stack.drop();
    await remove("Namespace", store);
  });

  it("without the keys make backups says what the job waits for, and make up asks for them", async () => {
    await copy("waits");
    await until(
      "it is said",
      async () => ((await said()).reason ?? "").includes('secret "keys" not found'),
      120,
    );
    assert.notEqual((await said()).code, 0);
    await remove("Job", "waits", stack.namespace);
    const { code, output } = await stack.make("up");
    assert.equal(code, 0, output);
    assert.match(
      output,
      /Warning: Secret keys of backup\.s3\.secret, .* is not there: no backup is copied to the bucket/,
    );
  });

  it("a bucket that denies: the job fails, make backups and make status say so", async () => {
    await useKeys("another-secret");
    await copy("denied");
    assert.equal(await ended("denied"), "Failed");
    const { code, reason = "" } = await said();
    assert.notEqual(code, 0);
    assert.match(reason, /the last copy to the bucket failed \(job denied\): .*SignatureDoesNotMatch/);
    assert.match((await stack.make("status")).output, /^Backups: {2}not as they should be: the last copy/m);
    assert.deepEqual(await objects(), []);
  });

  it("the next one arrives, as one dump and what it holds, and all is as it should be", async () => {
    await useKeys(keys.secret);
    await copy("arrives");
    assert.equal(await ended("arrives"), "Complete");
    const [dump = "", description = "", ...others] = await objects();
    assert.deepEqual([dump.replace(/\.dump$/, ".json"), others], [description, []]);
    await until("make backups knows of it", async () => (await said()).copy?.lastSuccess !== undefined);
    assert.equal((await said()).code, 0);
    assert.match((await stack.make("status")).output, /^Backups: .*copied to the bucket 0\.\d h ago$/m);
    assert.equal(await sql("SELECT count(*) FROM pg_database WHERE datname = 'verify_copy'"), "0");
  });

  it("an upload that is interrupted counts for nothing, and the next one goes on", async () => {
    const before = await objects();
    await sql("CREATE TABLE filler AS SELECT md5(n::text) FROM generate_series(1, 100000) n");
    await copy("interrupted", (container) => {
      (container.env as Loose[]).push({ name: "RCLONE_BWLIMIT", value: "16k" });
    });
    const pod = await until(
      "the upload runs",
      async () =>
        (await podsOf(stack.namespace, name)).find(
          ({ metadata, status }) =>
            metadata.labels["batch.kubernetes.io/job-name"] === "interrupted" &&
            (status.containerStatuses as Loose[] | undefined)?.some(({ state }) => state.running),
        ),
      120,
    );
    await remove("Pod", pod.metadata.name as string, stack.namespace, 0);
    assert.equal(await ended("interrupted"), "Failed");
    assert.match((await said()).reason ?? "", /\(job interrupted\)/);
    const descriptions = (all: readonly string[]) => all.filter((each) => each.endsWith(".json"));
    assert.deepEqual(descriptions(await objects()), descriptions(before));
    await copy("after");
    assert.equal(await ended("after"), "Complete");
    assert.equal(descriptions(await objects()).length, descriptions(before).length + 1);
    await until("make backups knows of it", async () => (await said()).code === 0);
  });

  it("what comes back from the bucket is restored", async () => {
    const newest = (await objects()).filter((each) => each.endsWith(".json")).at(-1) ?? "";
    const dump = newest.replace(/\.json$/, ".dump");
    const file = join(folder, dump);
    writeFileSync(file, Buffer.from(await inBucket(`base64 /data/backups/${dump}`), "base64"));
    await sql("DROP TABLE filler");
    const { code, output } = await stack.make("restore", { FROM: file });
    assert.equal(code, 0, output);
    assert.equal(await sql("SELECT count(*) FROM filler"), "100000");
  });
});

describe("an upload", () => {
  /** The calls, as method and path, that the upload of a stack makes to a bucket that takes whatever comes. */
  async function calls(name: string, change: NodeJS.ProcessEnv): Promise<string[]> {
    const made: string[] = [];
    const server = createServer((request, answer) => {
      let bytes = 0;
      request.on("data", (part: Buffer) => (bytes += part.length));
      request.on("end", () => {
        made.push(`${String(request.method)} ${request.url?.replace(/\?.*/, "") ?? ""}`);
        answer.setHeader("content-type", "application/json").setHeader("etag", '"x"');
        // Google's answer says how long the object is: here that of each file.
        answer.end(JSON.stringify({ name: "x", size: "4", updated: new Date().toISOString() }));
      });
    });
    await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
    try {
      const { resources } = await runStack(name);
      const pod = spec(only(resources, "kubernetes:batch/v1:CronJob")).jobTemplate.spec.template
        .spec as Loose;
      const { args, env } = pod.containers[0] as { args: string[]; env: { name: string; value?: string }[] };
      const from = mkdtempSync(join(folder, "upload-"));
      for (const file of ["multi-1.dump", "multi-1.json", "status.json", ".lock"])
        writeFileSync(join(from, file), "text");
      const { port: at } = server.address() as AddressInfo;
      const program = join(await ensureBuilt("rclone", () => undefined), "rclone");
      const words = args.map((word) => (word === "/backup" ? from : word.replace("$(BUCKET)", "copies")));
      const { code, output } = await run(program, words, {
        env: {
          ...Object.fromEntries(env.map((each) => [each.name, each.value])),
          RCLONE_CONFIG_BUCKET_ENV_AUTH: "false",
          RCLONE_CONFIG_BUCKET_ENDPOINT: `http://127.0.0.1:${String(at)}`,
          ...change,
        },
      });
      assert.equal(code, 0, output);
      return made;
    } finally {
      server.close();
    }
  }

  it("to S3 is PutObject, and nothing else, of the dump and then of what it holds", async () => {
    const keys = { RCLONE_CONFIG_BUCKET_ACCESS_KEY_ID: "a", RCLONE_CONFIG_BUCKET_SECRET_ACCESS_KEY: "b" };
    // Without TLS the client would read each file twice, to sign it, which a stream does not allow.
    const plain = {
      RCLONE_CONFIG_BUCKET_FORCE_PATH_STYLE: "true",
      RCLONE_CONFIG_BUCKET_USE_UNSIGNED_PAYLOAD: "true",
    };
    const made = await calls("prod", { ...keys, ...plain });
    assert.deepEqual(made, ["PUT /copies/multi-1.dump", "PUT /copies/multi-1.json"]);
  });

  it("to Google Cloud Storage is the insertion of an object, and nothing else", async () => {
    const made = await calls("prod-gke", { RCLONE_CONFIG_BUCKET_ACCESS_TOKEN: "x" });
    assert.deepEqual(made, ["POST /upload/storage/v1/b/copies/o", "POST /upload/storage/v1/b/copies/o"]);
  });
});
