const { globSync } = require("node:fs");

// ONLY=path (a file or a folder), ONLY=path:title or ONLY=:title runs a part of the tests.
const [path = "", ...title] = (process.env.ONLY ?? "").split(":");
const isFile = path.endsWith(".ts");
const folders = path === "" ? ["test", "sandbox/test"] : [path];
/** Tests that wait for processes and timers come first, so that the others fill the time. */
const waits = (file) => /\/(backup|launcher|smoke|system)\//.test(file);
const files = globSync(isFile ? path : folders.map((folder) => `${folder}/**/*.test.ts`)).sort();

module.exports = {
  require: ["test/support/register.cjs"],
  reporter: "test/support/reporter.cjs",
  spec: [...files.filter(waits), ...files.filter((file) => !waits(file))],
  ...(title.length > 0 && { fgrep: title.join(":") }),
  // One more than the cores of a small computer, for the same reason. One file needs no second process.
  parallel: !isFile,
  jobs: 3,
  timeout: 20_000,
};
