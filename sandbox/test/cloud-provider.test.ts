import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { SimulatedAccount, type Fault } from "../cloud-plugins/simulated-account.ts";
import { cloudLeftovers } from "../cloud-plugins/cloud-leftovers.ts";
import { CloudProvider } from "../cloud-plugins/cloud-provider.ts";
import { UNKNOWN } from "../engine-values.ts";
import { fields, struct } from "../struct-codec.ts";
import type { Fields } from "../../system/fields.ts";

const vpc = "aws:ec2/vpc:Vpc";
const subnet = "aws:ec2/subnet:Subnet";
const key = "aws:kms/key:Key";
const role = "aws:iam/role:Role";
const logGroup = "aws:cloudwatch/logGroup:LogGroup";
const urnOf = (type: string, name = "it"): string => `urn:pulumi:prod::multi-client::parent$${type}::${name}`;

let folder = "";
let stop: AbortController;
const account = () => new SimulatedAccount(join(folder, "aws"));

/** The simulated AWS over the account of this case; a second one is a second process. */
function aws(): CloudProvider {
  const provider = new CloudProvider("aws", {
    folder: join(folder, "aws"),
    cluster: () => undefined,
    stop: stop.signal,
    api: () => {
      throw new Error("no cluster in this case");
    },
    report: () => Promise.resolve(),
  });
  const request = new messages.ConfigureRequest();
  request.getVariablesMap().set("aws:config:allowedAccountIds", '["111122223333"]');
  request.getVariablesMap().set("aws:config:region", "eu-central-1");
  provider.configure(request);
  return provider;
}

const check = (type: string, news: Fields, olds: Fields = {}) => {
  const request = new messages.CheckRequest().setUrn(urnOf(type)).setType(type).setName("it");
  const answer = aws().check(request.setNews(struct(news)).setOlds(struct(olds)));
  const failures = answer.getFailuresList().map((each) => `${each.getProperty()}: ${each.getReason()}`);
  return { inputs: fields(answer.getInputs()), failures };
};

async function create(type: string, inputs: Fields, preview = false) {
  const request = new messages.CreateRequest().setUrn(urnOf(type)).setType(type).setPreview(preview);
  const answer = await aws().create(request.setProperties(struct(inputs)));
  return { id: answer.getId(), outputs: fields(answer.getProperties()) };
}

const diff = (type: string, olds: Fields, news: Fields) => {
  const request = new messages.DiffRequest().setUrn(urnOf(type)).setType(type);
  const answer = aws().diff(request.setOldInputs(struct(olds)).setNews(struct(news)));
  return { changed: answer.getDiffsList(), replaces: answer.getReplacesList() };
};

const update = (type: string, id: string, olds: Fields, news: Fields) => {
  const request = new messages.UpdateRequest().setUrn(urnOf(type)).setType(type).setId(id);
  return aws().update(request.setOlds(struct(olds)).setNews(struct(news)));
};

const remove = (type: string, id: string) =>
  aws().delete(new messages.DeleteRequest().setUrn(urnOf(type)).setType(type).setId(id));

const network = () => create(vpc, { cidrBlock: "10.0.0.0/16" });
const inNetwork = (vpcId: string, more: Fields = {}): Fields => ({
  vpcId,
  cidrBlock: "10.0.0.0/24",
  availabilityZone: "eu-central-1a",
  ...more,
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "multi-client-clouds-"));
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  rmSync(folder, { recursive: true, force: true });
});

describe("a simulated cloud, creating a resource", () => {
  it("refuses a type without a rule, and names those with one", () => {
    assert.throws(
      () => check("aws:sqs/queue:Queue", {}),
      /does not serve aws:sqs\/queue:Queue, only: .*aws:ec2\/vpc:Vpc/,
    );
  });

  it("refuses names of buckets that S3 refuses", () => {
    const bucket = "aws:s3/bucket:Bucket";
    for (const name of ["Copies", "a.-b..c", "192.0.2.1", "xn--copies", "copies-s3alias", "ab", "-copies"])
      assert.equal(check(bucket, { bucket: name }).failures.length, 1, name);
    assert.deepEqual(check(bucket, { bucket: "multi-client-backups-0a1b2c3" }).failures, []);
  });

  it("refuses all wrong inputs at once, each by its path", () => {
    const { failures } = check(subnet, {
      cidrBlock: "10.0.0.0/8",
      mapPublicIpOnLaunch: "yes",
      colour: "red",
    });
    assert.equal(failures.length, 4, failures.join("\n"));
    assert.match(failures.join("\n"), /^colour: unknown property/m);
    assert.match(failures.join("\n"), /^vpcId: is required/m);
    assert.match(failures.join("\n"), /^cidrBlock: "10\.0\.0\.0\/8": the prefix must be from \/16 to \/28/m);
    assert.match(failures.join("\n"), /^mapPublicIpOnLaunch: "yes" is not true or false/m);
  });

  it("refuses values outside the enums, limits and patterns of the model", () => {
    assert.match(check(key, { keyUsage: "EVERYTHING" }).failures.join(), /none of SIGN_VERIFY/);
    assert.match(check(key, { deletionWindowInDays: 6 }).failures.join(), /6 is not from 7 to 30/);
    assert.match(check(vpc, { cidrBlock: "10.0.0.1/16" }).failures.join(), /no network in CIDR notation/);
    assert.deepEqual(check(key, { deletionWindowInDays: 7 }).failures, []);
  });

  it("does not judge a value that is not known yet", () => {
    assert.deepEqual(check(subnet, inNetwork(UNKNOWN)).failures, []);
  });

  it("generates a name, which an update keeps", () => {
    const { name } = check(role, { assumeRolePolicy: "{}" }).inputs;
    assert.match(String(name), /^it-[0-9a-f]{7}$/);
    assert.equal(check(role, { assumeRolePolicy: "{}" }, { name }).inputs.name, name);
    assert.equal(check(role, { assumeRolePolicy: "{}", name: "mine" }, { name }).inputs.name, "mine");
  });

  it("creates nothing in a preview, whose outputs are unknown", async () => {
    const { id, outputs } = await create(vpc, { cidrBlock: "10.0.0.0/16" }, true);
    assert.equal(id, "");
    assert.deepEqual([outputs.arn, outputs.cidrBlock], [UNKNOWN, "10.0.0.0/16"]);
    assert.deepEqual(account().all(), []);
  });

  it("creates it with defaults and outputs, in an account that another process finds", async () => {
    const { id, outputs } = await network();
    assert.match(id, /^vpc-[0-9a-f]{17}$/);
    assert.equal(outputs.arn, `arn:aws:ec2:eu-central-1:111122223333:vpc/${id}`);
    assert.equal(account().find(vpc, id)?.inputs.enableDnsSupport, true);
  });

  it("refuses a name that is in use", async () => {
    await create(logGroup, { name: "/aws/eks/shop/cluster" });
    await assert.rejects(
      create(logGroup, { name: "/aws/eks/shop/cluster" }),
      /refuses to create .* (in use|exists)/,
    );
  });
});

describe("a simulated cloud, with resources that depend on each other", () => {
  it("refuses a reference to a resource that does not exist", async () => {
    await assert.rejects(create(subnet, inNetwork("vpc-00000000000000000")), /vpcId: vpc-0+ does not exist/);
  });

  it("refuses a subnet outside of its network, and one that overlaps another", async () => {
    const { id } = await network();
    await assert.rejects(
      create(subnet, inNetwork(id, { cidrBlock: "10.1.0.0/24" })),
      /10\.1\.0\.0\/24 is not within 10\.0\.0\.0\/16/,
    );
    await create(subnet, inNetwork(id));
    await assert.rejects(
      create(subnet, inNetwork(id, { cidrBlock: "10.0.0.128/25" })),
      /conflicts with subnet-/,
    );
  });

  it("refuses to delete a resource in use, and names its users; deletes it when it is free", async () => {
    const { id } = await network();
    const { id: inner } = await create(subnet, inNetwork(id));
    await assert.rejects(remove(vpc, id), new RegExp(`${id} is in use by ${inner}`));
    await remove(subnet, inner);
    await remove(vpc, id);
    assert.deepEqual(cloudLeftovers(folder, "eks"), []);
  });

  it("deletes a resource that is gone already", async () => {
    await remove(vpc, "vpc-00000000000000000");
  });
});

describe("a simulated cloud, changing a resource", () => {
  const old = { cidrBlock: "10.0.0.0/16", tags: { owner: "a" } };

  it("tells changes in place from replacements", () => {
    assert.deepEqual(diff(vpc, old, { ...old, tags: { owner: "b" } }), { changed: ["tags"], replaces: [] });
    assert.deepEqual(diff(vpc, old, { ...old, cidrBlock: "10.1.0.0/16" }).replaces, ["cidrBlock"]);
    assert.deepEqual(diff(vpc, old, old), { changed: [], replaces: [] });
  });

  it("keeps the id and its own outputs, and takes the new inputs", async () => {
    const { id, outputs } = await network();
    const answer = await update(vpc, id, outputs, { ...old, tags: { owner: "b" } });
    assert.equal(fields(answer.getProperties()).arn, outputs.arn);
    assert.deepEqual(account().find(vpc, id)?.inputs.tags, { owner: "b" });
  });

  it("refuses to change a resource that does not exist", async () => {
    await assert.rejects(update(vpc, "vpc-0", {}, old), /refuses to update .* vpc-0 does not exist/);
  });
});

describe("a simulated cloud, with an injected fault", () => {
  const faults = (...some: Fault[]): void => {
    account();
    writeFileSync(join(folder, "aws", "faults"), JSON.stringify(some));
  };

  it("fails with the given error, as often as it should, and has created nothing", async () => {
    faults({ type: vpc, operation: "create", error: "no more networks", times: 1 });
    await assert.rejects(network(), /^Error: no more networks$/);
    assert.deepEqual(account().all(), []);
    await network();
  });

  it("creates a resource without an answer, of which an engine that is killed knows nothing", async () => {
    faults({ type: vpc, operation: "create", times: 1 });
    const asked = network();
    assert.equal(account().all().length, 1);
    stop.abort();
    await assert.rejects(asked, /abort/i);
  });
});
