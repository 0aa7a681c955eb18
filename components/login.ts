import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import * as pulumi from "@pulumi/pulumi";
import { loginRoles, newLogin, type DatabaseLogin } from "../database/login.ts";
import { keptSecret } from "./kept-secret.ts";
import { derivedName, objectLabels } from "./kubernetes/labels.ts";

/** The arguments of a {@link Login}. */
export interface LoginArgs {
  readonly namespace: pulumi.Input<string>;
  /** The database that the role logs in to. */
  readonly database: string;
  /** `true` has the engine refuse to delete or replace the login. */
  readonly protect: boolean;
}

/**
 * The role with which other services log in to a service's database, and its Secret, whose keys are those of a {@link DatabaseLogin}.
 *
 * As with a `Password`, the state keeps the first value; `make rotate-password` puts another one there. The Secret's
 * name is generated: a new login is a new Secret, which rolls those that log in, and nothing else.
 */
export class Login extends pulumi.ComponentResource {
  /** The generated name of the Secret. */
  readonly secretName: pulumi.Output<string>;
  /** The name of the role, which is no secret. */
  readonly user: pulumi.Output<string>;

  constructor(service: string, args: LoginArgs, opts?: pulumi.ComponentResourceOptions) {
    const name = derivedName.login(service);
    super("multi-client:app:Login", name, {}, opts);
    const first = newLogin(loginRoles(args.database)[0]);
    const login = keptSecret<DatabaseLogin>(name, first, { parent: this, protect: args.protect });
    this.user = pulumi.unsecret(login).apply(({ user }) => user);
    const data = login.apply((parts) =>
      Object.fromEntries(
        Object.entries(parts).map(([key, text]: [string, string]) => [
          key,
          Buffer.from(text).toString("base64"),
        ]),
      ),
    );
    const metadata = { namespace: args.namespace, labels: objectLabels(service) };
    this.secretName = new Secret(name, { metadata, data }, { parent: this }).metadata.name;
    this.registerOutputs({ secretName: this.secretName, user: this.user });
  }
}
