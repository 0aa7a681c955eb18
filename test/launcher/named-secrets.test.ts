import assert from "node:assert/strict";
import { checkNamedSecrets } from "../../launcher/cluster/named-secrets.ts";
import { Interrupt } from "../../system/process.ts";

const namespace = "/api/v1/namespaces/shop";
const secret = `${namespace}/secrets/login`;

/** What is said of the named Secrets on a cluster that has some objects, by their paths. */
async function said(
  objects: Readonly<Record<string, object>>,
  images: readonly string[] = ["docker.io/library/redis:8"],
  names: { readonly pullSecret?: string; readonly bucketSecret?: string } = { pullSecret: "login" },
): Promise<string> {
  const lines: string[] = [];
  const get = (path: string) => Promise.resolve(objects[path]);
  const stack = { namespace: "shop", images, ...names };
  await checkNamedSecrets(stack, get, "kubectl", (line) => lines.push(line));
  return lines.join("\n");
}
const create = "kubectl -n shop create secret docker-registry login";
const words = "--docker-username=USER --docker-password=PASSWORD";

describe("the Secret of images.pullSecret", () => {
  it("is taken without a word where it is there, or nobody may read it", async () => {
    assert.equal(await said({ [secret]: { type: "kubernetes.io/dockerconfigjson" } }), "");
    const forbidden = () => Promise.reject(new Error("forbidden"));
    const stack = { namespace: "shop", pullSecret: "login", images: [] };
    await checkNamedSecrets(stack, forbidden, "kubectl", (line) => {
      throw new Error(line);
    });
  });

  it("is not taken where an interrupt came while it was asked for", async () => {
    const get = () => {
      throw new Interrupt("asking", 0);
    };
    const stack = { namespace: "shop", pullSecret: "login", images: [] };
    await assert.rejects(
      checkNamedSecrets(stack, get, "kubectl", () => undefined),
      /Interrupted while asking/,
    );
  });

  it("is refused where it is missing, with the command that makes it for the registry of the images", async () => {
    await assert.rejects(said({ [namespace]: {} }), {
      name: "UserError",
      message: `Secret login of images.pullSecret, in namespace shop, is not there: no pod could pull its image.\nFix: ${create} ${words}`,
    });
    const images = ["docker.io/library/redis:8", "r.test:5000/mirror/app@sha256:0"];
    await assert.rejects(said({ [namespace]: {} }, images), {
      message: new RegExp(`${create} --docker-server=r\\.test:5000 ${words}$`),
    });
  });

  it("is refused where it is of another type, which cannot change", async () => {
    await assert.rejects(said({ [secret]: { type: "Opaque" } }), {
      message: new RegExp(`is of type Opaque, [\\s\\S]*delete secret login\\n +${create}`),
    });
  });

  it("is asked for while pods wait where its namespace is not there yet", async () => {
    assert.match(
      await said({}),
      new RegExp(`cannot be there yet: make up creates its namespace\\.[\\s\\S]*${create}`),
    );
  });
});

describe("the Secret of backup.s3", () => {
  const bucketSecret = "keys";
  const keys = `${namespace}/secrets/keys`;
  const make =
    "kubectl -n shop create secret generic keys --from-literal=access-key-id=... --from-literal=secret-access-key=...";
  const data = { "access-key-id": "YQ==", "secret-access-key": "dG9w" };

  it("is taken without a word where it has both keys", async () => {
    assert.equal(await said({ [keys]: { data } }, [], { bucketSecret }), "");
  });

  it("is asked for where it is missing, beside any other that is refused", async () => {
    const warning = `Warning: Secret keys of backup.s3.secret, in namespace shop, is not there: no backup is copied to the bucket.\n  ${make}`;
    assert.equal(await said({ [namespace]: {} }, [], { bucketSecret }), warning);
    await assert.rejects(
      said({ [namespace]: {} }, [], { bucketSecret, pullSecret: "login" }),
      /^UserError: Secret login/,
    );
  });

  it("is asked for where it lacks a key, and what it has is not said", async () => {
    const some = { [keys]: { data: { "secret-access-key": "dG9w" } } };
    const told = await said(some, [], { bucketSecret });
    assert.match(
      told,
      /has no key access-key-id: .*\n {2}kubectl -n shop delete secret keys\n {2}kubectl .*create/,
    );
    assert.doesNotMatch(told, /dG9w/);
  });

  it("is asked for while the job waits where its namespace is not there yet", async () => {
    assert.ok(
      (await said({}, [], { bucketSecret })).includes(
        `the job that waits for it begins by itself:\n  ${make}`,
      ),
    );
  });
});
