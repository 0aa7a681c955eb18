// ONLY=path (a file or a folder), ONLY=path:title or ONLY=:title runs a part of the tests.
const [path = "", ...title] = (process.env.ONLY ?? "").split(":");
const isFile = path.endsWith(".ts");
const all = ["test/**/*.test.ts", "sandbox/test/**/*.test.ts"];

module.exports = {
  require: ["test/support/register.cjs"],
  reporter: "test/support/reporter.cjs",
  spec: path === "" ? all : [isFile ? path : `${path.replace(/\/$/, "")}/**/*.test.ts`],
  ...(title.length > 0 && { fgrep: title.join(":") }),
  // Two processes: what one waits for, a child or a timer, the other one uses. One file needs no second process.
  parallel: !isFile,
  jobs: 2,
  timeout: 20_000,
};
