import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastLines, run } from "../../system/process.ts";

/** A certificate of the node: its subject, and the names and addresses that it is valid for. */
interface CertificateRequest {
  /** The subject as openssl writes it; the API server reads the user from CN and the groups from O. */
  readonly subject: string;
  /** The authority that signs it. */
  readonly signedBy: "ca" | "front-proxy-ca";
  /** @default none: a client's certificate */
  readonly alternativeNames?: string;
}

export const nodeName = "sandbox";
export const nodeAddress = "10.90.0.2";
const localNames = ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"];

/** The certificates of a cluster of one node, as kubeadm has them: https://kubernetes.io/docs/setup/best-practices/certificates/ */
const requests: Readonly<Record<string, CertificateRequest>> = {
  apiserver: {
    subject: "/CN=kube-apiserver",
    signedBy: "ca",
    alternativeNames: `${localNames.map((name) => `DNS:${name}`).join()},IP:127.0.0.1,IP:10.96.0.1,IP:${nodeAddress}`,
  },
  kubelet: {
    subject: `/O=system:nodes/CN=system:node:${nodeName}`,
    signedBy: "ca",
    alternativeNames: `DNS:${nodeName},IP:${nodeAddress},IP:127.0.0.1`,
  },
  admin: { subject: "/O=system:masters/CN=kubernetes-admin", signedBy: "ca" },
  "controller-manager": { subject: "/CN=system:kube-controller-manager", signedBy: "ca" },
  scheduler: { subject: "/CN=system:kube-scheduler", signedBy: "ca" },
  proxy: { subject: "/CN=system:kube-proxy", signedBy: "ca" },
  "network-policies": { subject: "/CN=network-policies", signedBy: "ca" },
  "front-proxy": { subject: "/CN=front-proxy-client", signedBy: "front-proxy-ca" },
};

/**
 * Makes the authorities, certificates and the key pair of service accounts in a folder, each unless it is there.
 *
 * @throws when openssl is missing or refuses.
 */
export async function makeCertificates(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = (name: string) => join(folder, name);
  const openssl = async (...args: readonly string[]) => {
    const { code, output } = await run("openssl", args, { cwd: folder });
    if (code !== 0) throw new Error(`openssl ${args[0] ?? ""} failed:\n${lastLines(output, 3)}`);
  };
  const key = (name: string) =>
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", `${name}.key`);
  for (const authority of ["ca", "front-proxy-ca"]) {
    if (existsSync(at(`${authority}.crt`))) continue;
    await key(authority);
    const usage = [
      "basicConstraints=critical,CA:TRUE",
      "keyUsage=critical,keyCertSign,cRLSign,digitalSignature",
    ];
    const extensions = usage.flatMap((each) => ["-addext", each]);
    const file = ["-key", `${authority}.key`, "-out", `${authority}.crt`];
    await openssl(
      "req",
      "-x509",
      "-new",
      ...file,
      "-subj",
      `/CN=sandbox-${authority}`,
      ...days,
      ...extensions,
    );
  }
  for (const [name, { subject, signedBy, alternativeNames }] of Object.entries(requests)) {
    if (existsSync(at(`${name}.crt`))) continue;
    await key(name);
    const names = alternativeNames === undefined ? "" : `subjectAltName=${alternativeNames}\n`;
    const usage = "keyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=clientAuth,serverAuth\n";
    writeFileSync(at("extensions"), usage + names);
    await openssl("req", "-new", "-key", `${name}.key`, "-subj", subject, "-out", "request");
    const signer = ["-CA", `${signedBy}.crt`, "-CAkey", `${signedBy}.key`, "-CAcreateserial", ...days];
    await openssl(
      "x509",
      "-req",
      "-in",
      "request",
      ...signer,
      "-extfile",
      "extensions",
      "-out",
      `${name}.crt`,
    );
  }
  if (!existsSync(at("service-accounts.pub"))) {
    await openssl("genrsa", "-out", "service-accounts.key", "2048");
    await openssl("rsa", "-in", "service-accounts.key", "-pubout", "-out", "service-accounts.pub");
  }
  for (const name of ["extensions", "request"]) rmSync(at(name), { force: true });
}

const days = ["-days", "3650"];
