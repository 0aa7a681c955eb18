import assert from "node:assert/strict";
import { directLoopback } from "../../system/proxy.ts";

const loopback = "127.0.0.1,localhost,::1";
const proxy = "http://proxy.example:3128";

describe("a proxy", () => {
  for (const name of ["https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY", "grpc_proxy"]) {
    it(`in ${name} is not asked for this computer, in both spellings`, () => {
      assert.deepEqual(directLoopback({ [name]: proxy }), { no_proxy: loopback, NO_PROXY: loopback });
    });
  }

  it("that is not set, or empty, changes nothing", () => {
    assert.deepEqual(directLoopback({ no_proxy: "example.com", https_proxy: "" }), {});
  });

  it("keeps what the user listed, and carries it over to the other spelling", () => {
    const listed = `example.com,localhost,127.0.0.1,::1`;
    assert.deepEqual(directLoopback({ https_proxy: proxy, NO_PROXY: "example.com,localhost," }), {
      no_proxy: listed,
      NO_PROXY: listed,
    });
  });

  it("keeps two spellings that differ apart, and gRPC's own list", () => {
    const env = { https_proxy: proxy, no_proxy: "a", NO_PROXY: "b", no_grpc_proxy: "c" };
    assert.deepEqual(directLoopback(env), {
      no_proxy: `a,${loopback}`,
      NO_PROXY: `b,${loopback}`,
      no_grpc_proxy: `c,${loopback}`,
    });
  });

  it("is not asked where a space hides an address from gRPC, which trims nothing", () => {
    const { no_proxy } = directLoopback({ https_proxy: proxy, no_proxy: "a, 127.0.0.1" });
    assert.equal(no_proxy, `a, 127.0.0.1,${loopback}`);
  });
});
