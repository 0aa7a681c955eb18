import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { newLogin, scramVerifier } from "../../database/login.ts";

describe("the verifier of a password", () => {
  // The exchange of RFC 7677, section 3, for user `user` and password `pencil`.
  const salt = "W22ZaJ0SNY7soEsUEjb6gQ==";
  const nonce = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const exchange = `n=user,r=rOprNGfwEbeRWgbNEkqO,${nonce},s=${salt},i=4096,c=biws,${nonce}`;
  const proof = Buffer.from("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "base64");
  const signature = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

  it("has the keys with which the exchange of RFC 7677 succeeds", () => {
    const verifier = scramVerifier("pencil", Buffer.from(salt, "base64"));
    const [, stored = "", server = ""] = /^SCRAM-SHA-256\$4096:[^$]+\$([^:]+):(.+)$/.exec(verifier) ?? [];
    const sign = (key: string) => createHmac("sha256", Buffer.from(key, "base64")).update(exchange).digest();
    assert.equal(sign(server).toString("base64"), signature);
    const mask = sign(stored);
    const clientKey = proof.map((byte, index) => byte ^ (mask[index] ?? 0));
    assert.equal(createHash("sha256").update(clientKey).digest("base64"), stored);
  });

  it("is the one that PostgreSQL 15 stores for the same password and salt", () => {
    assert.equal(
      scramVerifier("pencil", Buffer.from("yLaj//UXPBPA9hU99LpDqw==", "base64")),
      "SCRAM-SHA-256$4096:yLaj//UXPBPA9hU99LpDqw==$gP+zdjv23moQdlWtVv5EWb3yunzb0/qP0D/w59/eXIo=:xT1Q+ZXLcd3Puk78Lm1nTFQuzSYIdKIQm8bopAQ+93Q=",
    );
  });

  it("of a new login is that of its password, and no two are alike", () => {
    const [one, two] = [newLogin("multi_a"), newLogin("multi_a")];
    const [, made = ""] = /:([^$]+)\$/.exec(one.verifier) ?? [];
    assert.equal(one.verifier, scramVerifier(one.password, Buffer.from(made, "base64")));
    assert.match(one.password, /^[\w-]{32}$/);
    assert.notEqual(one.password, two.password);
    assert.notEqual(made, /:([^$]+)\$/.exec(two.verifier)?.[1]);
  });
});
