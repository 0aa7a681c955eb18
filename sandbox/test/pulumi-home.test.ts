import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pulumiHome } from "../pulumi-home.ts";
import { etcdVersion, kubernetesVersion, kwokVersion, pulumiVersion } from "../build/recipes.ts";
import { scratch } from "./build-scratch.ts";

describe("the sandbox's PULUMI_HOME", () => {
  let here: ReturnType<typeof scratch>;
  beforeEach(() => {
    here = scratch();
    here.write("root/node_modules/@pulumi/kubernetes/package.json", '{"version": "4.34.2"}');
    for (const cloud of ["aws", "azure-native", "gcp"])
      here.write(`root/node_modules/@pulumi/${cloud}/package.json`, '{"version": "1.2.3"}');
    here.write("root/node_modules/.bin/node", '#!/bin/sh\necho "$@"\n', 0o755);
  });
  afterEach(() => {
    here.end();
  });
  const plugin = "plugins/resource-kubernetes-v4.34.2/pulumi-resource-kubernetes";
  const cli = `versions/${pulumiVersion}/bin/pulumi`;

  it("has our CLI, its language host beside it, and the stand-in plugin", async () => {
    const home = await pulumiHome({ engine: "built" }, here.log);
    assert.equal(readFileSync(join(home, cli), "utf8"), "program");
    assert.equal(statSync(join(home, cli)).nlink, 2, "a link, no copy");
    for (const file of [`${cli}-language-nodejs`, plugin])
      assert.equal(statSync(join(home, file)).mode & 0o111, 0o111);
  });

  it("keeps the CLI from writing logs, and removes those there are", async () => {
    const logs = join(await pulumiHome({ engine: "official" }, here.log), "logs");
    rmSync(logs);
    mkdirSync(logs);
    writeFileSync(join(logs, "pulumi-20261124T000000-1-up.log"), "everything");
    await pulumiHome({ engine: "official" }, here.log);
    assert.equal(statSync(logs).isFile(), true);
  });

  it("leaves the CLI to the npm launcher where the official one is used", async () => {
    const home = await pulumiHome({ engine: "official" }, here.log);
    assert.equal(existsSync(join(home, "versions")), false);
    assert.equal(existsSync(join(home, plugin)), true);
    assert.notEqual(home, await pulumiHome({ engine: "built" }, here.log));
  });

  it("has the official kubernetes plugin in the place of ours where that is asked for", async () => {
    const home = await pulumiHome({ engine: "built", kubernetes: "official" }, here.log);
    assert.equal(readFileSync(join(home, plugin), "utf8"), "program");
    // Its main embeds files that lie in the module.
    assert.match(readFileSync(join(here.folder, "go.log"), "utf8"), / -overlay=\S+\/overlay\.json -o /);
    assert.notEqual(home, await pulumiHome({ engine: "built" }, here.log));
  });

  it("starts the files of the work tree in use, on the Node of its dependencies, and says which variable is not set", async () => {
    const home = await pulumiHome({ engine: "official" }, here.log);
    const root = join(here.folder, "root");
    const said = execFileSync(join(home, plugin), ["127.0.0.1:1"], { encoding: "utf8" });
    assert.equal(said, `${root}/sandbox/kubernetes-plugin/kubernetes-plugin.ts 127.0.0.1:1\n`);
    const bare = () => execFileSync(join(home, plugin), { env: {}, stdio: "pipe" });
    assert.throws(bare, /MULTI_CLIENT_ROOT: is not set/);
  });

  it("has the simulated clouds and their helper programs", async () => {
    const home = await pulumiHome({ engine: "official" }, here.log);
    const root = join(here.folder, "root");
    const cloud = "plugins/resource-azure-native-v1.2.3/pulumi-resource-azure-native";
    const said = execFileSync(join(home, cloud), ["127.0.0.1:1"], { encoding: "utf8" });
    assert.equal(said, `${root}/sandbox/cloud-plugins/cloud-plugin.ts azure-native 1.2.3 127.0.0.1:1\n`);
    const helper = execFileSync(join(home, "helpers/aws"), ["eks", "get-token"], { encoding: "utf8" });
    assert.equal(helper, `${root}/sandbox/cloud-plugins/credential-helper.ts aws eks get-token\n`);
  });

  it("is repaired where it is broken, and keeps the files of the CLI", async () => {
    const home = await pulumiHome({ engine: "built" }, here.log);
    writeFileSync(join(home, "credentials.json"), "{}");
    writeFileSync(join(home, plugin), "#!/bin/sh\nhalf");
    rmSync(join(home, cli));
    writeFileSync(join(home, cli), "cut");
    assert.equal(await pulumiHome({ engine: "built" }, here.log), home);
    assert.match(readFileSync(join(home, plugin), "utf8"), /kubernetes-plugin\.ts/);
    assert.equal(readFileSync(join(home, cli), "utf8"), "program");
    assert.equal(readFileSync(join(home, "credentials.json"), "utf8"), "{}");
  });

  it("has the same name wherever the cache is", async () => {
    const home = await pulumiHome({ engine: "built" }, here.log);
    process.env.XDG_CACHE_HOME = join(here.folder, "elsewhere");
    assert.equal(basename(await pulumiHome({ engine: "built" }, here.log)), basename(home));
  });

  it("is one for two processes that assemble it at once", async () => {
    const homes = await Promise.all([1, 2].map(() => pulumiHome({ engine: "built" }, here.log)));
    assert.equal(new Set(homes).size, 1);
    assert.equal(readFileSync(join(homes[0] ?? "", cli), "utf8"), "program");
  });
});

describe("the sandbox's versions", () => {
  const goMod = (group: string) => readFileSync(join("sandbox/build", group, "go.mod"), "utf8");

  it("are those that the go.mod files pin, and the CLI's is the SDK's", () => {
    assert.ok(goMod("pulumi").includes(`github.com/pulumi/pulumi/pkg/v3 v${pulumiVersion}`));
    assert.ok(goMod("kubernetes").includes(`k8s.io/kubernetes ${kubernetesVersion}`));
    assert.ok(goMod("etcd").includes(`go.etcd.io/etcd/server/v3 v${etcdVersion}`));
    assert.ok(goMod("kwok").includes(`sigs.k8s.io/kwok ${kwokVersion}`));
    const sdk = readFileSync("node_modules/@pulumi/pulumi/package.json", "utf8");
    assert.equal((JSON.parse(sdk) as { version: string }).version, pulumiVersion);
  });
});
