// Mocha loads this first: sources are transpiled, not checked, exactly as Pulumi runs them.
process.env.TS_NODE_PROJECT = "tsconfig.pulumi.json";
process.env.PULUMI_ERROR_OUTPUT_STRING = "true"; // an Output in a template string throws instead of printing
require("ts-node/register/transpile-only");
// Mocha 12 swallows rejections nobody awaits: an assertion inside `.apply` would never fail a test.
process.on("unhandledRejection", (reason) => {
  throw reason;
});
