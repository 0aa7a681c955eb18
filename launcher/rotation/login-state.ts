import { derivedName } from "../../components/kubernetes/labels.ts";
import type { Services } from "../../components/service.ts";
import type { DatabaseLogin } from "../../database/login.ts";
import { services } from "../../services.ts";
import { UserError } from "../../system/errors.ts";
import type { Resource, State } from "../recovery/pending-operations.ts";

/** The key of a secret value in a state, and what stands under it. Source: sdk/go/common/resource/sig/sig.go. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The service to whose database others log in. @throws UserError where the list has none */
export function loginService(list: Services = services): { readonly key: string; readonly database: string } {
  const [found] = Object.entries(list).flatMap(([key, { login }]) =>
    login === undefined ? [] : [{ key, database: login }],
  );
  if (found === undefined)
    throw new UserError("No service of services.ts has a login: there is no password to rotate.");
  return found;
}

const isLogin = (type: string, key: string) => (resource: Resource) =>
  resource.type === type && resource.urn.endsWith(`::${derivedName.login(key)}`) && resource.delete !== true;
const isStash = (key: string) => isLogin("pulumi:index:Stash", key);

/**
 * The role that the program gives to those that log in; undefined in a state from before they had a role of their own.
 *
 * @param state with its secrets in clear.
 */
export function roleInState({ deployment }: State, key: string): string | undefined {
  const stash = deployment.resources?.find(isStash(key));
  const { plaintext } = (stash?.outputs?.output ?? {}) as { readonly plaintext?: string };
  return plaintext === undefined ? undefined : (JSON.parse(plaintext) as DatabaseLogin).user;
}

/** The name of the Secret that has the login; undefined in a state from before there was one. */
export function secretInState({ deployment }: State, key: string): string | undefined {
  const secret = deployment.resources?.find(isLogin("kubernetes:core/v1:Secret", key));
  return secret?.id?.split("/").at(-1);
}

/** A state with another login, which the engine encrypts when it takes the state in: the next update puts it into a Secret. */
export function withLogin(state: State, key: string, login: DatabaseLogin): State {
  const input = { [SIGNATURE]: SECRET, plaintext: JSON.stringify(login) };
  const resources = state.deployment.resources?.map((resource) =>
    isStash(key)(resource) ? { ...resource, inputs: { input }, outputs: { input, output: input } } : resource,
  );
  return { ...state, deployment: { ...state.deployment, ...(resources && { resources }) } };
}
