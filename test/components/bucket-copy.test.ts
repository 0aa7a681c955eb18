import assert from "node:assert/strict";
import type { ServiceDefinition } from "../../components/service.ts";
import { objectLabels } from "../../components/kubernetes/labels.ts";
import { services } from "../../services.ts";
import { allows, type End } from "../support/policy-evaluator.ts";
import { inventory, kindOf, only, runStack, spec } from "../support/pulumi.ts";

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = Record<string, any>;
const key = "postgres";
const name = `${key}-bucket-copy`;
const definition: ServiceDefinition = services[key];
const s3 = { endpoint: "https://s3.example.com", bucket: "backups", secret: "keys" };
const resources = async (change: object = {}) =>
  (await runStack("sandbox", { backup: { s3: { ...s3, ...change } } })).resources;
const cronJob = "kubernetes:batch/v1:CronJob";
const pod = async (change: object = {}) =>
  spec(only(await resources(change), cronJob)).jobTemplate.spec.template.spec;
const end = (component: string): End => ({
  labels: objectLabels(component),
  namespace: "multi-client",
  address: "10.244.0.7",
});

describe("the copy of backups to a bucket", () => {
  it("is a job with an account and a network policy of its own, where the stack names a bucket", async () => {
    const without = inventory(await runStack("sandbox"));
    const withBucket = inventory(await runStack("sandbox", { backup: { s3 } }));
    assert.deepEqual(
      withBucket.filter((each) => !without.includes(each)),
      [`CronJob ${name}`, `NetworkPolicy ${name}`, `ServiceAccount ${name}`],
    );
    assert.equal(withBucket.length, without.length + 3);
  });

  it("runs once a day, one at a time, and ends by itself", async () => {
    const { schedule, timeZone, concurrencyPolicy, jobTemplate } = spec(only(await resources(), cronJob));
    assert.deepEqual([schedule, timeZone], [definition.bucketCopy?.schedule, "Etc/UTC"]);
    assert.equal(concurrencyPolicy, "Forbid");
    assert.equal(jobTemplate.spec.backoffLimit, 2);
    assert.ok(jobTemplate.spec.activeDeadlineSeconds > 0);
    assert.equal(jobTemplate.spec.template.spec.restartPolicy, "Never");
    // Else the Service of the database would lead to it.
    assert.equal(jobTemplate.spec.template.metadata.labels.component, name);
  });

  it("dumps with the service's image from its Service, and then copies, both without root", async () => {
    const { initContainers, containers, securityContext, serviceAccountName } = await pod();
    assert.equal(serviceAccountName, name);
    assert.equal(securityContext.runAsUser, definition.user);
    const [[dump], [upload]] = [initContainers, containers];
    assert.deepEqual([initContainers.length, containers.length], [1, 1]);
    assert.equal(dump.image, definition.image);
    assert.equal(upload.image, definition.bucketCopy?.upload.image);
    const environment = (container: { env: { name: string; value?: string }[] }) =>
      Object.fromEntries(container.env.map((each) => [each.name, each.value]));
    assert.equal(environment(dump).PGHOST, key);
    assert.notEqual(environment(dump).SCRATCH, undefined);
    for (const each of [dump, upload]) {
      assert.equal(each.securityContext.readOnlyRootFilesystem, true);
      assert.equal(each.terminationMessagePolicy, "FallbackToLogsOnError");
      assert.ok(each.volumeMounts.some((mount: { mountPath: string }) => mount.mountPath === "/backup"));
    }
  });

  it("has the keys from the Secret that the stack names, and asks the bucket for nothing but to write", async () => {
    const [{ env }] = (await pod()).containers;
    const of = (variable: string) => env.find((each: { name: string }) => each.name === variable);
    assert.equal(of("BUCKET").value, "backups");
    assert.deepEqual(of("RCLONE_CONFIG_BUCKET_SECRET_ACCESS_KEY").valueFrom, {
      secretKeyRef: { name: "keys", key: "secret-access-key" },
    });
    for (const option of ["NO_CHECK_BUCKET", "NO_HEAD", "NO_HEAD_OBJECT"])
      assert.equal(of(`RCLONE_CONFIG_BUCKET_${option}`).value, "true", option);
  });

  it("signs as Google's endpoint reads it, where that is named", async () => {
    const provider = async (endpoint: string) => {
      const [{ env }] = (await pod({ endpoint })).containers;
      return env.find(({ name: variable }: { name: string }) => variable === "RCLONE_CONFIG_BUCKET_PROVIDER")
        .value as string;
    };
    assert.equal(await provider("https://storage.googleapis.com"), "GCS");
    assert.equal(await provider("https://s3.example.com"), "Other");
  });

  it("reaches its database, DNS and the bucket at its port, and nobody reaches it", async () => {
    const dns: End = { labels: { "k8s-app": "kube-dns" }, namespace: "kube-system", address: "10.244.0.2" };
    const cases: readonly (readonly [change: object, to: string, port: number, other: string])[] = [
      [{}, "198.51.100.9", 443, "10.0.0.5"],
      [{ endpoint: "http://10.0.0.5:9000" }, "10.0.0.5", 9000, "198.51.100.9"],
      [{ endpoint: "http://store", network: "10.9.0.0/16" }, "10.9.8.7", 80, "10.8.0.1"],
      // A Service of pods in a network: a plugin judges by its address, or by theirs.
      [{ endpoint: "http://10.96.0.50:9000", network: "10.9.0.0/16" }, "10.9.8.7", 9000, "10.8.0.1"],
      [{ endpoint: "http://10.96.0.50:9000", network: "10.9.0.0/16" }, "10.96.0.50", 9000, "10.96.0.51"],
    ];
    for (const [change, to, port, other] of cases) {
      const policies = (await resources(change))
        .filter((each) => kindOf(each) === "NetworkPolicy")
        .map(({ inputs }) => inputs);
      const reaches = (target: End, at: number) => allows(policies, end(name), target, at);
      assert.equal(reaches({ address: to }, port), true, to);
      assert.equal(reaches({ address: to }, port + 1), false, `${to}, another port`);
      assert.equal(reaches({ address: other }, port), false, other);
      assert.equal(reaches({ address: "169.254.169.254" }, 80), false);
      assert.deepEqual(
        [reaches(end(key), 5432), reaches(end("redis"), 6379), reaches(dns, 53)],
        [true, false, true],
      );
      assert.equal(allows(policies, end("server"), { address: to }, port), false, "the server");
      assert.equal(allows(policies, end("server"), end(name), 5432), false);
      assert.equal(allows(policies, end("worker"), end(key), 5432), false);
    }
  });

  it("comes from the registry of the stack", async () => {
    const images = { registry: "registry.example.com" };
    const { resources: all } = await runStack("sandbox", { backup: { s3 }, images });
    const { containers } = spec(only(all, cronJob)).jobTemplate.spec.template.spec;
    assert.match(containers[0].image, /^registry\.example\.com\/rclone\/rclone:[\d.]+@sha256:/);
  });
});

describe("the bucket of EKS", () => {
  const inputs = async (type: string): Promise<Loose> =>
    only((await runStack("prod")).resources, `aws:${type}`, "multi-client-backups").inputs;
  const statement = (document: unknown): unknown =>
    (JSON.parse(String(document)) as { Statement: unknown[] }).Statement[0];

  it("may be written to by the job's account alone, which may do nothing else", async () => {
    const association = await inputs("eks/podIdentityAssociation:PodIdentityAssociation");
    assert.deepEqual([association.namespace, association.serviceAccount], ["multi-client", name]);
    assert.deepEqual(statement((await inputs("iam/role:Role")).assumeRolePolicy), {
      Effect: "Allow",
      Principal: { Service: "pods.eks.amazonaws.com" },
      Action: ["sts:AssumeRole", "sts:TagSession"],
    });
    assert.deepEqual(statement((await inputs("iam/rolePolicy:RolePolicy")).policy), {
      Effect: "Allow",
      Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
      Resource: "<multi-client-backups.arn>/*",
    });
  });

  it("outlives the stack, with all that protects it", async () => {
    const { resources: all } = await runStack("prod");
    const kept = all.filter(({ type }) => type.startsWith("aws:s3/"));
    assert.equal(kept.length, 5);
    for (const { type, protect, retainOnDelete } of kept)
      assert.deepEqual([protect, retainOnDelete], [true, true], type);
  });

  it("is reached without a key: by the agent of Pod Identity on the node", async () => {
    const { resources: all } = await runStack("prod");
    const [{ env }] = spec(only(all, cronJob)).jobTemplate.spec.template.spec.containers;
    assert.deepEqual(
      env.filter((each: { name: string }) => /KEY|SECRET/.test(each.name)),
      [],
    );
    const policies = all.filter((each) => kindOf(each) === "NetworkPolicy").map((each) => each.inputs);
    const reaches = (address: string, at: number) => allows(policies, end(name), { address }, at);
    assert.deepEqual([reaches("169.254.170.23", 80), reaches("198.51.100.9", 443)], [true, true]);
    assert.deepEqual([reaches("169.254.169.254", 80), reaches("10.0.0.9", 443)], [false, false]);
  });
});

describe("the bucket of GKE", () => {
  it("may be written to by the job's account alone, which may create objects and do nothing else", async () => {
    const { resources: all } = await runStack("prod-gke");
    const { inputs } = only(all, "gcp:storage/bucketIAMMember:BucketIAMMember");
    assert.equal(inputs.role, "roles/storage.objectCreator");
    assert.match(
      String(inputs.member),
      new RegExp(
        `^principal://iam\\.googleapis\\.com/projects/.+/workloadIdentityPools/.+\\.svc\\.id\\.goog/subject/ns/multi-client/sa/${name}$`,
      ),
    );
  });

  it("outlives the stack, and is reached with what the metadata server says of the pod", async () => {
    const { resources: all } = await runStack("prod-gke");
    const { protect, retainOnDelete } = only(all, "gcp:storage/bucket:Bucket");
    assert.deepEqual([protect, retainOnDelete], [true, true]);
    const policies = all.filter((each) => kindOf(each) === "NetworkPolicy").map((each) => each.inputs);
    const reaches = (address: string, at: number) => allows(policies, end(name), { address }, at);
    assert.deepEqual([reaches("169.254.169.254", 80), reaches("198.51.100.9", 443)], [true, true]);
    assert.equal(allows(policies, end("server"), { address: "169.254.169.254" }, 80), false);
  });
});
