import assert from "node:assert/strict";
import { tlsWarnings } from "../../config/certificates.ts";
import { problemText } from "../../config/problems.ts";
import { validate } from "../../config/validate.ts";
import { services } from "../../services.ts";
import { certificate as nameless, ended, key as namelessKey, otherKey, own } from "../support/tls.ts";
import { facts, near } from "./facts.ts";

function problemsOf(certificate: string, key: string) {
  const raw = {
    cluster: near,
    exposure: { type: "ingress", host: "app.example.com", tls: { certificate, key } },
  };
  return validate(raw, services, { ...facts, secretSections: ["exposure"] }).problems;
}

/** A traditional key with a passphrase begins so. */
const legacy = `-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-256-CBC,00

${otherKey.split("\n").slice(1).join("\n")}`;
const broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const text = "Certificate:\n    Data:\n        Version: 3 (0x2)\n";
const plainKey = own.key.slice(own.key.indexOf("-----BEGIN EC PRIVATE"));

const taken: readonly (readonly [title: string, certificate: string, key: string])[] = [
  ["a key with its parameters before it", own.certificate, own.key],
  ["a key without them", own.certificate, plainKey],
  ["text before a certificate", text + own.certificate, own.key],
  ["text behind a certificate", `${own.certificate}# until 2126\n`, own.key],
  ["a chain", own.certificate + ended.certificate, own.key],
  [
    "lines that end as on Windows",
    own.certificate.replaceAll("\n", "\r\n"),
    own.key.replaceAll("\n", "\r\n"),
  ],
  ["empty lines around", `\n\n${own.certificate}\n`, `\n${own.key}\n`],
  ["a certificate that ended, with its key", ended.certificate, ended.key],
];

const refused: readonly (readonly [
  title: string,
  certificate: string,
  key: string,
  at: string,
  says: RegExp,
])[] = [
  [
    "a key of another certificate",
    own.certificate,
    otherKey,
    "key",
    /does not fit[^]*\(app\.example\.com, .*until 2126-01-01\)/,
  ],
  [
    "a chain whose first is another's",
    ended.certificate + own.certificate,
    own.key,
    "key",
    /belongs to certificate 2[^]*own certificate first/,
  ],
  [
    "a key with a passphrase",
    own.certificate,
    own.encrypted,
    "key",
    /has a passphrase[^]*openssl pkey -in key\.pem/,
  ],
  ["an older key with a passphrase", own.certificate, legacy, "key", /has a passphrase/],
  [
    "a key that is none",
    own.certificate,
    "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----",
    "key",
    /cannot be read/,
  ],
  [
    "parameters without a key",
    own.certificate,
    own.key.slice(0, own.key.indexOf("-----BEGIN EC PRIVATE")),
    "key",
    /a PEM block \(PRIVATE KEY\)/,
  ],
  [
    "a certificate in place of the key",
    own.certificate,
    own.certificate,
    "key",
    /a PEM block \(PRIVATE KEY\)/,
  ],
  ["a certificate that is none", broken, own.key, "certificate", /certificates that can be read/],
  [
    "a key beside the certificate",
    own.certificate + own.key,
    own.key,
    "certificate",
    /no private key beside it/,
  ],
  [
    "a request in place of the certificate",
    own.certificate.replaceAll("CERTIFICATE", "CERTIFICATE REQUEST"),
    own.key,
    "certificate",
    /a PEM block \(CERTIFICATE\)/,
  ],
];

describe("a certificate", () => {
  for (const [title, certificate, key] of taken)
    it(`is taken with ${title}`, () => {
      assert.deepEqual(problemsOf(certificate, key), []);
    });

  for (const [title, certificate, key, at, says] of refused)
    it(`is refused for ${title}, and nothing of a key is shown`, () => {
      const problems = problemsOf(certificate, key);
      assert.deepEqual(
        problems.map((problem) => problem.key),
        [`multi-client:exposure.tls.${at}`],
      );
      const shown = problemText("prod", problems);
      assert.match(shown, says);
      for (const line of key.split("\n").filter((each) => /^[\w+/=]{4,}$/.test(each)))
        assert.ok(!shown.includes(line));
    });

  const warningsOf = (certificate: string, host: string | undefined, now = "2026-12-03") =>
    tlsWarnings(
      { type: "ingress", ...(host && { host }), tls: { certificate, key: "" } },
      "prod",
      new Date(now),
    );
  const set =
    "pulumi config set --stack prod --path 'multi-client:exposure.tls.certificate' < certificate.pem";

  it("is warned of with its names and the day on which it ended, ends or begins", () => {
    const says = (fault: string) => [
      `multi-client:exposure.tls.certificate (app.example.com, *.apps.example.com) ${fault}. With another one: ${set}`,
    ];
    assert.deepEqual(warningsOf(own.certificate, undefined), []);
    assert.deepEqual(warningsOf(own.certificate, undefined, "2126-01-02"), says("ended 2126-01-01"));
    assert.deepEqual(
      warningsOf(own.certificate, undefined, "2125-12-20"),
      says("ends 2126-01-01, in 12 days"),
    );
    assert.deepEqual(
      warningsOf(own.certificate, undefined, "2025-12-31"),
      says("begins 2026-01-01, which is to come"),
    );
    assert.match(
      warningsOf(ended.certificate, "app.example.com").join(),
      /\(app\.example\.com\) ended 2021-01-01/,
    );
  });

  it("is warned of where it does not name the host, as browsers read it", () => {
    for (const host of ["app.example.com", "shop.apps.example.com", undefined])
      assert.deepEqual(warningsOf(own.certificate, host), [], host);
    for (const host of ["www.example.com", "apps.example.com", "a.b.apps.example.com"])
      assert.match(
        warningsOf(own.certificate, host).join(),
        new RegExp(`does not name exposure\\.host, ${host}\\.`),
      );
    // It has a common name alone, which no browser reads.
    assert.match(
      warningsOf(nameless, "multi-client.test").join(),
      /\(without any name that browsers read\) does not name/,
    );
    assert.deepEqual(problemsOf(nameless, namelessKey), []);
  });
});
