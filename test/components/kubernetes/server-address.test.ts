import assert from "node:assert/strict";
import { isPrivate } from "../../../components/kubernetes/server-address.ts";

describe("addresses of API servers", () => {
  for (const near of [
    "https://127.0.0.1:1",
    "https://localhost",
    "https://10.1.2.3",
    "https://172.31.0.1",
    "https://192.168.49.2:8443",
    "https://[::1]:1",
    "https://kube.local",
  ]) {
    it(`${near} is private`, () => {
      assert.equal(isPrivate(near), true);
    });
  }
  for (const far of [
    "https://8.8.8.8",
    "https://172.32.0.1",
    "https://10.1.2.3.example.com",
    "https://abc.eks.example.com",
    "nonsense",
  ]) {
    it(`${far} is not private`, () => {
      assert.equal(isPrivate(far), false);
    });
  }
});
