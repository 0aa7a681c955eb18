import assert from "node:assert/strict";
import {
  addressOf,
  contains,
  overlap,
  parseCidr,
  subnets,
  zoneSubnets,
} from "../../../components/cluster/cidr.ts";

const zones = ["a", "b", "c"];

describe("cidr", () => {
  it("reads a network, and ignores the bits behind its prefix", () => {
    const network = { first: 167772160, last: 167837695, prefix: 16 };
    assert.deepEqual(parseCidr("10.0.0.0/16"), { ...network, isAligned: true });
    assert.deepEqual(parseCidr("10.0.7.9/16"), { ...network, isAligned: false });
    assert.deepEqual(parseCidr("0.0.0.0/0"), { first: 0, last: 2 ** 32 - 1, prefix: 0, isAligned: true });
  });

  it("tells networks that share an address from those side by side", () => {
    assert.equal(overlap("10.0.0.0/16", "10.0.255.255/32"), true);
    assert.equal(overlap("10.0.3.0/24", "10.0.0.0/16"), true);
    assert.equal(overlap("10.0.0.0/16", "10.1.0.0/16"), false);
    assert.equal(overlap("192.168.0.0/24", "172.16.0.0/12"), false);
  });

  it("tells a network within another from one that only overlaps it", () => {
    assert.equal(contains("10.0.0.0/16", "10.0.255.0/24"), true);
    assert.equal(contains("10.0.0.0/16", "10.0.0.0/16"), true);
    assert.equal(contains("10.0.255.0/24", "10.0.0.0/16"), false);
    assert.equal(contains("10.0.0.0/24", "10.0.0.0/16"), false);
  });

  it("counts addresses from the network's own, over the borders of octets", () => {
    assert.equal(addressOf("172.20.0.0/16", 10), "172.20.0.10");
    assert.equal(addressOf("10.0.0.0/8", 65536 + 257), "10.1.1.1");
    assert.equal(addressOf("200.0.0.0/8", 0), "200.0.0.0");
  });

  it("places subnets side by side, after those that stay free", () => {
    assert.deepEqual(subnets("10.0.0.0/16", 24, 2, 255 - 1), ["10.0.254.0/24", "10.0.255.0/24"]);
    assert.deepEqual(subnets("10.0.0.0/16", 16, 1), ["10.0.0.0/16"]);
  });

  it("refuses a subnet outside the network", () => {
    assert.throws(() => subnets("10.0.0.0/16", 24, 2, 255), /10\.1\.0\.0\/24 is not within 10\.0\.0\.0\/16/);
    assert.throws(() => subnets("10.0.0.0/24", 23, 1), /10\.0\.0\.0\/23 is not within/);
  });

  it("divides the smallest VPC into subnets that a load balancer fits in", () => {
    assert.deepEqual(zoneSubnets("10.9.16.0/20", zones), [
      { zone: "a", privateCidr: "10.9.16.0/23", publicCidr: "10.9.22.0/26" },
      { zone: "b", privateCidr: "10.9.18.0/23", publicCidr: "10.9.22.64/26" },
      { zone: "c", privateCidr: "10.9.20.0/23", publicCidr: "10.9.22.128/26" },
    ]);
  });

  for (const prefix of [16, 17, 18, 19, 20])
    it(`divides a /${String(prefix)} into six subnets that are apart, in its lower half`, () => {
      const vpc = `10.64.0.0/${String(prefix)}`;
      const found = zoneSubnets(vpc, zones).flatMap(({ privateCidr, publicCidr }) => [
        privateCidr,
        publicCidr,
      ]);
      assert.equal(found.length, 6);
      for (const [index, subnet] of found.entries()) {
        assert.ok(contains(`10.64.0.0/${String(prefix + 1)}`, subnet), subnet);
        assert.ok(parseCidr(subnet).isAligned, subnet);
        for (const other of found.slice(index + 1)) assert.ok(!overlap(subnet, other), `${subnet} ${other}`);
      }
    });
});
