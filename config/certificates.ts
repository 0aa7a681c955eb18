import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { commandText } from "../system/shell-command.ts";
import { commands, setCommand, settingKey, settingProblem, together, type Problem } from "./problems.ts";
import type { ExposureConfig } from "./schema.ts";

/** The certificate and its key under `exposure.tls`: PEM texts, as nginx reads them. */
type Tls = NonNullable<ExposureConfig["tls"]>;

const keyPath = ["exposure", "tls", "key"];
const certificatePath = ["exposure", "tls", "certificate"];
const setKey = setCommand(keyPath, "--secret < key.pem");
const setCertificate = setCommand(certificatePath, "< certificate.pem");

/** Days before the end of a certificate from which on a deployment warns. */
const WARN_DAYS = 21;

/**
 * Problems with a certificate that cannot be served at all. Nothing of the key is shown.
 *
 * @param isSecret says that the section is encrypted in the stack file.
 */
export function tlsProblems(tls: Tls, isSecret: boolean): Problem[] {
  const wrongKey = (found: string, expected: string, fix = setKey) => [
    settingProblem(keyPath, `[secret], ${found}`, expected, fix),
  ];
  if (!isSecret) return [settingProblem(keyPath, "a private key in clear text", "a secret", setKey)];
  const chain = read(() => chainOf(tls.certificate));
  if (chain?.[0] === undefined) {
    const expected = "certificates that can be read: openssl x509 -in certificate.pem -noout -text";
    return [settingProblem(certificatePath, "a PEM block that is none", expected, setCertificate)];
  }
  if (/^-----BEGIN ENCRYPTED |^Proc-Type: .*ENCRYPTED/m.test(tls.key)) {
    const decrypt = commands({
      verb: "openssl pkey",
      words: ["-in", "key.pem", "-out", "key-without-passphrase.pem"],
    });
    const set = setCommand(keyPath, "--secret < key-without-passphrase.pem");
    return wrongKey("which has a passphrase", "a key without one: nginx asks nobody", together(decrypt, set));
  }
  const key = read(() => createPrivateKey(tls.key));
  if (key === undefined)
    return wrongKey("which cannot be read", "a private key in PEM, as openssl writes it");
  const owner = chain.findIndex((each) => fits(each, key));
  if (owner === 0) return [];
  if (owner > 0) {
    const expected = "the server's own certificate first, then those that signed it";
    return wrongKey(
      `which belongs to certificate ${String(owner + 1)} of the file`,
      expected,
      setCertificate,
    );
  }
  const expected = `the private key of exposure.tls.certificate (${namesOf(chain[0])}, until ${day(chain[0].validToDate)})`;
  return wrongKey("which does not fit", expected);
}

/**
 * Warnings of a certificate that is served, and that clients refuse: not in its time, or for other names than the host.
 * Nothing stops for them, because a proxy before the client may look at neither, and a fix must go out all the same.
 */
export function tlsWarnings({ tls, host }: ExposureConfig, stack: string, now: Date): string[] {
  const certificate = tls && read(() => chainOf(tls.certificate)[0]);
  if (certificate === undefined) return [];
  const { validFromDate: from, validToDate: to } = certificate;
  const days = Math.floor((to.getTime() - now.getTime()) / 86_400_000);
  const names = namesOf(certificate);
  const faults: string[] = [];
  if (days < 0) faults.push(`ended ${day(to)}`);
  else if (days <= WARN_DAYS) faults.push(`ends ${day(to)}, in ${String(days)} days`);
  if (from > now) faults.push(`begins ${day(from)}, which is to come`);
  // As browsers do, which read no common name.
  if (host !== undefined && certificate.checkHost(host, { subject: "never" }) === undefined)
    faults.push(`does not name exposure.host, ${host}`);
  const set = setCertificate.commands.map((command) => commandText(command, stack)).join();
  return faults.map(
    (fault) => `${settingKey(certificatePath)} (${names}) ${fault}. With another one: ${set}`,
  );
}

/** The certificates of a PEM text, the server's first; text and other blocks between them count for nothing. */
function chainOf(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN ([A-Z0-9]+ )*CERTIFICATE-----[\s\S]+?-----END [A-Z0-9 ]*-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

function fits(certificate: X509Certificate, key: KeyObject): boolean {
  return read(() => certificate.checkPrivateKey(key)) ?? false;
}

/** The names that browsers read in a certificate. */
function namesOf({ subjectAltName }: X509Certificate): string {
  return subjectAltName?.replaceAll("DNS:", "") ?? "without any name that browsers read";
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

/** What node:crypto reads; undefined where it cannot: its messages would not help, and could quote the text. */
function read<T>(from: () => T): T | undefined {
  try {
    return from();
  } catch {
    return undefined;
  }
}
