import { CryptoKey } from "@pulumi/gcp/kms/cryptoKey.js";
import { CryptoKeyIAMMember } from "@pulumi/gcp/kms/cryptoKeyIAMMember.js";
import { KeyRing } from "@pulumi/gcp/kms/keyRing.js";
import { ServiceIdentity } from "@pulumi/gcp/projects/serviceIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import type { GkeArgs } from "./args.ts";

/** The arguments of a {@link GkeKey}; a cluster takes only keys of its own region. */
export interface GkeKeyArgs extends Pick<GkeArgs, "project" | "region" | "deletionProtection" | "labels"> {
  /** The APIs of keys and of clusters: everything here waits for them. */
  readonly apis: readonly pulumi.Resource[];
}

/** The key is rotated every 90 days. */
const ROTATION = "7776000s";

/**
 * The key that encrypts a cluster's Secrets in its database, and the right of Kubernetes Engine to use it.
 *
 * Cloud KMS never gives the name of a key ring or key free again, so neither has a fixed one: a stack that was destroyed
 * and is deployed anew makes another ring. The old one costs nothing; the versions of its key are destroyed with the
 * stack, 30 days later, and with them what they encrypted. A ring of a fixed name would have to be imported by the
 * second deployment and created by the first, and the program cannot know which one it is.
 */
export class GkeKey extends pulumi.ComponentResource {
  readonly keyId: pulumi.Output<string>;
  /** The right of Kubernetes Engine to use the key: a cluster is made after it, and deleted before. */
  readonly grant: pulumi.Resource;

  constructor(name: string, args: GkeKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("multi-client:cluster:GkeKey", name, {}, opts);
    const { project, region, labels } = args;
    const options = { parent: this, dependsOn: [...args.apis] };
    const kept = { parent: this, protect: args.deletionProtection };
    const ring = new KeyRing(name, { project, location: region }, { ...options, ...kept });
    const key = new CryptoKey(name, { keyRing: ring.id, rotationPeriod: ROTATION, labels }, kept);
    // In a new project the service agent is not there yet; its name has the project's number, which nobody has to set.
    const agent = new ServiceIdentity(name, { project, service: "container.googleapis.com" }, options);
    this.keyId = key.id;
    this.grant = new CryptoKeyIAMMember(
      name,
      {
        cryptoKeyId: key.id,
        role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        member: agent.member,
      },
      { parent: this },
    );
    this.registerOutputs({ keyId: this.keyId });
  }
}
