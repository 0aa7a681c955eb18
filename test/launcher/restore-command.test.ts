import assert from "node:assert/strict";
import { restore } from "../../launcher/commands/restore.ts";

describe("make restore, elsewhere than on this computer", () => {
  it("needs the name of the stack twice, and prints the whole command again", async () => {
    const env = { STACK: "prod", FROM: "latest", SAFETY: "none", BY: "administrator", CONFIRM: "prod-aks" };
    const done = restore({
      command: "restore",
      root: process.cwd(),
      env,
      write: () => undefined,
      log: () => undefined,
    });
    await assert.rejects(done, {
      message:
        "make restore replaces the data of the application, and stack prod is not on this computer. Nothing was changed.\n" +
        'Found CONFIRM="prod-aks". If you mean it: make restore STACK=prod FROM=latest SAFETY=none BY=administrator CONFIRM=prod',
    });
  });
});
