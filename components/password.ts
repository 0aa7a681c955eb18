import { randomBytes } from "node:crypto";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import * as pulumi from "@pulumi/pulumi";
import { keptSecret } from "./kept-secret.ts";
import { derivedName, objectLabels } from "./kubernetes/labels.ts";

/** The arguments of a {@link Password}. */
export interface PasswordArgs {
  readonly namespace: pulumi.Input<string>;
  /** The key that the password has in the Secret. */
  readonly key: string;
  /** `true` has the engine refuse to delete or replace the password. */
  readonly protect: boolean;
}

/**
 * A password of a service, which is generated once, kept encrypted in the state, and given to pods by a Secret.
 *
 * The engine's own Stash resource keeps the first value it was given; the value that every later run offers is
 * ignored. A password that changed by itself would lock the server out of its own data.
 */
export class Password extends pulumi.ComponentResource {
  /** The generated name of the Secret. */
  readonly secretName: pulumi.Output<string>;
  readonly key: string;

  constructor(service: string, args: PasswordArgs, opts?: pulumi.ComponentResourceOptions) {
    const name = derivedName.password(service);
    super("multi-client:app:Password", name, {}, opts);
    // 24 bytes of the system's randomness: 192 bits, 32 characters that need no quoting anywhere.
    const first = randomBytes(24).toString("base64url");
    const password = keptSecret(name, first, { parent: this, protect: args.protect });
    const encoded = password.apply((text) => Buffer.from(text).toString("base64"));
    const secret = new Secret(
      name,
      {
        metadata: { namespace: args.namespace, labels: objectLabels(service) },
        data: { [args.key]: encoded },
      },
      // The data that it opens stays as well.
      { parent: this, retainOnDelete: true },
    );
    this.key = args.key;
    this.secretName = secret.metadata.name;
    this.registerOutputs({ key: this.key, secretName: this.secretName });
  }
}
