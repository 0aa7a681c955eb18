import assert from "node:assert/strict";
import { chooseBackend, shownUrl } from "../../launcher/engine/backend.ts";
import { withFiles } from "../support/files.ts";

describe("the choice of the backend", () => {
  const login = JSON.stringify({ current: "https://api.pulumi.com", accessTokens: {} });

  it("is PULUMI_BACKEND_URL before everything else", () => {
    withFiles({ "credentials.json": login }, (folder) => {
      const backend = chooseBackend({ PULUMI_BACKEND_URL: "s3://bucket", PULUMI_HOME: folder });
      assert.deepEqual(backend, { url: "s3://bucket", because: "PULUMI_BACKEND_URL", env: {} });
    });
  });

  it("is the current login, wherever its file is, and nothing is set for the CLI", () => {
    withFiles({ "credentials.json": login }, (folder) => {
      for (const env of [
        { PULUMI_HOME: folder },
        { PULUMI_HOME: "/nowhere", PULUMI_CREDENTIALS_PATH: folder },
      ]) {
        assert.deepEqual(chooseBackend(env), {
          url: "https://api.pulumi.com",
          because: "the current Pulumi login",
          env: {},
        });
      }
    });
  });

  it("counts a token in the environment, and a login that only the CLI can read, as a login", () => {
    const token = chooseBackend({ PULUMI_HOME: "/nowhere", PULUMI_ACCESS_TOKEN: "pul-1" });
    assert.equal(token.url, "https://api.pulumi.com");
    withFiles({ "credentials.json": '{"$pulumiSecureStore": 1, "backend": "keychain"}' }, (folder) => {
      const backend = chooseBackend({ PULUMI_HOME: folder });
      assert.match(backend.url, /encrypted/);
      assert.deepEqual(backend.env, {});
    });
  });

  it("is files in the state folder without a login, also after a logout, and only the CLI is told", () => {
    const wanted = {
      url: "file:///a%20b/multi-client",
      because: "no Pulumi login found",
      env: { PULUMI_BACKEND_URL: "file:///a%20b/multi-client" },
      folder: "/a b/multi-client",
    };
    withFiles({ "credentials.json": "{}" }, (folder) => {
      for (const PULUMI_HOME of ["/nowhere", folder]) {
        assert.deepEqual(chooseBackend({ PULUMI_HOME, XDG_STATE_HOME: "/a b" }), wanted);
      }
    });
  });

  it("ignores a relative XDG_STATE_HOME, as the specification asks", () => {
    const env = { HOME: "/home/me", XDG_STATE_HOME: "state" };
    assert.equal(chooseBackend(env).folder, "/home/me/.local/state/multi-client");
  });
});

describe("the URL of a backend for people", () => {
  const shown = (url: string) => shownUrl({ url, because: "", env: {} });

  it("has *** in the place of a password", () => {
    assert.equal(shown("postgres://ann:hun@ter/2@db:5432/p"), "postgres://ann:***@db:5432/p");
    assert.equal(
      shown("postgres://db/p?user=ann&password=hunter2&sslmode=require"),
      "postgres://db/p?user=ann&password=***&sslmode=require",
    );
  });

  it("is as it was set where it has none", () => {
    for (const url of [
      "file:///a:b@c",
      "s3://bucket?region=eu-central-1&awssdk=v2",
      "postgres://ann@db:5432/p",
      "https://api.pulumi.com",
      "the account in the encrypted credentials file",
    ])
      assert.equal(shown(url), url);
  });
});
