// Loaded into every Node process of a measured run (NODE_OPTIONS): notes the peak memory of the language process.
const { appendFileSync } = require("node:fs");

if (process.argv.some((argument) => argument.includes("@pulumi/pulumi/cmd/run/"))) {
  process.on("exit", () => {
    // maxRSS is in KiB on every platform: https://nodejs.org/api/process.html#processresourceusage
    appendFileSync(process.env.BENCH_PEAKS, `${process.resourceUsage().maxRSS}\n`);
  });
}
