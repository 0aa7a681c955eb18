import assert from "node:assert/strict";
import { loginService, roleInState, secretInState, withLogin } from "../../launcher/rotation/login-state.ts";
import type { State } from "../../launcher/recovery/pending-operations.ts";

const urn = (type: string, name: string) =>
  `urn:pulumi:dev::multi-client::multi-client:app:Login$${type}::${name}`;
const resource = (type: string, name: string, rest: object = {}) => ({ type, urn: urn(type, name), ...rest });
const login = (user: string) => ({ user, password: "p", verifier: "v" });
const stash = (name: string, value: unknown) =>
  resource("pulumi:index:Stash", name, {
    inputs: { input: value },
    outputs: { input: value, output: value },
  });
const state: State = {
  deployment: {
    manifest: { time: "now" },
    resources: [
      stash("postgres-password", { ciphertext: "administrator" }),
      stash("postgres-login", { plaintext: JSON.stringify(login("multi_a")) }),
      resource("kubernetes:core/v1:Secret", "postgres-login", { id: "ns/postgres-login-old", delete: true }),
      resource("kubernetes:core/v1:Secret", "postgres-login", { id: "ns/postgres-login-1a2b" }),
    ],
  },
};

describe("the login in a state", () => {
  it("is the role of its Stash, and the Secret that is not about to be deleted", () => {
    assert.equal(roleInState(state, "postgres"), "multi_a");
    assert.equal(secretInState(state, "postgres"), "postgres-login-1a2b");
  });

  it("is none where the program that was deployed had none", () => {
    const [password] = state.deployment.resources ?? [];
    const before = { deployment: { resources: password ? [password] : [] } };
    assert.equal(roleInState(before, "postgres"), undefined);
    assert.equal(secretInState(before, "postgres"), undefined);
  });

  it("is replaced as a secret, in inputs and outputs alike, and nothing else is", () => {
    const after = withLogin(state, "postgres", login("multi_b"));
    assert.equal(roleInState(after, "postgres"), "multi_b");
    const secret = {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      plaintext: JSON.stringify(login("multi_b")),
    };
    const [password, changed, ...rest] = after.deployment.resources ?? [];
    assert.deepEqual(changed?.inputs, { input: secret });
    assert.deepEqual(changed.outputs, { input: secret, output: secret });
    const [samePassword, , ...sameRest] = state.deployment.resources ?? [];
    assert.deepEqual([password, ...rest], [samePassword, ...sameRest]);
    assert.deepEqual(after.deployment.manifest, state.deployment.manifest);
  });

  it("is that of the service with a login; a list without one is told so", () => {
    assert.deepEqual(loginService(), { key: "postgres", database: "multi" });
    assert.throws(
      () => loginService({}),
      /No service of services\.ts has a login: there is no password to rotate/,
    );
  });
});
