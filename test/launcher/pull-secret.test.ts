import assert from "node:assert/strict";
import { checkPullSecret } from "../../launcher/cluster/pull-secret.ts";

const namespace = "/api/v1/namespaces/shop";
const secret = `${namespace}/secrets/login`;

/** What is said of a pull secret on a cluster that has some objects, by their paths. */
async function said(
  objects: Readonly<Record<string, object>>,
  images: readonly string[] = ["docker.io/library/redis:8"],
): Promise<string> {
  const lines: string[] = [];
  const get = (path: string) => Promise.resolve(objects[path]);
  const stack = { namespace: "shop", pullSecret: "login", images };
  await checkPullSecret(stack, get, "kubectl", (line) => lines.push(line));
  return lines.join("\n");
}
const create = "kubectl -n shop create secret docker-registry login";
const words = "--docker-username=USER --docker-password=PASSWORD";

describe("the Secret of images.pullSecret", () => {
  it("is taken without a word where it is there, or nobody may read it", async () => {
    assert.equal(await said({ [secret]: { type: "kubernetes.io/dockerconfigjson" } }), "");
    const forbidden = () => Promise.reject(new Error("forbidden"));
    const stack = { namespace: "shop", pullSecret: "login", images: [] };
    await checkPullSecret(stack, forbidden, "kubectl", (line) => {
      throw new Error(line);
    });
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
