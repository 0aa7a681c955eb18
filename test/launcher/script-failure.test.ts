import assert from "node:assert/strict";
import { checkMajor } from "../../launcher/backups/drill-stack.ts";
import { scriptFailure } from "../../launcher/backups/script-failure.ts";

const place = { kubectl: "kubectl -n demo", pod: "postgres-0", stack: "demo" };
const message = (code: number, stderr: string) =>
  scriptFailure({ code, stderr, stdout: "" }, "dump", place).message;

describe("a script of the backups that fails", () => {
  it("that refuses, or finds another at work, says so and no more", () => {
    assert.equal(message(65, "refused: there is no dump x\n"), "dump: there is no dump x.");
    assert.equal(
      message(75, "another dump or restore is at work\ncommand terminated with exit code 75\n"),
      "dump: another dump or restore is at work. Try again when it is done.",
    );
  });

  it("for a password that is wrong names the commands that put it right", () => {
    const text = message(
      1,
      'failed: the database does not answer: password authentication failed for user "postgres"',
    );
    assert.match(text, /Fix: make up STACK=demo makes the Secret anew/);
  });

  it("for too little memory names the limit to raise, where a program was killed and where its container was", () => {
    const limit = /raise resources\.limits\.memory of sidecar backup-manager in services\.ts/;
    assert.match(
      message(1, "pg_restore: it was killed, because the memory of this container does not suffice"),
      limit,
    );
    assert.match(message(137, "command terminated with exit code 137"), limit);
    assert.match(message(137, ""), /the data serves as before.*kubectl -n demo describe pod postgres-0/);
  });

  it("for another reason gives its last words, and where to look", () => {
    assert.match(
      message(1, "one\ntwo"),
      /dump failed:\none\ntwo\nSee: kubectl -n demo logs postgres-0 -c backup-manager/,
    );
  });
});

describe("the dump of a drill", () => {
  const dump = (server?: number) => ({ name: "multi-1", bytes: 1, ...(server !== undefined && { server }) });

  it("is refused where the image of the program has an older major version", () => {
    assert.throws(() => {
      checkMajor("registry.test:5000/postgres:17.10-alpine@sha256:18", dump(180_001));
    }, /multi-1, is of postgres 18, and the program has postgres 17: .* Nothing was made/);
  });

  it("is taken where it is of the same or an older one, or the image does not tell", () => {
    checkMajor("postgres:17.10-alpine", dump(170_010));
    checkMajor("postgres:17.10-alpine", dump(150_018));
    checkMajor("postgres:17.10-alpine", dump());
    checkMajor("registry.test:5000/postgres@sha256:18", dump(180_001));
  });
});
